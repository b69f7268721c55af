import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A parent starts four child processes. Each creates a block of its own and writes a random word into it; the parent waits
 * for all of them, reads each block and removes it.
 *
 * <p>{@code ./shm4j demo} is the same program for people who run it: it also cleans up after children that crash.
 */
class Example02FourChildren {

    private static final int CHILDREN = 4;
    private static final List<String> WORDS = List.of("amber", "comet", "fjord", "heron", "maple", "quartz", "tundra");

    public static void main(String[] arguments) throws Exception {
        Path file = Path.of("."); // Any file or folder that parent and children can name.
        if (arguments.length == 0) {
            parent(file);
        } else {
            child(file, Integer.parseInt(arguments[0]));
        }
    }

    // @start region="child"
    static void child(Path file, int number) throws Exception {
        String word = WORDS.get(RandomGenerator.getDefault().nextInt(WORDS.size()));
        // @start region="write"
        SharedMemory memory = SharedMemory.create(ShmKey.ftok(file, '0' + number), 1024);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).setString(0, word);
        } catch (Exception notWritten) {
            memory.remove();
            throw notWritten;
        }
        // @end region="write"
        System.out.println(word);
    }
    // @end region="child"

    // @start region="parent"
    static void parent(Path file) throws Exception {
        List<Process> children = new ArrayList<>();
        Exception failure = null;
        try {
            for (int number = 0; number < CHILDREN; number++) {
                children.add(startChild(number));
            }
        } catch (IOException notStarted) {
            failure = notStarted; // Those before it have blocks, which somebody has to remove.
        }
        int right = 0;
        for (int number = 0; number < children.size(); number++) {
            Process child = children.get(number);
            // A child that failed has left no block. Whatever has its key belongs to somebody else.
            if (child.waitFor() == 0) {
                try {
                    String word = readAndRemove(file, number);
                    System.out.println("child " + number + " wrote '" + word + "'");
                    right += word.equals(child.inputReader().readLine()) ? 1 : 0;
                } catch (ShmException notRead) {
                    failure = notRead; // The blocks of the others are read and removed all the same.
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        if (right != CHILDREN) {
            throw new AssertionError(right + " of " + CHILDREN + " children wrote the word that was read");
        }
        System.out.println("checked: each block held the word of its child");
    }

    static String readAndRemove(Path file, int number) throws ShmException {
        // @start region="read"
        SharedMemory memory = SharedMemory.open(ShmKey.ftok(file, '0' + number));
        try (Arena arena = Arena.ofConfined()) {
            return memory.attach(AttachMode.READ_ONLY, arena).getString(0);
        } finally {
            memory.remove();
        }
        // @end region="read"
    }
    // @end region="parent"

    /** Starts this program once more, with the number of the child as its argument. */
    private static Process startChild(int number) throws IOException {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> command = new ArrayList<>();
        command.add(self.command().orElseThrow());
        command.addAll(List.of(self.arguments().orElseThrow()));
        command.add(Integer.toString(number));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
