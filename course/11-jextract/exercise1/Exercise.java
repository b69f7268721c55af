import io.github.shm4j.internal.sysv.ipc_perm;
import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.MemorySegment;

class Exercise {

    record Status(long attached, int creator, int permissions) {}

    /** Reads three fields of a {@code struct shmid_ds}, with the generated classes. */
    static Status read(MemorySegment status) {
        // TODO Find the methods. The permissions are the last nine bits of a field of a field.
        return new Status(0, 0, 0);
        // END TODO
    }
}
