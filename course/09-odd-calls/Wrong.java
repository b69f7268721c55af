import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Odd calls that are used wrongly:
 *
 * <ul>
 *   <li>{@code upcall}: an exception out of Java code that C has called ends the JVM
 *   <li>{@code critical}: a critical call that waits stops the garbage collection
 *   <li>{@code virtual}: a virtual thread in a call of C keeps its carrier
 *   <li>{@code heap}: IllegalArgumentException, as an ordinary call takes no heap segment
 * </ul>
 */
@SuppressWarnings("restricted")
public class Wrong {

    static final Linker LINKER = Linker.nativeLinker();

    public static void main(String[] arguments) throws Throwable {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "upcall" -> upcall();
            case "critical" -> critical();
            case "virtual" -> virtual();
            case "heap" -> heap();
            default -> System.out.println("say which: upcall, critical, virtual or heap");
        }
    }

    static MethodHandle link(String function, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(function).orElseThrow(), descriptor, options);
    }

    // region upcall
    static int compare(MemorySegment a, MemorySegment b) {
        return a.get(ValueLayout.JAVA_INT, 0) - b.get(ValueLayout.JAVA_INT, 0); // They have no size.
    }

    static void upcall() throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment comparing = LINKER.upcallStub(
                    MethodHandles.lookup().findStatic(Wrong.class, "compare",
                            MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class)),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS), arena);
            MethodHandle qsort = link("qsort", FunctionDescriptor.ofVoid(
                    ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
            qsort.invokeExact(arena.allocateFrom(ValueLayout.JAVA_INT, 2, 1), 2L, 4L, comparing);
        } catch (RuntimeException never) {
            System.out.println("caught: " + never);
        }
    }
    // endregion

    // region critical
    static void critical() throws Throwable {
        // int usleep(useconds_t usec);
        MethodHandle usleep = link("usleep", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                Linker.Option.critical(false));
        boolean waited = false;
        for (int i = 0; i < 10 && !waited; i++) {
            Thread sleeper = Thread.ofPlatform().start(() -> sleep(usleep, 2_000_000));
            Thread.sleep(300); // By now it is in the call, unless the machine is very busy.
            long before = System.nanoTime();
            System.gc();
            waited = System.nanoTime() - before > 1_000_000_000;
            sleeper.join();
        }
        System.out.println("the collection took more than a second: " + waited);
    }
    // endregion

    // region virtual
    static void virtual() throws Throwable {
        System.setProperty("jdk.virtualThreadScheduler.parallelism", "1"); // One carrier, so that it shows.
        System.setProperty("jdk.virtualThreadScheduler.maxPoolSize", "1");
        MethodHandle usleep = link("usleep", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        long before = System.nanoTime();
        Thread first = Thread.ofVirtual().start(() -> sleep(usleep, 1_000_000));
        Thread second = Thread.ofVirtual().start(() -> {});
        second.join();
        System.out.println("the second one had to wait for the first: " + (System.nanoTime() - before > 1_000_000_000));
        first.join();
    }
    // endregion

    static void sleep(MethodHandle usleep, int micros) {
        try {
            int result = (int) usleep.invokeExact(micros);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    // region heap
    static void heap() throws Throwable {
        MethodHandle strlen = link("strlen", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        long bytes = (long) strlen.invokeExact(MemorySegment.ofArray(new byte[] {'h', 'e', 'a', 'p', 0}));
    }
    // endregion
}
