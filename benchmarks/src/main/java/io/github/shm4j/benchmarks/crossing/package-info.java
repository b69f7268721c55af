/**
 * How fast do messages cross from one process to another?
 *
 * <p>{@link io.github.shm4j.benchmarks.crossing.CrossingProcess} is one of the two processes, {@link
 * io.github.shm4j.benchmarks.crossing.Conversation} starts both and watches them, a {@link
 * io.github.shm4j.benchmarks.crossing.Link} is what lies between them. Whoever else measures between two processes runs and
 * judges them by the same classes.
 */
package io.github.shm4j.benchmarks.crossing;
