import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Your library. It uses neither Calls nor anything else but the JDK. */
@SuppressWarnings("restricted")
class Exercise {

    static final int IPC_RMID = 0;
    static final int IPC_STAT = 2;
    static final int IPC_CREAT = 01000;
    static final int IPC_EXCL = 02000;
    static final int SHM_RDONLY = 010000;

    // TODO The handles, each below its prototype, and what makes an exception of errno.

    // END TODO

    /** A block of shared memory. What the kernel refuses is an IllegalStateException such as "shmget: errno 17". */
    record Block(int id) {

        /** Makes a block for its owner alone. Fails if there is one with the key. */
        static Block create(int key, long size) {
            // TODO create
            throw new UnsupportedOperationException();
            // END TODO
        }

        /** Finds a block. Fails if there is none. */
        static Block open(int key) {
            // TODO open
            throw new UnsupportedOperationException();
            // END TODO
        }

        /** Makes a block and attaches it. If that fails, no block is left. */
        static MemorySegment createAttached(int key, long size, Arena arena) {
            // TODO createAttached
            throw new UnsupportedOperationException();
            // END TODO
        }

        /** Attaches it, with the size that the kernel states, until the arena ends. */
        MemorySegment attach(Arena arena) {
            // TODO attach
            throw new UnsupportedOperationException();
            // END TODO
        }

        /** Attaches it for reading. A store is an exception. */
        MemorySegment attachReadOnly(Arena arena) {
            // TODO attachReadOnly
            throw new UnsupportedOperationException();
            // END TODO
        }

        /** Removes it. Whoever has it attached keeps it. */
        void remove() {
            // TODO remove
            throw new UnsupportedOperationException();
            // END TODO
        }

        // TODO What several of these methods need.

        // END TODO
    }
}
