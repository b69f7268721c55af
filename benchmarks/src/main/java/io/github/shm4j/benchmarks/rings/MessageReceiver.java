package io.github.shm4j.benchmarks.rings;

/** The end of a ring that gives messages. For one thread. */
@FunctionalInterface
public interface MessageReceiver extends AutoCloseable {

    /**
     * Passes messages to the {@link MessageCheck} that the receiver was made for.
     *
     * @param limit how many at most
     * @return how many, or for those that do not count messages, something greater than 0 if there were any
     */
    int poll(int limit);

    /** Sleeps in the kernel until there is a message. Only competitors that are measured asleep have it. */
    default void sleep() throws InterruptedException {
        throw new UnsupportedOperationException("nobody is measured asleep here");
    }

    @Override
    default void close() {}
}
