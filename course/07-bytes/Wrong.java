import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Bytes that are read as what they are not:
 *
 * <ul>
 *   <li>{@code odd-offset}: IllegalArgumentException
 *   <li>{@code byte-order}: no error, and another number
 *   <li>{@code buffer}: IllegalStateException
 *   <li>{@code pointer}: the JVM ends with 134
 * </ul>
 */
@SuppressWarnings("restricted")
public class Wrong {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 3L << 30, 0600 | Calls.SHM_NORESERVE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            MemorySegment elsewhere = Calls.attach(id, 0, arena);
            Calls.remove(id);
            switch (arguments.length == 0 ? "" : arguments[0]) {
                case "odd-offset" -> oddOffset(block);
                case "byte-order" -> byteOrder(block);
                case "buffer" -> buffer(block);
                case "pointer" -> pointer(elsewhere, id);
                default -> System.out.println("say which: odd-offset, byte-order, buffer or pointer");
            }
        }
    }

    // region odd-offset
    static void oddOffset(MemorySegment block) {
        block.set(ValueLayout.JAVA_INT, 1, 5);
    }
    // endregion

    // region byte-order
    static void byteOrder(MemorySegment block) {
        MemorySegment.copy(MemorySegment.ofArray(new byte[] {0, 0, 0, 5}), 0, block, 0, 4); // A big-endian 5.
        System.out.println("the number is " + block.get(ValueLayout.JAVA_INT, 0));
    }
    // endregion

    // region buffer
    static void buffer(MemorySegment block) {
        block.asByteBuffer();
    }
    // endregion

    // region pointer
    static void pointer(MemorySegment block, int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment other = Calls.attach(id, 0, arena); // As another process has it.
            other.setString(64, "hello");
            other.set(ValueLayout.JAVA_LONG, 0, other.address() + 64); // A pointer, in the block.
        } // The other process has ended.
        MemorySegment pointer = MemorySegment.ofAddress(block.get(ValueLayout.JAVA_LONG, 0));
        System.out.println(pointer.reinterpret(6).getString(0));
    }
    // endregion
}
