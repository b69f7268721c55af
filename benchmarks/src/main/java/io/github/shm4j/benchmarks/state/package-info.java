/**
 * State that processes share: a {@link io.github.shm4j.state.LatestValue} beside a plain copy, and a
 * {@link io.github.shm4j.state.SharedLock} beside the lock of a file and C's robust mutex.
 *
 * <p>{@link io.github.shm4j.benchmarks.state.LockProcess} is one of two processes that compete for a lock, {@link
 * io.github.shm4j.benchmarks.state.ContendedLock} runs both.
 */
package io.github.shm4j.benchmarks.state;
