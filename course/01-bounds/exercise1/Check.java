import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/*
 * Hint 1: Arena.allocate can be told a layout and a count: the count is then in ints and not in bytes.
 * Hint 2: arena.allocate(ValueLayout.JAVA_INT, count), and then table.setAtIndex(ValueLayout.JAVA_INT, i, i * i).
 */
class Check {

    public static void main(String[] arguments) {
        MemorySegment table;
        try (Arena arena = Arena.ofConfined()) {
            table = Exercise.squares(arena, 10);
            Judge.that(table != null, "squares returns null, not a segment");
            Judge.that(table.scope().isAlive(), "the table is freed already: squares has closed the arena that it is of");
            Judge.that(table.isNative(), "the table is on the heap: the arena has to allocate it");
            Judge.that(table.byteSize() != 10, "the table has 10 bytes: that is the count of the ints, and each has 4");
            Judge.that(table.byteSize() == 40, "the table has " + table.byteSize() + " bytes, but 10 ints have 40");
            for (int i = 0; i < 10; i++) {
                int found = table.getAtIndex(ValueLayout.JAVA_INT, i);
                Judge.that(found == i * i, "number " + i + " is " + found + ", and should be " + i * i);
            }
            Judge.that(table.scope().equals(arena.scope()), "the table is not of the caller's arena: who will free it?");
        }
        Judge.passed("ten squares lie off the heap, and go with the caller's arena");
    }
}
