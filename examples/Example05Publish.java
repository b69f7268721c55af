import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.FutureTask;

/**
 * Publishes data from one mapping to another with a release store and an acquire load. Two threads stand for two processes
 * here; {@code demos/publish} has two.
 *
 * <p>The writer's plain stores may become visible in any order. The release store of the length comes after all of them for
 * whoever sees it with an acquire load.
 */
class Example05Publish {

    private static final long LENGTH = 0;
    private static final long TEXT = Long.BYTES;

    // @start region="handle"
    // The field must be aligned to its size; a mapping starts at the beginning of a page.
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    // @end region="handle"

    public static void main(String[] arguments) throws Exception {
        ShmKey key = ShmKey.random(); // Or one that both processes can work out.
        FutureTask<SharedMemory> opened = new FutureTask<>(() -> openOrCreate(key, "reader"));
        FutureTask<String> reader = new FutureTask<>(() -> read(opened.get()));
        Thread.ofPlatform().daemon().start(() -> {
            opened.run();
            reader.run();
        });
        SharedMemory memory = openOrCreate(key, "writer");
        try (Arena arena = Arena.ofShared()) {
            opened.get(); // If it came after the end of this, it would create the block once more.
            MemorySegment out = memory.attach(AttachMode.READ_WRITE, arena);
            byte[] text = "published".getBytes(UTF_8);
            MemorySegment.copy(text, 0, out, ValueLayout.JAVA_BYTE, TEXT, text.length);
            // @start region="release"
            LONG.setRelease(out, LENGTH, (long) text.length);
            // @end region="release"
            if (!reader.get().equals("published")) {
                throw new AssertionError("read '" + reader.get() + "'");
            }
            System.out.println("checked: the reader saw the whole of '" + reader.get() + "'");
        } finally {
            memory.remove();
        }
    }

    // @start region="open"
    /** Opens the block, or creates it. New memory is zeros, and a length of 0 says that nothing is published yet. */
    private static SharedMemory openOrCreate(ShmKey key, String who) throws ShmException {
        SharedMemory.Opened opened = SharedMemory.openOrCreate(key, 4096);
        if (opened.created()) {
            System.out.println("the " + who + " came first, and has created the block");
        }
        return opened.memory();
    }
    // @end region="open"

    private static String read(SharedMemory memory) throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = memory.attach(AttachMode.READ_ONLY, arena);
            // @start region="acquire"
            long length;
            while ((length = (long) LONG.getAcquire(in, LENGTH)) == 0) {
                Thread.onSpinWait();
            }
            // @end region="acquire"
            // Another process may write anything: a length is checked before it is used.
            if (length < 0 || length > in.byteSize() - TEXT) {
                throw new IllegalStateException("the block has no valid length: " + length);
            }
            return new String(in.asSlice(TEXT, length).toArray(ValueLayout.JAVA_BYTE), UTF_8);
        }
    }
}
