/**
 * System V shared memory: blocks of memory that several processes of one machine map at the same time.
 *
 * <p>{@link io.github.shm4j.SharedMemory} creates, opens, maps, inspects and removes a block; a
 * {@link io.github.shm4j.ShmKey} is how processes find it. What has been mapped is a
 * {@link java.lang.foreign.MemorySegment}, read and written without copies and without native calls.
 *
 * <p>Two words that look alike: C calls the kernel's object a shared memory <i>segment</i>, and Java calls a region of
 * memory that a program can access a <i>memory segment</i>. In this package the former is a <b>block</b>, represented by
 * {@code SharedMemory}, and the latter is a <b>segment</b>, a mapping of it.
 *
 * <p>The methods are the calls of {@code shmget(2)}, {@code shmat(2)}, {@code shmdt(2)}, {@code shmctl(2)} and
 * {@code ftok(3)}. Not offered are fixed addresses, {@code SHM_REMAP} and {@code SHM_EXEC}, with which a program could
 * overwrite its own mappings or run what another process wrote.
 */
package io.github.shm4j;
