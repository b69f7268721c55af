/** Runs the questions, beside each other and in rounds, and keeps what they measured. */
package io.github.shm4j.benchmarks.suite;
