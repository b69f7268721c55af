import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One process updates a record again and again, and another one reads it without ever taking a half of one update and a half
 * of the next for a record: a seqlock. The reader takes no lock, and the writer never waits for it.
 *
 * <p>A number stands in front of the record. The writer makes it odd, stores the fields, and makes it even. The reader loads
 * the number, the fields, and the number once more; if it was even and is the same, the fields belong together.
 *
 * <p>The writer of the example is killed in the middle of an update. The reader notices that there is no record, and waits;
 * the next writer goes on from the odd number.
 */
class Example07Update {

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final long SEQUENCE = 0;
    private static final long FIELDS = Long.BYTES;
    private static final int FIELD_COUNT = 6;

    /** How many different records the reader has to see before the writer is killed. */
    private static final int ENOUGH = 200;

    /** The number of the record that ends the program. */
    private static final long LAST = Long.MAX_VALUE;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    // @start region="update"
    /** Stores a record. One process may do this at a time. */
    static void update(MemorySegment block, long[] fields) {
        long sequence = begin(block);
        for (int i = 0; i < FIELD_COUNT; i++) {
            LONG.setOpaque(block, FIELDS + i * Long.BYTES, fields[i]);
        }
        LONG.setRelease(block, SEQUENCE, sequence + 1); // Even: no store above comes later.
    }

    static long begin(MemorySegment block) {
        long odd = (long) LONG.getOpaque(block, SEQUENCE) | 1; // Odd already if a writer was killed.
        LONG.setOpaque(block, SEQUENCE, odd);
        VarHandle.releaseFence(); // No store below comes earlier.
        return odd;
    }

    /** Loads the record; returns {@code false} if the fields may not belong together. */
    static boolean tryRead(MemorySegment block, long[] fields) {
        long sequence = (long) LONG.getAcquire(block, SEQUENCE); // No load below comes earlier.
        for (int i = 0; i < FIELD_COUNT; i++) {
            fields[i] = (long) LONG.getOpaque(block, FIELDS + i * Long.BYTES);
        }
        VarHandle.acquireFence(); // No load above comes later.
        return (sequence & 1) == 0 && sequence == (long) LONG.getOpaque(block, SEQUENCE);
    }
    // @end region="update"

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            parent();
            return;
        }
        try (Arena arena = Arena.ofShared()) {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[1]));
            if (arguments[0].equals("write")) {
                write(memory.attach(AttachMode.READ_WRITE, arena));
            } else {
                read(memory.attach(AttachMode.READ_ONLY, arena));
            }
        }
    }

    private static void parent() throws Exception {
        List<Process> children = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            SharedMemory memory = SharedMemory.createPrivate(4096);
            MemorySegment block;
            try {
                block = memory.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
            } catch (ShmException notAttached) {
                memory.remove();
                throw notAttached;
            }
            update(block, record(0));
            Process reader = startChild("read", memory.id());
            children.add(reader);
            Process writer = startChild("write", memory.id());
            children.add(writer);

            expect("has seen enough", reader.inputReader().readLine());
            writer.outputWriter().write('\n');
            writer.outputWriter().flush();
            expect("in the middle of an update", writer.inputReader().readLine());
            writer.destroyForcibly().waitFor();
            if (tryRead(block, new long[FIELD_COUNT])) {
                throw new AssertionError("the half of an update looks like a record");
            }
            System.out.println("the writer was killed in the middle of an update; this process writes from now on");
            update(block, record(LAST));
            System.out.println(reader.inputReader().readLine());
            if (reader.waitFor() != 0) {
                throw new AssertionError("the reader failed");
            }
            System.out.println("checked: the fields of each record belonged together");
        } finally {
            children.forEach(Process::destroyForcibly);
        }
    }

    private static void write(MemorySegment block) throws IOException {
        Thread.ofPlatform().daemon().start(() -> {
            for (long number = 1; !stop; number++) {
                update(block, record(number));
            }
            begin(block);
            LONG.setOpaque(block, FIELDS, -1L);
            System.out.println("in the middle of an update");
        });
        System.in.read();
        stop = true;
        System.in.read(); // Until this process is killed, or its parent has ended.
    }

    private static volatile boolean stop;

    private static void read(MemorySegment block) {
        long[] fields = new long[FIELD_COUNT];
        long records = 0;
        long refused = 0;
        long number = 0;
        long lastNews = System.nanoTime();
        while (number != LAST) {
            boolean whole = tryRead(block, fields);
            if (whole && fields[0] != number) {
                number = fields[0];
                check(number, fields);
                lastNews = System.nanoTime();
                if (++records == ENOUGH) {
                    System.out.println("has seen enough");
                }
            } else {
                refused += whole ? 0 : 1;
                if (System.nanoTime() - lastNews > PATIENCE.toNanos()) {
                    throw new IllegalStateException("no new record for " + PATIENCE + ": is there still a writer?");
                }
                Thread.onSpinWait();
            }
        }
        System.out.println("the reader saw " + records + " records, and looked " + refused + " times at half a one");
    }

    private static long[] record(long number) {
        long[] fields = new long[FIELD_COUNT];
        for (int i = 0; i < FIELD_COUNT; i++) {
            fields[i] = number * (2 * i + 1);
        }
        return fields;
    }

    private static void check(long number, long[] fields) {
        for (int i = 0; i < FIELD_COUNT; i++) {
            if (fields[i] != number * (2 * i + 1)) {
                throw new AssertionError("field " + i + " of record " + number + " is from another one");
            }
        }
    }

    private static void expect(String expected, String line) {
        if (!expected.equals(line)) {
            throw new AssertionError("expected '" + expected + "' and not '" + line + "'");
        }
    }

    /** Starts this program once more, with what it shall do and the id of the block as its arguments. */
    private static Process startChild(String what, int id) throws IOException {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> command = new ArrayList<>();
        command.add(self.command().orElseThrow());
        command.addAll(List.of(self.arguments().orElseThrow()));
        command.addAll(List.of(what, Integer.toString(id)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
