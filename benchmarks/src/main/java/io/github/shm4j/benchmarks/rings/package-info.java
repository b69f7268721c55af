/**
 * How fast do messages go through a ring from one process to another?
 *
 * <p>{@link io.github.shm4j.benchmarks.rings.RingProcess} is one of the processes, {@link io.github.shm4j.benchmarks.rings.Ring}
 * what lies between them. An {@link io.github.shm4j.benchmarks.rings.MessageSender} is where a ring takes messages, an
 * {@link io.github.shm4j.benchmarks.rings.MessageReceiver} where it gives them, and
 * {@link io.github.shm4j.benchmarks.rings.MessageCheck} reads each of them.
 */
package io.github.shm4j.benchmarks.rings;
