package io.github.shm4j.benchmarks.crossing;

import java.io.IOException;

/**
 * One end of a connection between two processes, over which messages of one fixed size go.
 *
 * <p>A sender hands over an array and the receiver gets the same bytes in an array of its own: what every link does is
 * the same work. There are two kinds. A <em>slot</em> holds one message, and the two sides take turns; a <em>stream</em>
 * is buffered by the kernel, and a sender can be ahead of its receiver. Measured as a round trip they do the same; in one
 * direction a slot waits for each message to be fetched, while a stream does not.
 */
interface Link extends AutoCloseable {

    /** Sends a message. */
    void send(byte[] message) throws IOException;

    /** Waits for the next message and copies it. */
    void receive(byte[] message) throws IOException;

    /** Lets the sender of the message received last send another one; without effect for a stream. */
    default void confirm() throws IOException {}

    /** Waits until the message sent last has been confirmed; without effect for a stream. */
    default void awaitConfirmation() throws IOException {}

    @Override
    default void close() throws IOException {}
}
