package io.github.shm4j.cli;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Bytes to write into a block, of which the number is known before the first one is written.
 *
 * <p>A pipe does not tell how much will come, so what it brings is kept: in memory, or in a temporary file if it is much.
 */
final class Source implements AutoCloseable {

    private static final int CHUNK = 1 << 16;
    private static final int MOST_IN_MEMORY = 16 << 20;

    private final ReadableByteChannel channel;
    private final long length;
    private final boolean complete;

    private Source(ReadableByteChannel channel, long length, boolean complete) {
        this.channel = channel;
        this.length = length;
        this.complete = complete;
    }

    static Source of(byte[] bytes) {
        return new Source(Channels.newChannel(new ByteArrayInputStream(bytes)), bytes.length, true);
    }

    /**
     * Opens a file.
     *
     * @param room how many bytes are of interest
     */
    static Source of(Path file, long room) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": is a directory");
        }
        FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
        return Files.isRegularFile(file) ? new Source(opened, opened.size(), true)
                : keep(Channels.newInputStream(opened), room);
    }

    static Source standardInput(long room) throws IOException {
        FileInputStream in = new FileInputStream(FileDescriptor.in);
        if (Files.isRegularFile(Path.of("/proc/self/fd/0"))) {
            FileChannel redirected = in.getChannel();
            return new Source(redirected, Math.max(0, redirected.size() - redirected.position()), true);
        }
        return keep(in, room);
    }

    /** Reads all there is, but no more than one byte beyond the room: then it is too much, however much it is. */
    private static Source keep(InputStream in, long room) throws IOException {
        long wanted = room == Long.MAX_VALUE ? room : room + 1;
        byte[] first = in.readNBytes((int) Math.min(wanted, MOST_IN_MEMORY));
        if (first.length < MOST_IN_MEMORY || first.length == wanted) {
            return new Source(
                    Channels.newChannel(new ByteArrayInputStream(first)), first.length, first.length < wanted);
        }
        Path file = Files.createTempFile("shm4j", ".input");
        FileChannel kept = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            OutputStream out = Channels.newOutputStream(kept);
            out.write(first);
            long length = first.length;
            byte[] chunk = new byte[CHUNK];
            int count;
            while (length < wanted && (count = in.read(chunk, 0, (int) Math.min(CHUNK, wanted - length))) >= 0) {
                out.write(chunk, 0, count);
                length += count;
            }
            kept.position(0);
            return new Source(kept, length, length < wanted);
        } catch (IOException failed) {
            kept.close();
            throw failed;
        }
    }

    /** {@return how many bytes there are; more than the room if there is too much} */
    long length() {
        return length;
    }

    /** {@return whether {@link #length()} counts all bytes} */
    boolean isComplete() {
        return complete;
    }

    /** Copies all bytes into the beginning of a segment. */
    void copyTo(MemorySegment target) throws IOException {
        byte[] chunk = new byte[CHUNK];
        ByteBuffer buffer = ByteBuffer.wrap(chunk);
        try (Progress progress = new Progress("written", length)) {
            for (long at = 0; at < length;) {
                buffer.clear().limit((int) Math.min(CHUNK, length - at));
                int count = channel.read(buffer);
                if (count < 0) {
                    throw new EOFException("the file became shorter while it was read: " + at + " of " + length
                            + " bytes are written");
                }
                MemorySegment.copy(chunk, 0, target, ValueLayout.JAVA_BYTE, at, count);
                at += count;
                progress.reach(at);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
