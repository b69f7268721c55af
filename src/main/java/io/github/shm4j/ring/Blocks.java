package io.github.shm4j.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** Rings in blocks of their own. */
final class Blocks {

    private Blocks() {}

    /** Creates a block and a ring in it; if anything fails, the block is removed again. */
    static <R extends RingBuffer> R create(ShmKey key, long size, Arena arena, Function<MemorySegment, R> ring)
            throws ShmException {
        SharedMemory memory = SharedMemory.create(key, size);
        try {
            return ring.apply(memory.attach(AttachMode.READ_WRITE, arena));
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
