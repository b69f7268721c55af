import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;

/**
 * Four arenas: who may use what they allocate, who frees it, and what that costs.
 *
 * <p>It prints:
 *
 * <pre>
 * confined: other threads may not use it, you close it
 * shared: other threads may use it, you close it
 * automatic: other threads may use it, you cannot close it
 * global: other threads may use it, you cannot close it
 * closing a confined arena: [..] µs
 * closing a shared arena: [..] µs
 * </pre>
 */
public class Demo {

    public static void main(String[] arguments) throws InterruptedException {
        show("confined", Arena.ofConfined());
        show("shared", Arena.ofShared());
        show("automatic", Arena.ofAuto());
        show("global", Arena.global());

        // region cost
        cost(Arena::ofConfined, 20_000); // The JIT compiler takes its time: the second round counts.
        cost(Arena::ofShared, 2_000);
        System.out.printf("closing a confined arena: %.1f µs%n", cost(Arena::ofConfined, 20_000));
        System.out.printf("closing a shared arena: %.1f µs%n", cost(Arena::ofShared, 2_000));
        // endregion
    }

    // region show
    static void show(String name, Arena arena) throws InterruptedException {
        MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
        boolean[] usable = {true};
        Thread other = new Thread(() -> number.get(ValueLayout.JAVA_INT, 0));
        other.setUncaughtExceptionHandler((thread, exception) -> usable[0] = false);
        other.start();
        other.join();
        boolean closeable = true;
        try {
            arena.close();
        } catch (UnsupportedOperationException notMine) {
            closeable = false;
        }
        System.out.println(name + ": other threads " + (usable[0] ? "may" : "may not") + " use it, you "
                + (closeable ? "close it" : "cannot close it"));
    }
    // endregion

    static double cost(Supplier<Arena> kind, int times) {
        long nanos = 0;
        for (int i = 0; i < times; i++) {
            Arena arena = kind.get();
            arena.allocate(8);
            long before = System.nanoTime();
            arena.close();
            nanos += System.nanoTime() - before;
        }
        return nanos / 1e3 / times;
    }
}
