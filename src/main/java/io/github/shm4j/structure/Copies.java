package io.github.shm4j.structure;

import io.github.shm4j.internal.MemoryCalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Copies bytes into shared memory and out of it.
 *
 * <p>A ring has copies of its own, without the fence: nothing that it stores before the bytes of a message has to be seen
 * before them.
 */
public final class Copies {

    /** From this length on, the C library copies faster into memory that is in the cache of another core. */
    private static final int LARGE = 16 << 10;

    private Copies() {}

    /** Initializes this class and links what it calls, where there is stack for it. */
    public static void prepare() {
        MemoryCalls.prepare();
    }

    /** Copies bytes into memory that is known to be there, behind all that was stored before. */
    public static void copy(MemorySegment source, long offset, MemorySegment memory, long begin, long length) {
        if (length >= LARGE && MemoryCalls.canAccess(source) && MemoryCalls.canAccess(memory)) {
            // The C library's stores may bypass the cache, and then only a full fence keeps them behind earlier ones.
            VarHandle.fullFence();
            MemoryCalls.copy(source, offset, memory, begin, length);
        } else {
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, memory, ValueLayout.JAVA_BYTE, begin, length);
        }
    }

    /** Copies bytes out of memory that may be overwritten meanwhile. */
    public static void copyOut(MemorySegment memory, long begin, MemorySegment target, long length) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, begin, target, ValueLayout.JAVA_BYTE, 0, length);
    }
}
