package io.github.shm4j.ring;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Copies between buffers and a ring, without an object for each copy wherever Java can do that. */
final class BufferCopy {

    private final MemorySegment memory;

    /** The memory as a buffer, or null where it is too large for one, or an array. */
    private final ByteBuffer view;

    BufferCopy(MemorySegment memory) {
        this.memory = memory;
        this.view = memory.isNative() && memory.byteSize() <= Integer.MAX_VALUE ? memory.asByteBuffer() : null;
    }

    /** Copies into the ring, and leaves the position of the buffer as it is. */
    void in(ByteBuffer source, int position, long offset, int length) {
        if (view != null) {
            view.put((int) offset, source, position, length);
        } else {
            memory.asSlice(offset, length).copyFrom(MemorySegment.ofBuffer(source.slice(position, length)));
        }
    }

    /** Copies out of the ring to the position of a buffer, and leaves that as it is. */
    void out(long offset, ByteBuffer target, int length) {
        if (view != null) {
            target.put(target.position(), view, (int) offset, length);
        } else {
            MemorySegment.ofBuffer(target).asSlice(0, length).copyFrom(memory.asSlice(offset, length));
        }
    }
}
