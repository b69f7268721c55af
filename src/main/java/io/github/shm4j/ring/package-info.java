/**
 * Messages between processes through one block of memory, without copies, locks or system calls:
 *
 * {@snippet class="Example08Ring" region="ring"}
 *
 * <p>{@link io.github.shm4j.ring.SpscRingBuffer} connects one producer with one consumer,
 * {@link io.github.shm4j.ring.MpscRingBuffer} many producers with one. What they have in common is said in
 * {@link io.github.shm4j.ring.RingBuffer}.
 */
package io.github.shm4j.ring;
