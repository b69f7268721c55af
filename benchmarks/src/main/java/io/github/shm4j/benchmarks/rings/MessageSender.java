package io.github.shm4j.benchmarks.rings;

/** The end of a ring that takes messages. For one thread. */
@FunctionalInterface
public interface MessageSender extends AutoCloseable {

    /**
     * Sends a copy of all of the {@link TestMessage} that the sender was made for.
     *
     * @return {@code false} if there is no room for it now
     */
    boolean send();

    /** Sends what was kept back to be sent together. */
    default void flush() {}

    @Override
    default void close() {}
}
