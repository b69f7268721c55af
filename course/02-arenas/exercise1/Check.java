import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/*
 * Hint 1: All the allocate methods of an arena end in one, allocate(byteSize, byteAlignment). Arena leaves it and two
 * others to you.
 * Hint 2: Keep an Arena.ofConfined() in a field, and let allocate, scope and close call it. allocate adds byteSize first.
 */
class Check {

    public static void main(String[] arguments) throws InterruptedException {
        AtomicLong bytes = new AtomicLong();
        Arena arena = Exercise.counting(bytes);
        MemorySegment numbers = arena.allocate(ValueLayout.JAVA_INT, 3);
        Judge.that(bytes.get() != 3, "the arena has counted the 3 ints, and not their bytes");
        Judge.that(bytes.get() == 12, "the arena has counted " + bytes + " bytes, but three ints have 12");
        arena.allocateFrom("abc");
        Judge.that(bytes.get() == 16, "the arena has counted " + bytes + " bytes, but 12 and those of \"abc\" are 16");
        long aligned = arena.allocate(1, 4096).address();
        Judge.that(aligned % 4096 == 0, "asked for an address that is a multiple of 4096, the arena has given 0x"
                + Long.toHexString(aligned) + ": hand on the alignment, too");
        Judge.that(!otherThreadCanUse(numbers), "other threads can use the memory: the arena has to be a confined one");
        Judge.that(numbers.scope().equals(arena.scope()), "arena.scope() is not the scope of what it has allocated");
        arena.close();
        Judge.that(!numbers.scope().isAlive(), "the arena is closed, and what it has allocated is still alive");
        Judge.that(bytes.get() == 17, "the arena has counted 17 bytes, and after close() the count is " + bytes);
        Judge.passed("the arena counts, and ends as an arena does");
    }

    static boolean otherThreadCanUse(MemorySegment number) throws InterruptedException {
        boolean[] failed = {false};
        Thread other = new Thread(() -> number.get(ValueLayout.JAVA_INT, 0));
        other.setUncaughtExceptionHandler((thread, exception) -> failed[0] = true);
        other.start();
        other.join();
        return !failed[0];
    }
}
