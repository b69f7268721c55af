import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * A program that cleans up, and does not come to it:
 *
 * <ul>
 *   <li>{@code finally}: killed before its finally, and the block is left
 *   <li>{@code key}: the next start fails, as the key is taken
 * </ul>
 */
public class Wrong {

    static final int KEY = (int) System.nanoTime() | 1;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2) {
            work(Integer.parseInt(arguments[1]));
        }
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "finally" -> killed();
            case "key" -> {
                killed();
                work(KEY);
            }
            default -> System.out.println("say which: finally or key");
        }
    }

    // region work
    static void work(int key) throws IOException {
        int id = Calls.shmget(key, 1000, Calls.IPC_CREAT | Calls.IPC_EXCL | 0600);
        try (Arena arena = Arena.ofConfined()) {
            Calls.attach(id, 0, arena).setString(0, "half of the work");
            new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid())).start().onExit().join();
            System.in.read(); // Until the signal comes.
        } finally {
            Calls.remove(id);
        }
    }
    // endregion

    static void killed() throws Exception {
        int exit = Peer.start(Wrong.class, "work", KEY).waitFor();
        System.out.println("the worker ended with " + exit + ", and its block is there: "
                + Judge.Block.withKey(KEY).isPresent());
    }
}
