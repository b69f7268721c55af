import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.ipc_perm;
import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What you have written by hand in ten lessons, as jextract writes it.
 *
 * <p>It prints:
 *
 * <pre>
 * size 1000
 * permissions 640
 * 112 bytes, shm_nattch at 88
 * shmget is (i4j8i4)i4
 * </pre>
 */
public class Demo {

    public static void main(String[] arguments) {
        // region calls
        int id = SysVShm.shmget(SysVShm.IPC_PRIVATE(), 1000, SysVShm.IPC_CREAT() | 0640);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = shmid_ds.allocate(arena);
            int failed = SysVShm.shmctl(id, SysVShm.IPC_STAT(), status);
            // endregion
            // region fields
            System.out.println("size " + shmid_ds.shm_segsz(status));
            MemorySegment permissions = shmid_ds.shm_perm(status); // A slice.
            System.out.println("permissions %o".formatted(ipc_perm.mode(permissions)));
            // endregion
        } finally {
            int failed = SysVShm.shmctl(id, SysVShm.IPC_RMID(), MemorySegment.NULL);
        }
        // region layouts
        System.out.println(shmid_ds.layout().byteSize() + " bytes, shm_nattch at " + shmid_ds.shm_nattch$offset());
        System.out.println("shmget is " + SysVShm.shmget$descriptor());
        // endregion
    }
}
