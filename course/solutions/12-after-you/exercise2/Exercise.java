import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

class Exercise {

    /** Returns shared memory that is gone when the arena is closed or the process ends, however it ends. */
    static MemorySegment scratch(long size, Arena arena) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, size, 0600);
        // TODO Who removes it, if the process is killed?
        try {
            return Calls.attach(id, 0, arena);
        } finally {
            Calls.remove(id);
        }
        // END TODO
    }
}
