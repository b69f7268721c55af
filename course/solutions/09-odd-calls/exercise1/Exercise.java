import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

@SuppressWarnings("restricted")
class Exercise {

    // TODO What is at the address that C passes? And which of two ints comes first?
    static final AddressLayout ELEMENT = ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_INT);

    static int compare(MemorySegment a, MemorySegment b) {
        return Integer.compare(a.get(ValueLayout.JAVA_INT, 0), b.get(ValueLayout.JAVA_INT, 0));
    }
    // END TODO

    /** Sorts ints, wherever they are, with {@code qsort}. */
    static void sort(MemorySegment numbers) throws Throwable {
        Linker linker = Linker.nativeLinker();
        // void qsort(void *base, size_t nmemb, size_t size, int (*compar)(const void *, const void *));
        MethodHandle qsort = linker.downcallHandle(linker.defaultLookup().find("qsort").orElseThrow(),
                FunctionDescriptor.ofVoid(
                        ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        MethodHandle compare = MethodHandles.lookup().findStatic(Exercise.class, "compare",
                MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment comparing = linker.upcallStub(compare,
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ELEMENT, ELEMENT), arena);
            qsort.invokeExact(numbers, numbers.byteSize() / 4, 4L, comparing);
        }
    }
}
