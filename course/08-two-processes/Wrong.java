import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Plain accesses while another process is at the same memory. None is an error, and each needs two processors to happen:
 *
 * <ul>
 *   <li>{@code lost}: updates are lost
 *   <li>{@code torn}: a copy is half old and half new
 *   <li>{@code neighbours}: two counters in one cache line slow each other down
 * </ul>
 */
public class Wrong {

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final long STOP = 0;
    static final long DATA = 128;

    public static void main(String[] arguments) throws Exception {
        String name = arguments.length == 0 ? "" : arguments[0];
        if (arguments.length == 2) {
            child(name, Integer.parseInt(arguments[1]));
        } else if (name.equals("neighbours")) {
            neighbours();
        } else {
            int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment block = Calls.attach(id, 0, arena);
                Process child = Peer.start(Wrong.class, name, id);
                switch (name) {
                    case "lost" -> lost(block);
                    case "torn" -> torn(block);
                    default -> System.out.println("say which: lost, torn or neighbours");
                }
                LONG.setVolatile(block, STOP, 1L);
                child.waitFor();
            } finally {
                Calls.remove(id);
            }
        }
    }

    static void child(String name, int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            MemorySegment record = arena.allocate(64);
            for (byte i = 0; (long) LONG.getVolatile(block, STOP) == 0; i++) {
                if (name.equals("lost")) {
                    block.set(ValueLayout.JAVA_LONG, DATA, 0);
                } else {
                    MemorySegment.copy(record.fill(i), 0, block, DATA, 64); // 64 times the same byte.
                }
            }
        }
    }

    // region lost
    static void lost(MemorySegment block) {
        for (long i = 0; i < 10_000_000_000L; i++) {
            block.set(ValueLayout.JAVA_LONG, DATA, i); // The other process stores 0.
            if ((long) LONG.getVolatile(block, DATA) != i) {
                System.out.println("what was stored a moment ago is gone");
                return;
            }
        }
    }
    // endregion

    // region torn
    static void torn(MemorySegment block) {
        byte[] read = new byte[64];
        for (long i = 0; i < 10_000_000_000L; i++) {
            MemorySegment.copy(block, ValueLayout.JAVA_BYTE, DATA, read, 0, 64);
            if (read[0] != read[63]) {
                System.out.println("the first byte is of one record, and the last of another");
                return;
            }
        }
    }
    // endregion

    // region neighbours
    static void neighbours() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment counters = arena.allocate(512, 128);
            time(counters, 8);
            System.out.printf("8 bytes apart: %d ms%n", time(counters, 8));
            System.out.printf("128 bytes apart: %d ms%n", time(counters, 128));
        }
    }

    static long time(MemorySegment counters, long distance) throws InterruptedException {
        long before = System.nanoTime();
        Thread first = Thread.ofPlatform().start(() -> count(counters, 0));
        Thread second = Thread.ofPlatform().start(() -> count(counters, distance));
        first.join();
        second.join();
        return (System.nanoTime() - before) / 1_000_000;
    }

    static void count(MemorySegment counters, long offset) {
        for (int i = 0; i < 5_000_000; i++) {
            LONG.setOpaque(counters, offset, (long) LONG.getOpaque(counters, offset) + 1);
        }
    }
    // endregion
}
