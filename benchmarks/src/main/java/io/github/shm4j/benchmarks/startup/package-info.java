/** How long does a new process need to its first byte? */
package io.github.shm4j.benchmarks.startup;
