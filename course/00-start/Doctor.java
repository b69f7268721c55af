import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells whether the course can run here. From lesson 4 on you can read all of it. */
@SuppressWarnings("restricted")
public class Doctor {

    private static final Path COURSE = Path.of(System.getenv("COURSE"));
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private static boolean healthy = true;

    public static void main(String[] arguments) throws Throwable {
        String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        require(system.startsWith("Linux"), system, "the course is about Linux");
        require(Runtime.version().feature() >= 22, "Java " + Runtime.version() + " in " + System.getProperty("java.home"),
                "the course needs 22 or newer");
        require(Files.isReadable(Path.of("/proc/sysvipc/shm")), "/proc/sysvipc/shm", "the checks read it");
        require(Files.isReadable(Path.of("/proc/self/maps")), "/proc/self/maps", "the checks read it");
        require(Files.isWritable(COURSE), COURSE + " can be written", "your exercises go there; clone it as yourself");
        tell("IPC namespace " + Files.readSymbolicLink(Path.of("/proc/self/ns/ipc"))
                + ": you share blocks with the processes that have the same");
        String largest = setting("shmmax");
        tell("shmmax " + largest + (largest.matches("\\d{1,9}|[1-4]\\d{9}")
                ? ": lessons 3 and 7 ask for 5 GiB, and will be refused" : ""));
        tell("shmall " + setting("shmall"));
        tell("shmmni " + setting("shmmni"));
        require(!setting("shm_rmid_forced").equals("1"), "blocks outlive processes",
                "shm_rmid_forced is 1: blocks vanish with the last process, and lesson 12 has nothing to show");
        int processors = Runtime.getRuntime().availableProcessors();
        tell(processors + (processors > 1 ? " processors" : " processor: what lesson 8 shows may not happen"));
        makeABlock();
        System.out.println(healthy ? "The course can run here." : "Mend what has !! before it, and ask again.");
        System.exit(healthy ? 0 : 1);
    }

    private static void makeABlock() throws Throwable {
        int block = (int) link("shmget", FunctionDescriptor.of(INT, INT, ValueLayout.JAVA_LONG, INT)).invoke(0, 1L, 0600);
        require(block != -1, "a block can be made", "a limit above is used up (look at ipcs -m), or the container forbids it");
        if (block != -1) {
            int failed = (int) link("shmctl", FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS))
                    .invoke(block, 0, MemorySegment.NULL);
            require(failed == 0, "a block can be removed", "remove it with ipcrm -m " + block);
        }
    }

    private static java.lang.invoke.MethodHandle link(String function, FunctionDescriptor prototype) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(function).orElseThrow(), prototype);
    }

    private static String setting(String name) throws IOException {
        Path file = Path.of("/proc/sys/kernel", name);
        return Files.isReadable(file) ? Files.readAllLines(file).getFirst() : "is not to be read";
    }

    private static void require(boolean well, String what, String otherwise) {
        healthy &= well;
        System.out.println(well ? "ok    " + what : "!!    " + what + ": " + otherwise);
    }

    private static void tell(String what) {
        System.out.println("      " + what);
    }
}
