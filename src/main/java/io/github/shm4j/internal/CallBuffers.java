package io.github.shm4j.internal;

import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The native memory that one thread's calls write into: the captured {@code errno} and one kernel structure behind it.
 *
 * <p>Each thread has its own, so no thread can see another one's {@code errno}. With one buffer for all threads, one failing
 * call in about sixty read another thread's value under load. What a call stores here is valid until the same thread's next
 * call.
 *
 * <p>The memory belongs to an automatic arena, which frees it once the thread has terminated and nothing refers to it. The
 * thread's value is a plain segment: an object of this class would keep the class loader reachable.
 */
public final class CallBuffers {

    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final long ERRNO = CAPTURED.byteOffset(PathElement.groupElement("errno"));

    // shmid_ds is the largest of the structures that shmctl fills: shminfo and shm_info fit as well.
    private static final long STRUCT_SIZE = shmid_ds.layout().byteSize();
    private static final long STRUCT = 16;

    private static final ThreadLocal<MemorySegment> CURRENT = new ThreadLocal<>() {
        @Override
        protected MemorySegment initialValue() {
            return Arena.ofAuto().allocate(STRUCT + STRUCT_SIZE, STRUCT);
        }
    };

    private CallBuffers() {}

    /** Initializes this class now: one that could not be, on an exhausted stack for one, is of no use for ever. */
    static void prepare() {}

    /** {@return the segment of the calling thread that receives the state captured by a call} */
    static MemorySegment captured() {
        return CURRENT.get();
    }

    /**
     * {@return the {@code errno} that a call has captured; meaningful only if the call's result said that it failed}
     *
     * @param captured the segment that was handed to the call
     */
    static int errno(MemorySegment captured) {
        return captured.get(ValueLayout.JAVA_INT, ERRNO);
    }

    /** {@return memory of the calling thread for a {@code shmid_ds}, {@code shminfo} or {@code shm_info}} */
    public static MemorySegment struct() {
        return CURRENT.get().asSlice(STRUCT, STRUCT_SIZE);
    }
}
