import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/*
 * Hint 1: There are two who can keep you from storing: the processor, and the JVM. Only one of them throws an exception.
 * Hint 2: Calls.attach(id, Calls.SHM_RDONLY, arena).asReadOnly().
 */
class Check {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = Exercise.readOnly(id, arena);
            Judge.that(bytes.isNative(), "the segment is a copy on the heap: it does not show what others store");
            Judge.that(bytes.scope().equals(arena.scope()), "the segment does not end with the arena");
            String mapping = Judge.mapping(bytes.address()).orElseThrow();
            Judge.that(bytes.isReadOnly(), "the segment is not read-only: a store would end the JVM");
            Judge.that(mapping.contains("r--s"), "the mapping is not read-only: C code could still store");
            try {
                bytes.set(ValueLayout.JAVA_INT, 0, 1);
                Judge.notYet("the store was made");
            } catch (IllegalArgumentException refused) {
                Judge.passed("a store is an exception, and nobody else can store either");
            }
        }
    }
}
