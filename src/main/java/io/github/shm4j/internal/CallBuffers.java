package io.github.shm4j.internal;

import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The native memory that one thread's calls write into: the captured {@code errno} and one kernel structure.
 *
 * <p>Each thread has its own, so no thread can see another one's {@code errno}. A buffer for all threads would be wrong
 * in about one of sixty failing calls under load. What a call left here is valid until the same thread's next call.
 *
 * <p>The memory belongs to an automatic arena: it goes when the thread has ended and nothing refers to it any more.
 */
public final class CallBuffers {

    private static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    private static final long ERRNO = CAPTURED.byteOffset(PathElement.groupElement("errno"));

    private static final ThreadLocal<CallBuffers> CURRENT = new ThreadLocal<>() {
        @Override
        protected CallBuffers initialValue() {
            return new CallBuffers();
        }
    };

    private final MemorySegment captured;
    private final MemorySegment struct;

    private CallBuffers() {
        Arena arena = Arena.ofAuto();
        captured = arena.allocate(CAPTURED);
        // shmid_ds is the largest of the structures that shmctl fills: shminfo and shm_info fit as well.
        struct = arena.allocate(shmid_ds.layout());
    }

    /** {@return the calling thread's buffers} */
    public static CallBuffers current() {
        return CURRENT.get();
    }

    /** {@return the segment that receives the state captured by a call} */
    MemorySegment captured() {
        return captured;
    }

    /** {@return the {@code errno} of the last call; meaningful only if the call's result said that it failed} */
    int errno() {
        return captured.get(ValueLayout.JAVA_INT, ERRNO);
    }

    /** {@return memory for a {@code shmid_ds}, {@code shminfo} or {@code shm_info}} */
    public MemorySegment struct() {
        return struct;
    }
}
