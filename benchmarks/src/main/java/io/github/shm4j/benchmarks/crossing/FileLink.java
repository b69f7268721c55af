package io.github.shm4j.benchmarks.crossing;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A slot in a file, with the layout of {@link BlockLink}, read and written at explicit positions.
 *
 * <p>The word needs a write of its own, after the message's: a reader may otherwise see the new word and the old message.
 * Nothing is forced to the disk.
 */
final class FileLink implements Link {

    private final FileChannel channel;
    private final ByteBuffer word = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
    private long turn;

    FileLink(Path file) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public void send(byte[] message) throws IOException {
        write(ByteBuffer.wrap(message), BlockLink.PAYLOAD);
        confirm();
    }

    @Override
    public void receive(byte[] message) throws IOException {
        awaitConfirmation();
        read(ByteBuffer.wrap(message), BlockLink.PAYLOAD);
    }

    @Override
    public void confirm() throws IOException {
        word.putLong(0, ++turn).clear();
        write(word, 0);
    }

    @Override
    public void awaitConfirmation() throws IOException {
        long expected = ++turn;
        do {
            word.clear();
            read(word, 0);
        } while (word.getLong(0) != expected);
    }

    private void write(ByteBuffer buffer, long position) throws IOException {
        for (long at = position; buffer.hasRemaining();) {
            at += channel.write(buffer, at);
        }
    }

    private void read(ByteBuffer buffer, long position) throws IOException {
        for (long at = position; buffer.hasRemaining();) {
            int count = channel.read(buffer, at);
            if (count < 0) {
                throw new EOFException("the file ends at " + at);
            }
            at += count;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
