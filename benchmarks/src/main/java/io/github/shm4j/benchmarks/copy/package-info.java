/** How long does one process take to store bytes where another one can find them, and to fetch them back? */
package io.github.shm4j.benchmarks.copy;
