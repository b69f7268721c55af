import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Bytes as others write them, an allocator inside a block, and offsets beyond 2 GiB.
 *
 * <p>It prints:
 *
 * <pre>
 * big-endian at 1: 0x102
 * native at 1:     0x2010000
 * the second text is at 6 of the block
 * mapped elsewhere: true
 * at the same offset is 'second'
 * at offset 3221225472 is 'second'
 * </pre>
 */
public class Demo {

    // region order
    static final ValueLayout.OfInt BIG_ENDIAN_INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN).withByteAlignment(1);
    // endregion

    public static void main(String[] arguments) {
        // region big-endian
        MemorySegment packed = MemorySegment.ofArray(new byte[] {0x7f, 0, 0, 0x01, 0x02});
        System.out.println("big-endian at 1: 0x%x".formatted(packed.get(BIG_ENDIAN_INT, 1)));
        System.out.println("native at 1:     0x%x".formatted(packed.get(ValueLayout.JAVA_INT_UNALIGNED, 1)));
        // endregion

        int id = Calls.shmget(Calls.IPC_PRIVATE, 5L << 30, 0600 | Calls.SHM_NORESERVE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            // region slicing
            SegmentAllocator allocator = SegmentAllocator.slicingAllocator(block);
            allocator.allocateFrom("first");
            MemorySegment second = allocator.allocateFrom("second");
            long offset = second.address() - block.address();
            System.out.println("the second text is at " + offset + " of the block");
            // endregion

            // region offset
            MemorySegment again = Calls.attach(id, 0, arena); // As another process would have it.
            System.out.println("mapped elsewhere: " + (again.address() != block.address()));
            System.out.println("at the same offset is '" + again.getString(offset) + "'");
            // endregion

            // region large
            long far = 3L << 30;
            MemorySegment.copy(block, 0, block, far, 16);
            System.out.println("at offset " + far + " is '" + again.getString(far + offset) + "'");
            // endregion
        } finally {
            Calls.remove(id);
        }
    }
}
