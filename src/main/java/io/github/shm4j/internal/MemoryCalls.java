package io.github.shm4j.internal;

import static io.github.shm4j.internal.posix.Posix.C_INT;
import static io.github.shm4j.internal.posix.Posix.C_LONG;
import static io.github.shm4j.internal.posix.Posix.C_POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Copying and clearing large pieces of memory with the C library's memmove(3) and memset(3).
 *
 * <p>Memory that another process has just used is in the cache of another core. An ordinary store fetches such a cache line
 * first, only to overwrite it. The C library has the processor move or fill large pieces in one go ({@code rep movsb},
 * {@code rep stosb}), which spares the fetch where the processor knows that whole lines are overwritten. The JVM does it with
 * vectors.
 *
 * <p>The calls are <i>critical</i>: the JVM makes them like calls of its own code, without preparing for a garbage collection
 * meanwhile. So they cost little, and can be given heap arrays; and they must be short, because threads that want a
 * collection have to wait for their end. Longer pieces are therefore done in several calls.
 *
 * <p>There is no {@code errno} to capture, as these functions do not fail.
 */
public final class MemoryCalls {

    /** How much one call does, for about a hundred microseconds if the memory is far. */
    private static final long LONGEST_CALL = 1 << 20;

    private static final boolean AVAILABLE = Platform.isUsable();

    private MemoryCalls() {}

    /** {@snippet lang=c : void *memmove(void *dest, const void *src, size_t n);} */
    static final class Memmove {
        static final FunctionDescriptor DESCRIPTOR =
                FunctionDescriptor.of(C_POINTER, C_POINTER, C_POINTER, C_LONG);
        private static final MethodHandle memmove = Restricted.linkCritical("memmove", DESCRIPTOR);

        private Memmove() {}
    }

    /** {@snippet lang=c : void *memset(void *s, int c, size_t n);} */
    static final class Memset {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_POINTER, C_POINTER, C_INT, C_LONG);
        private static final MethodHandle memset = Restricted.linkCritical("memset", DESCRIPTOR);

        private Memset() {}
    }

    /**
     * {@return whether a segment may be given to these calls}
     *
     * <p>Where there may be no memory behind a segment, that has to be found out first. One that maps a file may not be given: if somebody truncates the file, an access behind its new end is an
     * {@link InternalError} in Java, and the end of the JVM in C. Elsewhere than on the systems that the library supports, or
     * without native access, none may.
     */
    public static boolean canAccess(MemorySegment segment) {
        return AVAILABLE && !segment.isMapped();
    }

    /**
     * Copies bytes, as {@link MemorySegment#copy(MemorySegment, long, MemorySegment, long, long)} does. Source and target must
     * not overlap. There must be memory behind the target: see {@link Pages#requireMemory}.
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
            // One call for each kind of source: where the compiler sees but one class, it need not allocate the slice.
            if (source.isNative()) {
                // In C a fault is the end of the JVM.
                Pages.requireMemory(source, sourceOffset + done, part);
                memmove(to, source.asSlice(sourceOffset + done, part), part);
            } else {
                memmove(to, source.asSlice(sourceOffset + done, part), part);
            }
        }
    }

    /**
     * Fills bytes with zeros. Whoever looks at them meanwhile may see any of them changed already, also halves of numbers.
     * There must be memory behind the target: see {@link Pages#requireMemory}.
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

    /** The JVM does not ask. */
    private static void requireWritable(MemorySegment target) {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("the segment is read-only: " + target);
        }
    }
}
