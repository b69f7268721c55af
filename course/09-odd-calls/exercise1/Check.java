import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/*
 * Hint 1: a and b are the addresses of two ints. They have no size unless the descriptor says what is there: see
 * withTargetLayout in the program.
 * Hint 2: ELEMENT is ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_INT), and compare returns
 * Integer.compare(a.get(ValueLayout.JAVA_INT, 0), b.get(ValueLayout.JAVA_INT, 0)). Not a difference: that overflows.
 */
class Check {

    public static void main(String[] arguments) throws Throwable {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            int[] numbers = {7, 0, 7, Integer.MAX_VALUE, -3, 50, Integer.MIN_VALUE};
            MemorySegment table = block.asSlice(0, numbers.length * 4L);
            table.copyFrom(MemorySegment.ofArray(numbers));
            Exercise.sort(table);
            int[] found = table.toArray(ValueLayout.JAVA_INT);
            Judge.that(!Arrays.equals(found, numbers), "nothing has moved: does compare look at the numbers?");
            Arrays.sort(numbers);
            Judge.that(Arrays.equals(found, numbers),
                    "the order is " + Arrays.toString(found) + ", not " + Arrays.toString(numbers));
        }
        Judge.passed("C has sorted the block, and asked you each time");
    }
}
