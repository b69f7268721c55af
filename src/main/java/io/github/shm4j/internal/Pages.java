package io.github.shm4j.internal;

import io.github.shm4j.internal.posix.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Asks the kernel to put memory behind a mapping, or to take it away. */
public final class Pages {

    private static final long SMALLEST_PAGE = 4096;

    /** A result of all reads: without one, the compiler could leave the reads out. */
    private static byte lastRead;

    private Pages() {}

    /** {@return the size of an ordinary page in bytes} */
    public static long size() {
        Platform.requireLinux();
        long size = AuxiliaryVector.pageSize();
        if (size > 0) {
            return size;
        }
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
     * Frees the memory behind a writable mapping, for all processes. The contents read as zeros from then on, to the end of
     * the last page.
     *
     * @return 0, or a negated {@code errno} if the kernel cannot do this for the mapping
     */
    public static int remove(long address, long size) {
        return ShmCalls.madvise(address, size, Posix.MADV_REMOVE());
    }

    /**
     * Reads from each page of a part of a segment.
     *
     * @throws InternalError if a page has no memory
     */
    public static void requireMemory(MemorySegment memory, long offset, long length) {
        byte read = 0;
        for (long done = 0; done < length; done += SMALLEST_PAGE) {
            read += memory.get(ValueLayout.JAVA_BYTE, offset + done);
        }
        if (length > 0) {
            read += memory.get(ValueLayout.JAVA_BYTE, offset + length - 1);
        }
        lastRead = read;
        reportFault();
    }

    /**
     * Stores a zero over each zero in a row of words. This also finds a page that can be read, but not written for want of
     * memory. A word that is not zero has memory.
     *
     * @param first the offset of the first word
     * @param end the offset behind the last word
     * @param step the distance between words
     * @throws InternalError if a page has no memory
     */
    public static void requireMemoryToWrite(MemorySegment memory, long first, long end, long step) {
        for (long offset = first; offset < end; offset += step) {
            if (memory.get(ValueLayout.JAVA_LONG, offset) == 0) {
                memory.set(ValueLayout.JAVA_LONG, offset, 0);
            }
        }
        reportFault();
    }

    /**
     * Throws the error of an access that has faulted.
     *
     * <p>Compiled code continues after such an access. The JVM throws the error when the thread next polls for pending
     * exceptions, which it does on the return from a native method.
     */
    private static void reportFault() {
        Thread.holdsLock(Pages.class);
    }

    /** Reads from each page. A page without memory raises SIGBUS, which the JVM turns into an InternalError. */
    static int read(long address, long size) {
        try {
            requireMemory(Restricted.view(address, size), 0, size);
            return 0;
        } catch (InternalError noMemory) {
            return -Errno.ENOMEM.number();
        }
    }
}
