package io.github.shm4j.internal;

import io.github.shm4j.internal.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Asks the kernel to put memory behind a mapping, or to take it away. */
public final class Pages {

    private static final long SMALLEST_PAGE = 4096;

    private Pages() {}

    /** {@return the size of an ordinary page in bytes} */
    public static long size() {
        Platform.require();
        return Posix.getpagesize();
    }

    /**
     * Backs every page of a mapping, without changing its contents.
     *
     * @return 0, or a negated {@code errno}: {@code ENOMEM} or {@code EFAULT} if there is not enough memory
     */
    public static int touch(long address, long size, boolean readOnly) {
        int advice = readOnly ? Posix.MADV_POPULATE_READ() : Posix.MADV_POPULATE_WRITE();
        int result = ShmCalls.madvise(address, size, advice);
        // Kernels before 5.14 do not know the advice.
        return -result == Errno.EINVAL.number() ? read(address, size) : result;
    }

    /**
     * Takes the memory behind a writable mapping away, for all processes: what was written reads as zeros, to the end of
     * the last page.
     *
     * @return 0, or a negated {@code errno} if the kernel cannot do this for the mapping
     */
    public static int remove(long address, long size) {
        return ShmCalls.madvise(address, size, Posix.MADV_REMOVE());
    }

    /** Reads from each page. A page without memory raises SIGBUS, which the JVM turns into an InternalError. */
    static int read(long address, long size) {
        try {
            MemorySegment mapped = Restricted.view(address, size);
            for (long offset = 0; offset < size; offset += SMALLEST_PAGE) {
                readByte(mapped, offset);
            }
            return 0;
        } catch (InternalError noMemory) {
            return -Errno.ENOMEM.number();
        }
    }

    private static byte readByte(MemorySegment mapped, long offset) {
        return mapped.get(ValueLayout.JAVA_BYTE, offset);
    }
}
