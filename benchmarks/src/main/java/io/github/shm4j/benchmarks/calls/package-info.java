/** What do the calls cost, the kinds of arenas, and the first touch of a page? */
package io.github.shm4j.benchmarks.calls;
