package io.github.shm4j.benchmarks.crossing;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A stream of bytes through the kernel, with blocking reads and writes: a socket or two named pipes. */
final class StreamLink implements Link {

    private final ReadableByteChannel in;
    private final WritableByteChannel out;

    StreamLink(ReadableByteChannel in, WritableByteChannel out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public void send(byte[] message) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(message);
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }

    @Override
    public void receive(byte[] message) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(message);
        while (buffer.hasRemaining()) {
            if (in.read(buffer) < 0) {
                throw new EOFException("the other side has closed the connection");
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
        out.close();
    }
}
