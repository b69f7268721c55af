import java.lang.foreign.MemorySegment;

class Exercise {

    /** The size of a row: four ints. */
    static final long ROW = 16;

    /** Returns a row of a table. Its users must not get at other rows. */
    static MemorySegment row(MemorySegment table, int number) {
        // TODO This slice lacks one of its bounds. Which?
        return table.asSlice(number * ROW, ROW);
        // END TODO
    }
}
