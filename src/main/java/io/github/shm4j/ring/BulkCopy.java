package io.github.shm4j.ring;

import io.github.shm4j.internal.MemoryCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Copies and clears the bytes of records, by the JVM or by the C library, whichever is faster. */
final class BulkCopy {

    /**
     * From this length on, the C library copies faster into memory that is in the cache of another core. What is shorter is
     * best copied by the JVM into lines that the consumer has cleared.
     */
    static final int LARGE = 16 << 10;

    /** From this length on, the C library clears faster. */
    static final int LARGE_CLEARING = 2 << 10;

    private static final MemorySegment ZEROS = Arena.global().allocate(4096, 64);

    private BulkCopy() {}

    /** Initializes this class and links what it calls, where there is stack for it. */
    static void prepare() {
        MemoryCalls.prepare();
    }

    /** Copies a message into a ring. */
    static void copy(MemorySegment source, long offset, MemorySegment memory, long begin, long length) {
        if (length >= LARGE && MemoryCalls.canAccess(source) && MemoryCalls.canAccess(memory)) {
            MemoryCalls.copy(source, offset, memory, begin, length);
        } else {
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, memory, ValueLayout.JAVA_BYTE, begin, length);
        }
    }

    /** Copies a message out of a ring in which it may be cleared meanwhile. */
    static void copyOut(MemorySegment memory, long begin, MemorySegment target, long length) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, begin, target, ValueLayout.JAVA_BYTE, 0, length);
    }

    /** Clears bytes of a ring, a multiple of eight, behind all that was stored before. */
    static void clear(MemorySegment memory, long begin, long length) {
        if (length >= LARGE_CLEARING && MemoryCalls.canAccess(memory)) {
            // The C library's stores may bypass the cache, and then only a full fence keeps them behind earlier ones.
            VarHandle.fullFence();
            MemoryCalls.clear(memory, begin, length);
        } else {
            copyZeros(memory, begin, length);
        }
    }

    /** Copying zeros from the nearest cache is twice as fast as filling: the JVM copies in the widest registers there are. */
    private static void copyZeros(MemorySegment memory, long begin, long length) {
        for (long done = 0; done < length; done += ZEROS.byteSize()) {
            long part = Math.min(length - done, ZEROS.byteSize());
            MemorySegment.copy(ZEROS, ValueLayout.JAVA_LONG, 0, memory, ValueLayout.JAVA_LONG, begin + done, part / 8);
        }
    }
}
