package io.github.shm4j.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.internal.BeforeDetach;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** Rings in blocks of their own. */
final class RingBlocks {

    private RingBlocks() {}

    /** Opens the ring in a block. */
    static <R extends RingBuffer> R open(ShmKey key, Arena arena, Function<MemorySegment, R> ring) throws ShmException {
        return attach(SharedMemory.open(key), arena, ring);
    }

    private static <R extends RingBuffer> R attach(SharedMemory memory, Arena arena, Function<MemorySegment, R> ring)
            throws ShmException {
        MemorySegment mapping = memory.attach(AttachMode.READ_WRITE, arena);
        R opened = ring.apply(mapping);
        BeforeDetach.set(mapping, opened.atLast());
        return opened;
    }

    /** Creates a block and a ring in it; if anything fails, the block is removed again. */
    static <R extends RingBuffer> R create(ShmKey key, long size, Arena arena, Function<MemorySegment, R> ring)
            throws ShmException {
        SharedMemory memory = SharedMemory.create(key, size);
        try {
            return attach(memory, arena, ring);
        } catch (Throwable failure) {
            try {
                memory.remove();
            } catch (ShmException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }
}
