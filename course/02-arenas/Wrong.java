import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Pipe;
import java.util.Arrays;

/**
 * Three ways to close an arena that are none. Each ends in an exception:
 *
 * <ul>
 *   <li>{@code twice}: IllegalStateException, as it is closed already
 *   <li>{@code global}: UnsupportedOperationException
 *   <li>{@code in-use}: IllegalStateException, as another thread is in a call that uses it
 * </ul>
 */
public class Wrong {

    public static void main(String[] arguments) throws Exception {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "twice" -> twice();
            case "global" -> Arena.global().close();
            case "in-use" -> inUse();
            default -> System.out.println("say which: twice, global or in-use");
        }
    }

    // region twice
    static void twice() {
        Arena arena = Arena.ofConfined();
        arena.close();
        arena.close();
    }
    // endregion

    // region in-use
    static void inUse() throws IOException {
        Pipe pipe = Pipe.open();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = arena.allocate(100);
            Thread reader = new Thread(() -> read(pipe, buffer));
            reader.setDaemon(true);
            reader.start();
            while (Arrays.stream(reader.getStackTrace()).noneMatch(frame -> frame.getMethodName().equals("read0"))) {
                Thread.onSpinWait(); // Until it is in the call, where it waits for bytes that never come.
            }
        } // What if the arena were closed here, and the bytes came?
    }
    // endregion

    static void read(Pipe pipe, MemorySegment buffer) {
        try {
            pipe.source().read(buffer.asByteBuffer());
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }
}
