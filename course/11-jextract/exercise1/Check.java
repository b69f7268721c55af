import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/*
 * Hint 1: src/main/java-generated/io/github/shm4j/internal/sysv/shmid_ds.java has a method for each field, and one that ends
 * in $offset.
 * Hint 2: shmid_ds.shm_nattch(status), shmid_ds.shm_cpid(status), and ipc_perm.mode(shmid_ds.shm_perm(status)) & 0777.
 */
class Check {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0640);
        try (Arena arena = Arena.ofConfined()) {
            Calls.attach(id, 0, arena);
            MemorySegment status = arena.allocate(Calls.STATUS_SIZE, 8);
            Calls.shmctl(id, Calls.IPC_STAT, status);
            status.set(ValueLayout.JAVA_INT, 84, 1); // As if another process had been the last to attach it.
            Exercise.Status read = Exercise.read(status);
            Judge.that(read.attached() == 1, "attached is " + read.attached() + ", not 1");
            Judge.that(read.creator() == ProcessHandle.current().pid(), "creator is " + read.creator() + ", not this process");
            Judge.that(read.permissions() == 0640, "permissions are 0%o, not 0640".formatted(read.permissions()));
        }
        Judge.passed("you have found your way through the generated code");
    }
}
