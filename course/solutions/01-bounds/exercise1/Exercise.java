import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

class Exercise {

    /** Returns a table of so many ints off the heap: 0, 1, 4, 9, 16 … The caller's arena frees it. */
    static MemorySegment squares(Arena arena, int count) {
        // TODO Allocate the table in the arena, and fill it.
        MemorySegment table = arena.allocate(ValueLayout.JAVA_INT, count);
        for (int i = 0; i < count; i++) {
            table.setAtIndex(ValueLayout.JAVA_INT, i, i * i);
        }
        return table;
        // END TODO
    }
}
