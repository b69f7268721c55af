import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

class Exercise {

    /**
     * Puts a text behind those that are in the block already, from whichever process. Returns where it is, in a way that
     * every process understands.
     *
     * @throws IndexOutOfBoundsException if it does not fit
     */
    static long put(MemorySegment block, String text) {
        // TODO Where does the next text go? And what do you return?
        long next = Math.max(Long.BYTES, block.get(ValueLayout.JAVA_LONG, 0));
        SegmentAllocator allocator = SegmentAllocator.slicingAllocator(block.asSlice(next));
        MemorySegment copy = allocator.allocateFrom(text);
        block.set(ValueLayout.JAVA_LONG, 0, next + copy.byteSize());
        return copy.address() - block.address();
        // END TODO
    }
}
