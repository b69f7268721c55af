import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;

/*
 * Hint 1: What does shmctl with IPC_RMID do to a block that is still attached? Read it in man 2 shmctl.
 * Hint 2: Remove it right after it is attached: the kernel keeps it until the last process detaches, however that ends.
 */
class Check {

    public static void main(String[] arguments) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment scratch = Exercise.scratch(1000, arena);
            Judge.that(scratch.byteSize() == 1000, "it has " + scratch.byteSize() + " bytes, not 1000");
            scratch.setString(0, "hello");
            Judge.that("hello".equals(scratch.getString(0)), "what was written is not there");
            Judge.that(Judge.mapping(scratch.address()).orElseThrow().contains("SYSV"), "this is no block of shared memory");
            Judge.that(!hasABlock(columns -> (Integer.parseInt(columns[2], 8) & 01000) == 0), "if this process were killed now, its block would be left for ever");
        }
        Judge.that(!hasABlock(columns -> true), "the arena is closed, and the block is still there: who detaches it?");
        Judge.passed("whatever ends the process, nothing is left");
    }

    /** Whether this process has made such a block. 1000 in the mode says that it goes with the last detach. */
    static boolean hasABlock(Predicate<String[]> such) throws IOException {
        String self = Long.toString(ProcessHandle.current().pid());
        return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
                .map(line -> line.strip().split("\\s+"))
                .anyMatch(columns -> columns[4].equals(self) && such.test(columns));
    }
}
