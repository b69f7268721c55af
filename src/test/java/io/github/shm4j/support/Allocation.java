package io.github.shm4j.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How many bytes of the heap a call takes once it is compiled, as the JVM itself counts them. A program calls {@link #measure} in
 * a JVM of its own, and its test asks for what that has found.
 */
public final class Allocation {

    /** Asking the JVM allocates a little itself. */
    public static final double MEASURING = 0.01;

    private static final int CALLS = 20_000;
    private static final int MOST_ROUNDS = 60;

    private static long sink;

    private Allocation() {}

    /** What is measured. */
    @FunctionalInterface
    public interface Call {

        /** Does it for the so many-th time, and returns something that depends on it, so that it is done. */
        long run(int number) throws Exception;
    }

    /** {@return what a program has measured: bytes for each call, by its name} */
    public static Map<String, Double> by(Class<?> program, Object... arguments) {
        Map<String, Double> bytes = new HashMap<>();
        // In the background, the compiler would find other methods compiled already whenever the machine is busy. What it then
        // does not inline, such as the view of a buffer, stays an object for good.
        Child.java(program, arguments).jvm("-XX:TieredStopAtLevel=4", "-Xbatch").run().ok().lines()
                .map(line -> line.split("="))
                .forEach(line -> bytes.put(line[0], Double.parseDouble(line[1])));
        return bytes;
    }

    /** Asserts that a program measures calls of these names, and that none of them allocates anything. */
    public static void assertNone(Set<String> names, Class<?> program, Object... arguments) {
        Map<String, Double> bytes = by(program, arguments);
        assertEquals(names, bytes.keySet());
        bytes.keySet().forEach(name -> assertAtMost(MEASURING, name, bytes));
    }

    public static void assertAtMost(double limit, String name, Map<String, Double> bytes) {
        assertTrue(bytes.get(name) <= limit,
                () -> name + ": " + bytes.get(name) + " bytes per call instead of " + limit);
    }

    /** Prints the least of many rounds, as the compiler works beside the first ones; of fewer, once it is nothing. */
    public static void measure(String name, Call call) throws Exception {
        double least = Double.MAX_VALUE;
        for (int round = 0; round < MOST_ROUNDS && least > MEASURING; round++) {
            long before = allocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                sink += call.run(i);
            }
            least = Math.min(least, (allocatedBytes() - before) / (double) CALLS);
        }
        System.out.println(name + "=" + least);
    }

    private static long allocatedBytes() throws ReflectiveOperationException {
        return (long) Counter.METHOD.invoke(Counter.BEAN);
    }

    /** By reflection: the module of the library, to which the tests belong, does not need the management module. */
    private static final class Counter {
        static final Object BEAN;
        static final Method METHOD;

        static {
            try {
                BEAN = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean")
                        .invoke(null);
                METHOD = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
            } catch (ReflectiveOperationException missing) {
                throw new ExceptionInInitializerError(missing);
            }
        }
    }
}
