import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/*
 * Hint 1: The program shows both halves: the size out of the struct, and the detaching as the cleanup of reinterpret.
 * Hint 2: mapped.reinterpret(Calls.size(id), arena, Calls::shmdt).
 */
class Check {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 10_000, 0600);
        MemorySegment bytes;
        try (Arena arena = Arena.ofConfined()) {
            bytes = Exercise.map(id, arena);
            Judge.that(bytes.byteSize() == 10_000, String.format(Locale.ROOT,
                    "the segment has %,d bytes and the block has 10,000: ask the kernel", bytes.byteSize()));
            bytes.set(ValueLayout.JAVA_BYTE, 9_999, (byte) 1);
            Judge.that(bytes.scope().equals(arena.scope()), "the segment does not end with the arena");
            Judge.that(attached(id) == 1, "the block is attached " + attached(id) + " times, and once is enough");
        }
        Judge.that(attached(id) == 0, "still attached after close: nattch is " + attached(id));
        int other = Calls.shmget(Calls.IPC_PRIVATE, 5_000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            long size = Exercise.map(other, arena).byteSize();
            Judge.that(size == 5_000, String.format(Locale.ROOT,
                    "for a block of 5,000 bytes, the segment has %,d: ask the kernel", size));
        }
        Judge.passed("the segment has the kernel's size, and the arena detaches it");
    }

    static long attached(int id) {
        return Judge.Block.withId(id).orElseThrow().attached();
    }
}
