/**
 * What processes share beside messages: data in memory that each of them can reach, kept whole.
 *
 * <p>{@link io.github.shm4j.state.SharedLock} lets one thread of all processes change it at a time, and tells the next one if
 * the last one terminated while it held it:
 *
 * {@snippet class="Example09SharedLock" region="lock"}
 *
 * <p>{@link io.github.shm4j.state.LatestValue} is one record that one process writes and any number of others read, without a
 * lock and with the permission to read alone:
 *
 * {@snippet class="Example10LatestValue" region="value"}
 *
 * <p>All of it lies in any {@link java.lang.foreign.MemorySegment} that processes share, such as a mapping of a
 * {@link io.github.shm4j.SharedMemory}.
 */
package io.github.shm4j.state;
