import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Memory on the heap, memory off the heap, a copy between them, and a string as C has it.
 *
 * <p>It prints:
 *
 * <pre>
 * on the heap:  12 bytes, native: false
 * off the heap: 12 bytes, native: true
 * number 2 is 30
 * 'Zoë' takes 5 bytes
 * number 2 is 33
 * alive after the end of the arena: false
 * </pre>
 */
public class Demo {

    public static void main(String[] arguments) {
        // region heap
        MemorySegment heap = MemorySegment.ofArray(new int[] {10, 20, 30});
        System.out.println("on the heap:  " + heap.byteSize() + " bytes, native: " + heap.isNative());
        // endregion

        // region native
        MemorySegment kept;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(ValueLayout.JAVA_INT, 3);
            MemorySegment.copy(heap, 0, numbers, 0, heap.byteSize());
            System.out.println("off the heap: " + numbers.byteSize() + " bytes, native: " + numbers.isNative());
            System.out.println("number 2 is " + numbers.getAtIndex(ValueLayout.JAVA_INT, 2));
            // endregion

            // region string
            MemorySegment text = arena.allocateFrom("Zoë");
            System.out.println("'" + text.getString(0) + "' takes " + text.byteSize() + " bytes");
            // endregion

            // region slice
            MemorySegment last = numbers.asSlice(8, 4);
            last.set(ValueLayout.JAVA_INT, 0, 33);
            System.out.println("number 2 is " + numbers.getAtIndex(ValueLayout.JAVA_INT, 2));
            kept = numbers;
        }
        System.out.println("alive after the end of the arena: " + kept.scope().isAlive());
        // endregion
    }
}
