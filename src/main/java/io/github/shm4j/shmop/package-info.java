/**
 * Shared memory with the functions of PHP's shmop extension.
 *
 * <p>{@link io.github.shm4j.shmop.Shmop} reads and writes byte arrays at offsets of a block, and opens blocks with the
 * modes that PHP programs use, so that the two languages can share one.
 */
package io.github.shm4j.shmop;
