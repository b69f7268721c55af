/**
 * Carries the messages of a ring to a ring of another machine, over Aeron.
 *
 * <p>{@link io.github.shm4j.aeron.RelaySender} is the consumer of the source ring, and
 * {@link io.github.shm4j.aeron.RelayReceiver} the producer of the destination ring. Each message comes there exactly once, in
 * order. Both have a {@code poll()} for a loop of one's own; {@link io.github.shm4j.aeron.Relay} is a program of it.
 */
package io.github.shm4j.aeron;
