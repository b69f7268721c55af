package io.github.shm4j.benchmarks.rings;

/** The end of a ring that gives messages. For one thread. */
@FunctionalInterface
interface MessageReceiver extends AutoCloseable {

    /**
     * Passes messages to the {@link MessageCheck} that the receiver was made for.
     *
     * @param limit how many at most
     * @return how many, or for those that do not count messages, something greater than 0 if there were any
     */
    int poll(int limit);

    @Override
    default void close() {}
}
