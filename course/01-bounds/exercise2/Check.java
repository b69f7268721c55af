import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/*
 * Hint 1: Ask each row for its byteSize(). Where does row 0 end?
 * Hint 2: asSlice has a second parameter, the size. Without it, the slice goes on to the end of the table.
 */
class Check {

    public static void main(String[] arguments) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocate(3 * Exercise.ROW);
            for (int i = 0; i < 3; i++) {
                MemorySegment row = Exercise.row(table, i);
                Judge.that(row.address() == table.address() + i * Exercise.ROW, "row " + i + " begins at the wrong place");
                Judge.that(row.byteSize() >= Exercise.ROW, "row " + i + " has " + row.byteSize() + " bytes, and not 16");
                Judge.that(!row.isReadOnly(), "row " + i + " is read-only: its users have to be able to store");
                row.setAtIndex(ValueLayout.JAVA_INT, 3, i);
            }
            try {
                Exercise.row(table, 0).setAtIndex(ValueLayout.JAVA_INT, 4, -1);
                int next = Exercise.row(table, 1).getAtIndex(ValueLayout.JAVA_INT, 0);
                Judge.notYet("a store behind the end of row 0 went into row 1, whose first number is now " + next);
            } catch (IndexOutOfBoundsException asItShould) {
                Judge.passed("a store behind the end of a row is an exception");
            }
        }
    }
}
