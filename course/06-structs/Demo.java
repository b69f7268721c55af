import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The struct that tells of a block, field by field.
 *
 * <p>It prints:
 *
 * <pre>
 * size 1000
 * made by this process: true
 * attached 1 time
 * shm_segsz at 48
 * shm_cpid at 80
 * shm_lpid at 84
 * shm_nattch at 88
 * the struct has 112 bytes
 * </pre>
 */
public class Demo {

    // region layout
    static final StructLayout SHMID_DS = MemoryLayout.structLayout(
            MemoryLayout.paddingLayout(48).withName("shm_perm"), // A struct of its own: see exercise 6.1.
            ValueLayout.JAVA_LONG.withName("shm_segsz"), // size_t
            ValueLayout.JAVA_LONG.withName("shm_atime"), // time_t
            ValueLayout.JAVA_LONG.withName("shm_dtime"),
            ValueLayout.JAVA_LONG.withName("shm_ctime"),
            ValueLayout.JAVA_INT.withName("shm_cpid"), // pid_t
            ValueLayout.JAVA_INT.withName("shm_lpid"),
            ValueLayout.JAVA_LONG.withName("shm_nattch"), // unsigned long
            MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_LONG).withName("reserved"));
    // endregion

    // region handles
    static final VarHandle SEGSZ = SHMID_DS.varHandle(PathElement.groupElement("shm_segsz"));
    static final VarHandle CPID = SHMID_DS.varHandle(PathElement.groupElement("shm_cpid"));
    static final VarHandle NATTCH = SHMID_DS.varHandle(PathElement.groupElement("shm_nattch"));
    // endregion

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            Calls.attach(id, 0, arena);
            // region read
            MemorySegment status = arena.allocate(SHMID_DS);
            Calls.shmctl(id, Calls.IPC_STAT, status);
            System.out.println("size " + (long) SEGSZ.get(status, 0L));
            System.out.println("made by this process: " + ((int) CPID.get(status, 0L) == ProcessHandle.current().pid()));
            System.out.println("attached " + (long) NATTCH.get(status, 0L) + " time");
            // endregion
        } finally {
            Calls.remove(id);
        }
        for (String field : new String[] {"shm_segsz", "shm_cpid", "shm_lpid", "shm_nattch"}) {
            System.out.println(field + " at " + SHMID_DS.byteOffset(PathElement.groupElement(field)));
        }
        System.out.println("the struct has " + SHMID_DS.byteSize() + " bytes");
    }
}
