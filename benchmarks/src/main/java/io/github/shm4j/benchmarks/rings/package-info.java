/**
 * How fast do messages go through a ring from one process to another?
 *
 * <p>{@link io.github.shm4j.benchmarks.rings.End} is one of the processes, {@link io.github.shm4j.benchmarks.rings.Ring}
 * what lies between them. An {@link io.github.shm4j.benchmarks.rings.Outlet} is where a ring takes messages, an
 * {@link io.github.shm4j.benchmarks.rings.Inlet} where it gives them, and
 * {@link io.github.shm4j.benchmarks.rings.Check} reads each of them.
 */
package io.github.shm4j.benchmarks.rings;
