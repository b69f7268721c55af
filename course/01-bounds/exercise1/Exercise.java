import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

class Exercise {

    /** Returns a table of so many ints off the heap: 0, 1, 4, 9, 16 … The caller's arena frees it. */
    static MemorySegment squares(Arena arena, int count) {
        // TODO Allocate the table in the arena, and fill it.
        return MemorySegment.ofArray(new int[count]);
        // END TODO
    }
}
