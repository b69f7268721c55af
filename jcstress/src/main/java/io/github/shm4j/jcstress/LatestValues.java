package io.github.shm4j.jcstress;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Latest values for the states of the tests, with as few buffers as there can be, all in one block that is mapped twice.
 *
 * <p>A value's memory is used again after so many others that the state which had it before is long gone.
 */
final class LatestValues {

    private static final int SIZE = 40;
    private static final int BUFFERS = 4;
    private static final long VALUE_SIZE = 256 + BUFFERS * 128;
    private static final int VALUES = 1 << 16;

    private static final MemorySegment ONE;
    private static final MemorySegment OTHER;
    private static final AtomicLong NEXT = new AtomicLong();
    private static final MemorySegment HEADER = Arena.global().allocate(LatestValue.sizeFor(SIZE), 8);

    static {
        try {
            SharedMemory block = SharedMemory.createPrivate(VALUE_SIZE * VALUES);
            ONE = block.attach(AttachMode.READ_WRITE, Arena.global());
            OTHER = block.attach(AttachMode.READ_WRITE, Arena.global(), AttachOption.REMOVE_ON_LAST_DETACH);
        } catch (ShmException failed) {
            throw new ExceptionInInitializerError(failed);
        }
        LatestValue.create(HEADER, SIZE);
    }

    private final LatestValueWriter writer;
    private final LatestValue readable;
    private final byte[] source = new byte[SIZE];
    private final byte[] target = new byte[SIZE];
    private final MemorySegment record = MemorySegment.ofArray(source);
    private final MemorySegment copy = MemorySegment.ofArray(target);

    /** Makes a value, as the documented layout says: with fewer buffers than the library makes for such short records. */
    LatestValues(int written) {
        long number = NEXT.getAndIncrement();
        long begin = number % VALUES * VALUE_SIZE;
        MemorySegment memory = ONE.asSlice(begin, VALUE_SIZE);
        memory.fill((byte) 0);
        MemorySegment.copy(HEADER, 0, memory, 0, 128);
        memory.set(ValueLayout.JAVA_INT, 12, BUFFERS);
        writer = LatestValue.open(memory).writer();
        readable = LatestValue.open((number % 2 == 0 ? ONE : OTHER).asSlice(begin, VALUE_SIZE).asReadOnly());
        for (int version = 1; version <= written; version++) {
            write(version);
        }
    }

    /** Writes the record of a version, each byte of which is the version. */
    void write(int version) {
        Arrays.fill(source, (byte) version);
        if (writer.write(record) != version) {
            throw new AssertionError("somebody else writes, too");
        }
    }

    /** Returns the version of the record that is read, or -1 if it is torn. */
    int read() {
        int version = (int) readable.read(copy);
        for (byte each : target) {
            if (version != 0 && each != version) {
                return -1;
            }
        }
        return version;
    }
}
