package io.github.shm4j.jcstress;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.state.SharedLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Locks for the states of the tests, each with a counter behind it, all in one block that is mapped twice: jcstress makes far
 * too many states for a block each.
 *
 * <p>A lock's memory is used again after so many others that the state which had it before is long gone.
 */
final class Locks {

    private static final long SIZE = 128;
    private static final int LOCKS = 1 << 16;

    private static final MemorySegment ONE;
    private static final MemorySegment OTHER;
    private static final AtomicLong NEXT = new AtomicLong();

    static {
        try {
            SharedMemory block = SharedMemory.createPrivate(SIZE * LOCKS);
            ONE = block.attach(AttachMode.READ_WRITE, Arena.global());
            OTHER = block.attach(AttachMode.READ_WRITE, Arena.global(), AttachOption.REMOVE_ON_LAST_DETACH);
        } catch (ShmException failed) {
            throw new ExceptionInInitializerError(failed);
        }
    }

    private final MemorySegment memory;

    /** The lock for one thread. */
    final SharedLock first;

    /** The same lock through another mapping. */
    final SharedLock second;

    Locks() {
        long offset = NEXT.getAndIncrement() % LOCKS * SIZE;
        memory = ONE.asSlice(offset, SIZE);
        memory.fill((byte) 0);
        first = SharedLock.at(memory, 0);
        second = SharedLock.at(OTHER, offset);
    }

    /** Adds to the counter by plain accesses. */
    void add(long amount) {
        memory.set(ValueLayout.JAVA_LONG, SharedLock.BYTES, counter() + amount);
    }

    long counter() {
        return memory.get(ValueLayout.JAVA_LONG, SharedLock.BYTES);
    }
}
