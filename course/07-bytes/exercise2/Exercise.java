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
        SegmentAllocator allocator = SegmentAllocator.slicingAllocator(block);
        return allocator.allocateFrom(text).address();
        // END TODO
    }
}
