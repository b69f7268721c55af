import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

@SuppressWarnings("restricted")
class Exercise {

    /** Maps a block of any size. The end of the arena detaches it. */
    static MemorySegment map(int id, Arena arena) {
        MemorySegment mapped = Calls.shmat(id, MemorySegment.NULL, 0);
        // TODO Who says that it has 4096 bytes? And who detaches it?
        return mapped.reinterpret(4096, arena, null);
        // END TODO
    }
}
