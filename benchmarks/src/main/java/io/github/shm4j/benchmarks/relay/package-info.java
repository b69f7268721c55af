/**
 * Messages from a process to another one over the network: through a relay of rings, and through Aeron without one.
 *
 * <p>{@link io.github.shm4j.benchmarks.relay.RelayProcess} is one of two processes; it has everything in one thread, its media
 * driver too.
 */
package io.github.shm4j.benchmarks.relay;
