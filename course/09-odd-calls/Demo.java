import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;

/**
 * Three calls that are not ordinary: a variable number of arguments, C that calls Java, and a call without a transition.
 *
 * <p>It prints:
 *
 * <pre>
 * '3 items' has 7 bytes
 * [10, 20, 30]
 * C has counted 4 bytes in an array of Java
 * </pre>
 */
@SuppressWarnings("restricted")
public class Demo {

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong SIZE_T = ValueLayout.JAVA_LONG;
    static final Linker LINKER = Linker.nativeLinker();

    static MethodHandle link(String function, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(function).orElseThrow(), descriptor, options);
    }

    // region compare
    static int compare(MemorySegment a, MemorySegment b) {
        return Integer.compare(a.get(INT, 0), b.get(INT, 0));
    }
    // endregion

    public static void main(String[] arguments) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            // region variadic
            // int snprintf(char *str, size_t size, const char *format, ...);
            MethodHandle snprintf = link("snprintf",
                    FunctionDescriptor.of(INT, ValueLayout.ADDRESS, SIZE_T, ValueLayout.ADDRESS, INT),
                    Linker.Option.firstVariadicArg(3));
            MemorySegment text = arena.allocate(20);
            int length = (int) snprintf.invokeExact(text, 20L, arena.allocateFrom("%d items"), 3);
            System.out.println("'" + text.getString(0) + "' has " + length + " bytes");
            // endregion

            // region upcall
            var target = ValueLayout.ADDRESS.withTargetLayout(INT);
            MemorySegment comparing = LINKER.upcallStub(
                    MethodHandles.lookup().findStatic(Demo.class, "compare",
                            MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class)),
                    FunctionDescriptor.of(INT, target, target), arena);
            // void qsort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *));
            MethodHandle qsort = link("qsort",
                    FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, SIZE_T, SIZE_T, ValueLayout.ADDRESS));
            MemorySegment numbers = arena.allocateFrom(INT, 30, 10, 20);
            qsort.invokeExact(numbers, 3L, 4L, comparing);
            System.out.println(Arrays.toString(numbers.toArray(INT)));
            // endregion

            // region critical
            // size_t strlen(const char *s);
            MethodHandle strlen = link("strlen", FunctionDescriptor.of(SIZE_T, ValueLayout.ADDRESS),
                    Linker.Option.critical(true));
            long bytes = (long) strlen.invokeExact(MemorySegment.ofArray(new byte[] {'h', 'e', 'a', 'p', 0}));
            System.out.println("C has counted " + bytes + " bytes in an array of Java");
            // endregion
        }
    }
}
