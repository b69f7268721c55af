import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * One process publishes messages, one after the other in the same place, and another process looks at them: with a release
 * store and an acquire load of the number of the message or, with {@code --unordered}, with plain ones. This process starts
 * both and says what the reader saw.
 */
class Publish {

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    /** Which message is there. It has cache lines of its own. */
    private static final long NUMBER = 0;

    /** Each number of a message is the message's own number. */
    private static final long MESSAGE = 128;

    private static final int LENGTH = 8;

    private static final int PIECE = 1_000_000;

    /** The exit code of a reader that saw an old message. */
    private static final int OLD = 3;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 4) {
            work(arguments[0], arguments[1].equals("ordered"), Long.parseLong(arguments[2]), arguments[3]);
            return;
        }
        boolean ordered = true;
        String looks = "100000000";
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--unordered")) {
                ordered = false;
            } else if (arguments[i].equals("--looks") && i + 1 < arguments.length
                    && arguments[i + 1].matches("\\d{1,12}")) {
                looks = arguments[++i];
            } else {
                System.err.println("usage: demos/publish/run [--unordered] [--looks N]");
                System.exit(2);
            }
        }
        run(arguments.length, ordered, looks);
    }

    // @start region="write"
    static void publish(MemorySegment block, long number, boolean ordered) {
        for (int i = 0; i < LENGTH; i++) {
            block.set(ValueLayout.JAVA_LONG, MESSAGE + i * Long.BYTES, number);
        }
        if (ordered) {
            LONG.setRelease(block, NUMBER, number); // No store above comes later.
        } else {
            LONG.set(block, NUMBER, number);
        }
    }
    // @end region="write"

    // @start region="read"
    /** Returns whether a part of the message is older than the number that was loaded before it. */
    static boolean isOld(MemorySegment block) {
        long number = (long) LONG.getAcquire(block, NUMBER); // No load below comes earlier.
        return number > oldest(block);
    }

    static boolean isOldUnordered(MemorySegment block) {
        long number = (long) LONG.get(block, NUMBER); // A load below may come earlier.
        return number > oldest(block);
    }

    private static long oldest(MemorySegment block) {
        long oldest = Long.MAX_VALUE;
        for (int i = 0; i < LENGTH; i++) {
            oldest = Math.min(oldest, block.get(ValueLayout.JAVA_LONG, MESSAGE + i * Long.BYTES));
        }
        return oldest;
    }
    // @end region="read"

    private static void work(String role, boolean ordered, long looks, String id) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = SharedMemory.ofId(Integer.parseInt(id)).attach(AttachMode.READ_WRITE, arena);
            endWithTheParent();
            if (role.equals("read")) {
                read(block, ordered, looks);
            }
            for (long number = 1;; number++) {
                publish(block, number, ordered);
            }
        }
    }

    private static void read(MemorySegment block, boolean ordered, long looks) {
        while ((long) LONG.getAcquire(block, NUMBER) == 0) {
            Thread.onSpinWait();
        }
        long old = 0;
        // In pieces, so that the compiler has more than one occasion to begin.
        for (long rest = looks; rest > 0; rest -= PIECE) {
            int piece = (int) Math.min(rest, PIECE);
            old += ordered ? look(block, piece) : lookUnordered(block, piece);
        }
        System.out.println(looks + " looks, while there were " + LONG.getAcquire(block, NUMBER) + " messages: " + old
                + " of them saw a message that was older than its number");
        System.exit(old == 0 ? 0 : OLD);
    }

    private static int look(MemorySegment block, int times) {
        int old = 0;
        for (int i = 0; i < times; i++) {
            old += isOld(block) ? 1 : 0;
        }
        return old;
    }

    private static int lookUnordered(MemorySegment block, int times) {
        int old = 0;
        for (int i = 0; i < times; i++) {
            old += isOldUnordered(block) ? 1 : 0;
        }
        return old;
    }

    private static void run(int argumentCount, boolean ordered, String looks) throws Exception {
        List<Process> children = new ArrayList<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> children.forEach(Process::destroyForcibly)));
        try (Arena arena = Arena.ofConfined()) {
            SharedMemory memory = SharedMemory.createPrivate(4096);
            try {
                // The kernel removes the block with the last of the three processes, however they end.
                memory.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
            } catch (ShmException notAttached) {
                memory.remove();
                throw notAttached;
            }
            for (String role : List.of("read", "write")) {
                children.add(
                        startChild(argumentCount, role, ordered ? "ordered" : "unordered", looks, "" + memory.id()));
            }
            System.out.println("process " + children.get(0).pid() + " looks at what process " + children.get(1).pid()
                    + " publishes, with " + (ordered ? "release and acquire" : "plain stores and loads"));
            int exit = children.get(0).waitFor();
            if (exit != 0 && exit != OLD || !children.get(1).isAlive()) {
                throw new IllegalStateException("the reader or the writer has failed");
            }
            if (ordered && exit == OLD) {
                throw new AssertionError("the messages were ordered, and the reader saw another order");
            }
            System.out.println("checked: " + (ordered
                    ? "each message was as new as its number"
                    : exit == OLD ? "this is what the order is for" : "nothing went wrong this time"));
        } finally {
            children.forEach(Process::destroyForcibly);
        }
    }

    /** Ends this process when its parent has ended, even by SIGKILL: the input ends then. */
    private static void endWithTheParent() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.read();
            } catch (IOException broken) {
                // The parent has ended.
            }
            Runtime.getRuntime().halt(1);
        });
    }

    /** Starts this program once more, with other arguments. */
    private static Process startChild(int own, String... arguments) throws IOException {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> words = List.of(self.arguments().orElseThrow());
        List<String> command = new ArrayList<>();
        command.add(self.command().orElseThrow());
        command.addAll(words.subList(0, words.size() - own));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
