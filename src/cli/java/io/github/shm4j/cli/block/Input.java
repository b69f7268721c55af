package io.github.shm4j.cli.block;

import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.terminal.Progress;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.cli.terminal.StandardStreams;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Bytes to write into a block. Whether they fit is known before the first one is written.
 *
 * <p>Only reading tells how many there are. A pipe has no size. The file system states a wrong one for the files of
 * {@code /proc} and {@code /sys}, and for any file that another process is writing. So the input is read and kept first, in
 * memory, or in a temporary file if it is large. A large regular file is not kept: one read at the end of the room tells
 * whether it fits.
 */
public final class Input implements AutoCloseable {

    private static final int CHUNK = 1 << 16;
    private static final int MOST_IN_MEMORY = 16 << 20;
    private static final long POLL_NANOS = 10_000_000;

    /** The beginning: most inputs have no more. */
    private final byte[] first;

    /** What follows the beginning, or {@code null}. */
    private final FileChannel rest;

    private final String name;
    private final long length;
    private final boolean counted;

    private Input(byte[] first, FileChannel rest, String name, long length, boolean counted) {
        this.first = first;
        this.rest = rest;
        this.name = name;
        this.length = length;
        this.counted = counted;
    }

    static Input of(byte[] bytes) {
        return new Input(bytes, null, "the text", bytes.length, true);
    }

    /**
     * Opens a file.
     *
     * @param room the number of bytes that fit
     */
    static Input of(Path file, long room) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + ": is a directory");
        }
        return read(FileChannel.open(file, StandardOpenOption.READ), file.toString(), Files.isRegularFile(file), room);
    }

    @SuppressWarnings("resource") // Standard input belongs to the process.
    static Input standardInput(long room) throws IOException {
        return read(
                StandardStreams.inputFile().getChannel(),
                "standard input",
                Files.isRegularFile(Path.of("/proc/self/fd/0")),
                room);
    }

    /** Reads all, but at most one byte more than fits: that byte shows that it is too much. */
    private static Input read(FileChannel in, String name, boolean regular, long room) throws IOException {
        long wanted = room == Long.MAX_VALUE ? room : room + 1;
        try {
            byte[] first = readFirst(in, name, (int) Math.min(wanted, MOST_IN_MEMORY));
            if (first.length == wanted || first.length < MOST_IN_MEMORY) {
                in.close();
                return new Input(first, null, name, first.length, first.length < wanted);
            }
            return regular ? large(in, name, first, wanted) : keep(in, name, first, wanted);
        } catch (IOException failed) {
            in.close();
            throw failed;
        }
    }

    private static byte[] readFirst(FileChannel in, String name, int most) throws IOException {
        byte[] bytes = new byte[Math.min(most, CHUNK)];
        int filled = 0;
        while (true) {
            int count = read(in, name, ByteBuffer.wrap(bytes, filled, bytes.length - filled));
            if (count < 0) {
                return Arrays.copyOf(bytes, filled);
            }
            filled += count;
            if (filled == most) {
                return bytes;
            }
            if (filled == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(most, 2 * filled));
            }
        }
    }

    private static int read(FileChannel in, String name, ByteBuffer target) throws IOException {
        try {
            int count = in.read(target);
            while (count == 0) {
                // Another process has made standard input non-blocking.
                LockSupport.parkNanos(POLL_NANOS);
                count = in.read(target);
            }
            return count;
        } catch (IOException failed) {
            throw new IOException("cannot read " + name + ": " + failed.getMessage(), failed);
        }
    }

    private static Input large(FileChannel in, String name, byte[] first, long wanted) throws IOException {
        long begin = in.position() - first.length;
        long size = in.size() - begin;
        boolean tooMuch = wanted <= Long.MAX_VALUE - begin && in.read(ByteBuffer.allocate(1), begin + wanted - 1) > 0;
        return tooMuch
                ? new Input(first, in, name, Math.max(size, wanted), size >= wanted)
                : new Input(first, in, name, Math.max(size, first.length), true);
    }

    private static Input keep(FileChannel in, String name, byte[] first, long wanted) throws IOException {
        FileChannel kept = null;
        try {
            kept = temporary();
            long length = first.length;
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            while (length < wanted
                    && read(in, name, chunk.clear().limit((int) Math.min(CHUNK, wanted - length))) >= 0) {
                chunk.flip();
                length += chunk.remaining();
                keep(chunk, kept);
            }
            in.close();
            kept.position(0);
            return new Input(first, kept, name, length, length < wanted);
        } catch (IOException failed) {
            if (kept != null) {
                kept.close();
            }
            throw failed;
        }
    }

    private static void keep(ByteBuffer chunk, FileChannel kept) throws IOException {
        try {
            while (chunk.hasRemaining()) {
                kept.write(chunk);
            }
        } catch (IOException failed) {
            throw cannotKeep(failed);
        }
    }

    private static FileChannel temporary() throws IOException {
        try {
            return FileChannel.open(
                    Files.createTempFile("shm4j", ".input"),
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException failed) {
            throw cannotKeep(failed);
        }
    }

    private static IOException cannotKeep(IOException failed) {
        return new IOException(
                "cannot keep the input in " + System.getProperty("java.io.tmpdir") + " until all of it is there ("
                        + Failure.message(failed) + "); nothing is written",
                failed);
    }

    /** {@return the number of bytes; a number above the room if they do not fit} */
    long length() {
        return length;
    }

    /** {@return whether {@link #length()} is the exact number, and not just any number above the room} */
    boolean isCounted() {
        return counted;
    }

    /** Copies all bytes to the beginning of the room. */
    void copyTo(MemorySegment room) throws IOException {
        MemorySegment.copy(first, 0, room, ValueLayout.JAVA_BYTE, 0, first.length);
        if (rest == null) {
            return;
        }
        byte[] chunk = new byte[CHUNK];
        long at = first.length;
        try (Progress progress = new Progress("written", length)) {
            int count;
            while ((count = read(rest, name, ByteBuffer.wrap(chunk))) >= 0) {
                if (count > room.byteSize() - at) {
                    throw changed("longer than the room for it", at);
                }
                MemorySegment.copy(chunk, 0, room, ValueLayout.JAVA_BYTE, at, count);
                at += count;
                progress.reach(at);
            }
        }
        if (at < length && rest.size() < rest.position() - at + length) {
            throw changed("shorter", at);
        }
    }

    private IOException changed(String how, long written) {
        return new IOException(
                name + " became " + how + " while it was read: " + Sizes.inBytes(written) + " of it "
                        + (written == 1 ? "is" : "are") + " written");
    }

    @Override
    public void close() throws IOException {
        if (rest != null) {
            rest.close();
        }
    }
}
