import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.state.SharedLock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Processes move money between two accounts in one block, and hold its lock meanwhile. One of them is killed between taking
 * the money and giving it. The next owner is told so, and repairs the accounts.
 */
class Example09SharedLock {

    private static final long LOCK = 0;
    private static final long FIRST = 128;
    private static final long SECOND = 136;

    private static final int MONEY = 1000;
    private static final int CHILDREN = 3;
    private static final int MOVES = 100;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            parent();
        } else {
            child(SharedMemory.ofId(Integer.parseInt(arguments[0])), arguments[1].equals("dies"));
        }
    }

    private static void parent() throws Exception {
        SharedMemory block = SharedMemory.createPrivate(4096);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
            add(memory, FIRST, MONEY);
            startChild(block, "dies").waitFor();
            List<Process> children = new ArrayList<>();
            for (int number = 0; number < CHILDREN; number++) {
                children.add(startChild(block, "lives"));
            }
            for (Process child : children) {
                child.waitFor();
            }
            long first = memory.get(ValueLayout.JAVA_LONG, FIRST);
            long second = memory.get(ValueLayout.JAVA_LONG, SECOND);
            if (first != MONEY - CHILDREN * MOVES || second != CHILDREN * MOVES) {
                throw new AssertionError("the accounts hold " + first + " and " + second);
            }
            System.out.println("checked: the accounts hold " + first + " and " + second);
        } finally {
            block.remove();
        }
    }

    private static void child(SharedMemory block, boolean dies) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
            // @start region="lock"
            SharedLock lock = SharedLock.at(memory, LOCK); // New memory is zeros, and zeros are a free lock.
            for (int move = 0; move < MOVES; move++) {
                try (SharedLock.Held held = lock.acquire(Duration.ofSeconds(10))) {
                    if (held.previousOwnerDied()) {
                        repair(memory);
                        held.markConsistent();
                    }
                    move(memory, dies);
                }
            }
            // @end region="lock"
        }
    }

    private static void move(MemorySegment memory, boolean dies) {
        add(memory, FIRST, -1);
        if (dies) {
            Runtime.getRuntime().halt(1);
        }
        add(memory, SECOND, 1);
    }

    private static void repair(MemorySegment memory) {
        long found = memory.get(ValueLayout.JAVA_LONG, FIRST) + memory.get(ValueLayout.JAVA_LONG, SECOND);
        add(memory, FIRST, MONEY - found);
    }

    private static void add(MemorySegment memory, long account, long amount) {
        memory.set(ValueLayout.JAVA_LONG, account, memory.get(ValueLayout.JAVA_LONG, account) + amount);
    }

    /** Starts this program once more. */
    private static Process startChild(SharedMemory block, String what) throws Exception {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> command = new ArrayList<>();
        command.add(self.command().orElseThrow());
        command.addAll(List.of(self.arguments().orElseThrow()));
        command.addAll(List.of(Integer.toString(block.id()), what));
        return new ProcessBuilder(command).inheritIO().start();
    }
}
