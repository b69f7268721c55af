import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

class Exercise {

    /** Where {@code mode} lies in a {@code struct shmid_ds}. */
    static final long MODE = 20;

    /** Changes who may read and write a block, such as 0600. */
    static void setMode(int id, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(Calls.STATUS_SIZE, 8);
            // TODO Something is missing before, or after, this line.
            Calls.shmctl(id, Calls.IPC_STAT, status);
            status.set(ValueLayout.JAVA_INT, MODE, mode);
            Calls.shmctl(id, Calls.IPC_SET, status);
            // END TODO
        }
    }
}
