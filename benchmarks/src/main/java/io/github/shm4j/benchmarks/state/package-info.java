/** The newest record instead of all messages: a {@link io.github.shm4j.state.LatestValue} beside a plain copy. */
package io.github.shm4j.benchmarks.state;
