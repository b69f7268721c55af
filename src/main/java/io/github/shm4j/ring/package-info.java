/**
 * Messages between processes through one block of memory, without copies, locks or system calls:
 *
 * {@snippet class="Example08Ring" region="ring"}
 *
 * <p>{@link io.github.shm4j.ring.SpscRingBuffer} connects one producer with one consumer,
 * {@link io.github.shm4j.ring.MpscRingBuffer} many producers with one. What they have in common is said in
 * {@link io.github.shm4j.ring.RingBuffer}.
 *
 * <p>{@link io.github.shm4j.ring.RingSinkChannel} and {@link io.github.shm4j.ring.RingSourceChannel} carry a stream of bytes
 * through a ring. {@link io.github.shm4j.ring.RingPair} is two rings, for requests and their replies.
 */
package io.github.shm4j.ring;
