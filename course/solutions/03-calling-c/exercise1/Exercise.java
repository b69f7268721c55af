import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

@SuppressWarnings("restricted")
class Exercise {

    /** Calls {@code key_t ftok(const char *pathname, int proj_id);} */
    static int ftok(String path, int project) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find("ftok").orElseThrow();
        // TODO Describe the function, link it, and call it. The path needs an arena.
        MethodHandle ftok = linker.downcallHandle(address,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            return (int) ftok.invokeExact(arena.allocateFrom(path), project);
        }
        // END TODO
    }
}
