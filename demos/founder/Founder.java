import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The program that this library starts from, in PHP, with Java in each of its parts: as the parent of children in PHP, as a
 * child of a parent in PHP, and as the one who cleans up after a parent that was killed.
 */
class Founder {

    private static final int CHILDREN = 4;
    private static final List<String> WORDS = List.of("basalt", "cirrus", "ginkgo", "lagoon", "osprey", "thyme");

    private final Path file;
    private final List<String> php;
    private final List<String> java;
    private final List<Process> started = new ArrayList<>();

    /** The pids of all who may have made a block. */
    private final Set<Long> creators = ConcurrentHashMap.newKeySet();

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 3 && arguments[0].equals("child")) {
            child(Path.of(arguments[1]), Integer.parseInt(arguments[2]));
        } else if (arguments.length == 1) {
            new Founder(Path.of(arguments[0]), ownCommand(arguments)).run();
        } else {
            System.err.println("usage: demos/founder/run");
            System.exit(2);
        }
    }

    private Founder(Path program, List<String> java) {
        this.file = program; // Any file or folder that parent and children can name.
        this.php = List.of("php", program.toString());
        this.java = java;
    }

    private void run() throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(this::leave));
        requireFreeKeys();
        System.out.println("1. A parent in Java, four children in PHP:");
        parent();
        System.out.println("2. A parent in PHP; child 2 is in Java, the others are in PHP:");
        phpParent();
        System.out.println("3. A parent in PHP that is killed halfway:");
        killedParent();
        requireFreeKeys();
        System.out.println("checked: each block held the word of its child, and none is left");
    }

    // @start region="child"
    static void child(Path file, int number) throws ShmException {
        String word = WORDS.get(RandomGenerator.getDefault().nextInt(WORDS.size()));
        SharedMemory memory = SharedMemory.create(key(file, number), 1024);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).setString(0, word);
        }
        System.out.println(word);
    }

    /** PHP's {@code ftok($file, "2")} takes the character, not the number. */
    static ShmKey key(Path file, int number) throws ShmException {
        return ShmKey.ftok(file, '0' + number);
    }
    // @end region="child"

    // @start region="parent"
    private void parent() throws Exception {
        List<Process> children = startChildren();
        for (int number = 0; number < CHILDREN; number++) {
            Process child = children.get(number);
            String wrote = child.inputReader().readLine();
            if (child.waitFor() != 0) {
                throw new IllegalStateException("child " + number + " has ended with exit code " + child.exitValue());
            }
            SharedMemory memory = SharedMemory.open(key(file, number));
            try (Arena arena = Arena.ofConfined()) {
                String word = memory.attach(AttachMode.READ_ONLY, arena).getString(0);
                System.out.println("child " + number + " wrote '" + word + "'");
                requireEqual(wrote, word);
            } finally {
                memory.remove();
            }
        }
    }
    // @end region="parent"

    private void phpParent() throws Exception {
        List<String> words = new ArrayList<>(List.of("parent", file.toString()));
        words.addAll(java);
        Process parent = start(php, words);
        // Its few lines fit into the pipe. Meanwhile its children become known, for whoever has to clean up.
        while (!parent.waitFor(20, TimeUnit.MILLISECONDS)) {
            creators.addAll(pids(parent));
        }
        parent.inputReader().lines().forEach(System.out::println);
        if (parent.exitValue() != 0) {
            throw new IllegalStateException("the parent in PHP has ended with exit code " + parent.exitValue());
        }
    }

    // @start region="killed"
    private void killedParent() throws Exception {
        List<String> words = new ArrayList<>(List.of("parent", file.toString()));
        words.addAll(php);
        words.add("wait"); // Child 2 writes its word and then does not end.
        Process parent = start(php, words);
        System.out.println(parent.inputReader().readLine());
        System.out.println(parent.inputReader().readLine());
        List<SharedMemory> left = List.of(awaitBlock(2, parent), awaitBlock(3, parent));
        creators.addAll(pids(parent));
        parent.destroyForcibly().waitFor(); // SIGKILL
        parent.getOutputStream().close(); // The end of child 2, too.
        System.out.println(
                "process " + parent.pid() + " was killed while it waited for child 2; two blocks are orphans:");
        for (SharedMemory memory : left) {
            while (!memory.status().isOrphaned()) {
                Thread.sleep(20);
            }
        }
        String first = key(file, 2).toString();
        String second = key(file, 3).toString();
        shm4j("list", "--orphans", "--key", first, "--key", second, "--output", "key,perms,size,status");
        shm4j("remove", "--orphans", "--key", first, "--key", second);
    }
    // @end region="killed"

    private SharedMemory awaitBlock(int number, Process parent) throws Exception {
        while (true) {
            try {
                return SharedMemory.open(key(file, number));
            } catch (ShmNotFoundException notYet) {
                if (!parent.isAlive()) {
                    throw new IllegalStateException("the parent in PHP has ended with exit code " + parent.exitValue());
                }
                Thread.sleep(20);
            }
        }
    }

    private List<Process> startChildren() throws IOException {
        List<Process> children = new ArrayList<>();
        for (int number = 0; number < CHILDREN; number++) {
            children.add(start(php, List.of("child", file.toString(), Integer.toString(number))));
        }
        return children;
    }

    private synchronized Process start(List<String> program, List<String> words) throws IOException {
        List<String> command = new ArrayList<>(program);
        command.addAll(words);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        started.add(process);
        creators.add(process.pid());
        return process;
    }

    private static List<Long> pids(Process process) {
        return process.descendants().map(ProcessHandle::pid).toList();
    }

    private static void requireEqual(String wrote, String word) {
        if (!word.equals(wrote)) {
            throw new AssertionError("the child wrote '" + wrote + "', and the block holds '" + word + "'");
        }
    }

    /** Somebody else's blocks stay as they are, also those of an earlier run that was killed. */
    private void requireFreeKeys() throws ShmException {
        for (int number = 0; number < CHILDREN; number++) {
            try {
                ShmStatus block = SharedMemory.open(key(file, number)).status();
                System.err.println("founder: block " + block.key() + " of process " + block.creatorPid()
                        + " is in the way of child " + number + (block.isOrphaned()
                                ? "; it is an orphan: ./shm4j remove " + block.key()
                                : "; does another founder run?"));
                System.exit(1);
            } catch (ShmNotFoundException free) {
                // As it should be.
            }
        }
    }

    /** Whatever happened: neither a process nor a block of one stays. */
    private synchronized void leave() {
        for (Process process : started) {
            creators.addAll(pids(process));
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        for (int number = 0; number < CHILDREN; number++) {
            try {
                SharedMemory memory = SharedMemory.open(key(file, number));
                ShmStatus block = memory.status();
                if (creators.contains((long) block.creatorPid())) {
                    memory.remove();
                } else if (!started.isEmpty() && block.isOrphaned()) {
                    System.err.println("founder: an orphan is left, maybe of this run: ./shm4j remove " + block.key());
                }
            } catch (ShmNotFoundException gone) {
                // Read and removed, or never created.
            } catch (ShmException failed) {
                System.err.println("founder: the block of child " + number + " may be left: " + failed.getMessage());
            }
        }
    }

    private void shm4j(String... words) throws Exception {
        System.out.println("$ ./shm4j " + String.join(" ", words));
        List<String> command = new ArrayList<>(List.of(System.getProperty("demo.shm4j")));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("shm4j " + words[0] + " has ended with exit code " + process.exitValue());
        }
    }

    /** What starts this program once more, without its arguments. */
    private static List<String> ownCommand(String[] arguments) {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> words = List.of(self.arguments().orElseThrow());
        List<String> command = new ArrayList<>();
        command.add(self.command().orElseThrow());
        command.addAll(words.subList(0, words.size() - arguments.length));
        return command;
    }
}
