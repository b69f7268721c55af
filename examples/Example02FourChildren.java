import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import java.io.BufferedReader;
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

    private static final List<String> WORDS = List.of("amber", "comet", "fjord", "heron", "maple", "quartz", "tundra");

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            System.err.println("usage: Example02FourChildren FILE, any file, from which the keys are made");
            System.exit(2);
        }
        Path file = Path.of(arguments[0]);
        if (arguments.length == 1) {
            parent(file);
        } else {
            child(file, Integer.parseInt(arguments[1]));
        }
    }

    // @start region="child"
    static void child(Path file, int number) throws Exception {
        String word = WORDS.get(RandomGenerator.getDefault().nextInt(WORDS.size()));
        SharedMemory memory = SharedMemory.create(ShmKey.ftok(file, '0' + number), 1024);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).setString(0, word);
        }
        System.out.println(word);
    }
    // @end region="child"

    // @start region="parent"
    static void parent(Path file) throws Exception {
        List<Process> children = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            children.add(startChild(number));
        }
        boolean allWell = true;
        for (int number = 0; number < 4; number++) {
            String reported;
            try (BufferedReader output = children.get(number).inputReader()) {
                reported = output.readLine();
            }
            if (children.get(number).waitFor() != 0) {
                System.err.println("child " + number + " failed");
                allWell = false;
                continue; // The other children's blocks still have to be removed.
            }
            SharedMemory memory = SharedMemory.open(ShmKey.ftok(file, '0' + number));
            String word;
            try (Arena arena = Arena.ofConfined()) {
                word = memory.attach(AttachMode.READ_ONLY, arena).getString(0);
            } finally {
                memory.remove();
            }
            System.out.println("child " + number + " wrote '" + word + "'");
            allWell &= word.equals(reported);
        }
        if (!allWell) {
            throw new AssertionError("a child failed, or its word was not the one read");
        }
    }
    // @end region="parent"

    /** Starts this program once more, with the number of the child as a further argument. */
    private static Process startChild(int number) throws Exception {
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
