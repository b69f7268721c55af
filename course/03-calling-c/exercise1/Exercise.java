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
        return 0;
        // END TODO
    }
}
