/** Writes docs/benchmarks.md and its charts from what was measured. */
package io.github.shm4j.benchmarks.report;
