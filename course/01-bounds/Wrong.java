import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Three uses that C would allow, each beyond one bound of the segment. Each ends in an exception:
 *
 * <ul>
 *   <li>{@code past-the-end}: IndexOutOfBoundsException
 *   <li>{@code after-close}: IllegalStateException
 *   <li>{@code other-thread}: WrongThreadException
 * </ul>
 */
public class Wrong {

    public static void main(String[] arguments) throws InterruptedException {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "past-the-end" -> pastTheEnd();
            case "after-close" -> afterClose();
            case "other-thread" -> otherThread();
            default -> System.out.println("say which: past-the-end, after-close or other-thread");
        }
    }

    // region past-the-end
    static void pastTheEnd() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(ValueLayout.JAVA_INT, 3);
            numbers.setAtIndex(ValueLayout.JAVA_INT, 3, 40); // The last one has the index 2.
        }
    }
    // endregion

    // region after-close
    static void afterClose() {
        MemorySegment numbers;
        try (Arena arena = Arena.ofConfined()) {
            numbers = arena.allocate(ValueLayout.JAVA_INT, 3);
        }
        numbers.getAtIndex(ValueLayout.JAVA_INT, 0); // In C, this would be somebody else's memory by now.
    }
    // endregion

    // region other-thread
    static void otherThread() throws InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(ValueLayout.JAVA_INT, 3);
            Thread other = new Thread(() -> numbers.getAtIndex(ValueLayout.JAVA_INT, 0));
            other.start();
            other.join();
        }
        System.exit(1);
    }
    // endregion
}
