import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/*
 * Hint 1: Keep at offset 0 of the block, as a long, how much of it is used. A new block has 0 there.
 * Hint 2: long next = Math.max(8, block.get(JAVA_LONG, 0)); then block.setString(next, text), which refuses what does not fit;
 * then store next plus the bytes of the text and its 0 back at offset 0, and return next.
 */
class Check {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 64, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment here = Calls.attach(id, 0, arena);
            MemorySegment there = Calls.attach(id, 0, arena);
            long first = Exercise.put(here, "Zoë");
            Judge.that(first < 64, "put returned 0x%x, an address: in another process, something else is there"
                    .formatted(first));
            long second = Exercise.put(there, "second");
            Judge.that("Zoë".equals(there.getString(first)), "through another mapping, the first text is '"
                    + there.getString(first) + "', not 'Zoë'");
            Judge.that("second".equals(here.getString(second)), "the second text is '" + here.getString(second) + "'");
            try {
                Exercise.put(here, "x".repeat(64));
                Judge.notYet("a text of 64 bytes went into a block that has 64 with two texts in it");
            } catch (IndexOutOfBoundsException full) {
                Judge.that("second".equals(here.getString(second)), "a text that did not fit has damaged another one");
            }
            long third = Exercise.put(here, "3");
            Judge.that("3".equals(there.getString(third)), "after a text that did not fit, nothing fits any more");
        }
        Judge.passed("the block has an allocator, which works in every process");
    }
}
