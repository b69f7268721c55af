package io.github.shm4j.internal;

import static io.github.shm4j.internal.posix.Posix.C_INT;
import static io.github.shm4j.internal.posix.Posix.C_LONG;
import static io.github.shm4j.internal.posix.Posix.C_POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * memmove(3) and memset(3): copies and clears large pieces of memory.
 *
 * <p>Memory that another process has just used is in the cache of another core. An ordinary store fetches such a cache line,
 * only to overwrite it. The C library uses the processor's string instructions ({@code rep movsb}, {@code rep stosb}) for
 * large pieces: the processor then knows that whole lines are overwritten and does not fetch them. The JVM's own copies are
 * vector stores.
 *
 * <p>The calls are <i>critical</i>: the thread stays in Java state, so a call costs little and may be given a heap array. In
 * return a garbage collection has to wait for the call to return. Long pieces are therefore split into several calls.
 *
 * <p>These functions do not fail, so no {@code errno} is captured.
 */
public final class MemoryCalls {

    /** The most bytes of one call: about a hundred microseconds if the memory is far. */
    private static final long LONGEST_CALL = 1 << 20;

    private static final boolean AVAILABLE = Platform.isUsable();

    private MemoryCalls() {}

    /** {@snippet lang=c : void *memmove(void *dest, const void *src, size_t n);} */
    static final class Memmove {
        static final FunctionDescriptor DESCRIPTOR =
                FunctionDescriptor.of(C_POINTER, C_POINTER, C_POINTER, C_LONG);
        private static final MethodHandle memmove = Restricted.linkCritical("memmove", DESCRIPTOR);

        private Memmove() {}

        static void load() {}
    }

    /** {@snippet lang=c : void *memset(void *s, int c, size_t n);} */
    static final class Memset {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_POINTER, C_POINTER, C_INT, C_LONG);
        private static final MethodHandle memset = Restricted.linkCritical("memset", DESCRIPTOR);

        private Memset() {}

        static void load() {}
    }

    /** Links the calls now: a class that could not be initialized, on an exhausted stack for one, is of no use for ever. */
    public static void prepare() {
        if (AVAILABLE) {
            Memmove.load();
            Memset.load();
        }
    }

    /**
     * {@return whether a segment may be given to these calls}
     *
     * <p>A segment that maps a file may not: if somebody truncates the file, an access past its new end is an
     * {@link InternalError} in Java and kills the JVM in C. No segment may on a system that the library does not support, or
     * without native access. Pages without memory are the caller's concern: see {@link Pages#requireMemory}.
     */
    public static boolean canAccess(MemorySegment segment) {
        return AVAILABLE && !segment.isMapped();
    }

    /**
     * Copies bytes, as {@link MemorySegment#copy(MemorySegment, long, MemorySegment, long, long)} does. Source and target must
     * not overlap. There must be memory behind the target: see {@link Pages#requireMemory}. This method looks for memory
     * behind the source.
     *
     * @throws InternalError if there is no memory behind the source
     * @throws IndexOutOfBoundsException if the bytes are not within the segments
     * @throws IllegalArgumentException if the target is read-only
     * @throws IllegalStateException if one of the segments is not alive
     * @throws WrongThreadException if one of the segments belongs to another thread
     */
    public static void copy(
            MemorySegment source, long sourceOffset, MemorySegment target, long targetOffset, long length) {
        for (long done = 0; done < length; done += LONGEST_CALL) {
            long part = Math.min(length - done, LONGEST_CALL);
            MemorySegment to = target.asSlice(targetOffset + done, part);
            // Two call sites: where the compiler sees one class of segment only, it need not allocate the slice.
            if (source.isNative()) {
                // A fault in C code kills the JVM.
                Pages.requireMemory(source, sourceOffset + done, part);
                memmove(to, source.asSlice(sourceOffset + done, part), part);
            } else {
                memmove(to, source.asSlice(sourceOffset + done, part), part);
            }
        }
    }

    /**
     * Fills bytes with zeros, in no particular order. A concurrent reader may see a part of a number cleared. There must be
     * memory behind the target: see {@link Pages#requireMemory}.
     *
     * @throws IndexOutOfBoundsException if the bytes are not within the segment
     * @throws IllegalArgumentException if the segment is read-only
     * @throws IllegalStateException if the segment is not alive
     * @throws WrongThreadException if the segment belongs to another thread
     */
    public static void clear(MemorySegment target, long offset, long length) {
        for (long done = 0; done < length; done += LONGEST_CALL) {
            long part = Math.min(length - done, LONGEST_CALL);
            memset(target.asSlice(offset + done, part), part);
        }
    }

    private static void memmove(MemorySegment target, MemorySegment source, long length) {
        requireWritable(target);
        try {
            // Both functions return their first argument.
            MemorySegment unused = (MemorySegment) Memmove.memmove.invokeExact(target, source, length);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    private static void memset(MemorySegment target, long length) {
        requireWritable(target);
        try {
            MemorySegment unused = (MemorySegment) Memset.memset.invokeExact(target, 0, length);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    /** A downcall does not check whether a segment is read-only. */
    private static void requireWritable(MemorySegment target) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("the segment is read-only: " + target);
        }
    }
}
