import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/*
 * Hint 1: Three things make an orphan of yours: nobody has it attached, the process that made it has ended, and you own it.
 * Hint 2: block.attached() == 0 && ProcessHandle.of(block.creator()).isEmpty() && block.uid() == uid.
 */
class Check {

    // Not the pid: in a container beside this one, another process has the same.
    static final int KEY = (int) System.nanoTime() & ~3;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            System.exit(Calls.shmget(Integer.parseInt(arguments[0]), 1000, Calls.IPC_CREAT | Calls.IPC_EXCL | 0600) < 0 ? 1 : 0);
        }
        long uid = ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
        int orphan = byOther(1);
        int attached = byOther(2);
        int living = Calls.shmget(key(3), 1000, Calls.IPC_CREAT | Calls.IPC_EXCL | 0600);
        try (Arena arena = Arena.ofConfined()) {
            Calls.attach(attached, 0, arena);
            Map<Integer, String> why = new HashMap<>(Map.of(attached, "is attached: its maker has ended, but somebody uses it",
                    living, "has a maker that lives: it may attach it again"));
            List<Judge.Block> blocks = new ArrayList<>(List.of(block(orphan), block(attached), block(living)));
            // As if somebody else had made the orphan.
            Judge.Block made = block(orphan);
            Judge.Block others = new Judge.Block(0, -5, made.permissions(), 1000, made.creator(), 0, uid + 1, 0);
            blocks.add(others);
            why.put(others.id(), "belongs to another user");
            List<Integer> found = Exercise.orphans(blocks, uid);
            for (int id : found) {
                Judge.that(id == orphan, "among them is a block that " + why.get(id));
            }
            Judge.that(found.equals(List.of(orphan)), "the orphan is not among them: " + found);
        }
        Judge.passed("you find your own orphan, and nobody else's");
    }

    static int byOther(int number) throws IOException, InterruptedException {
        Peer.start(Check.class, key(number)).waitFor();
        return Judge.Block.withKey(key(number)).orElseThrow().id();
    }

    static int key(int number) {
        return KEY | number;
    }

    static Judge.Block block(int id) {
        return Judge.Block.withId(id).orElseThrow();
    }
}
