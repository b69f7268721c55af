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
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    // int shmget(key_t key, size_t size, int shmflg);
    static final MethodHandle shmget = link("shmget", FunctionDescriptor.of(INT, INT, LONG, INT));

    // void *shmat(int shmid, const void *shmaddr, int shmflg);
    static final MethodHandle shmat =
            link("shmat", FunctionDescriptor.of(ValueLayout.ADDRESS, INT, ValueLayout.ADDRESS, INT));

    // int shmdt(const void *shmaddr);
    static final MethodHandle shmdt = link("shmdt", FunctionDescriptor.of(INT, ValueLayout.ADDRESS));

    // int shmctl(int shmid, int cmd, struct shmid_ds *buf);
    static final MethodHandle shmctl = link("shmctl", FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS));

    static MethodHandle link(String function, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(function).orElseThrow(), descriptor,
                Linker.Option.captureCallState("errno"));
    }

    /** A call that returns an int, -1 if it failed. */
    interface Call {
        int with(MemorySegment captured) throws Throwable;
    }

    static int call(String what, Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Linker.Option.captureStateLayout());
            int result = call.with(captured);
            if (result == -1) {
                throw new IllegalStateException(what + ": errno " + captured.get(INT, ERRNO));
            }
            return result;
        } catch (RuntimeException | Error failure) {
            throw failure;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
    // END TODO

    /** A block of shared memory. What the kernel refuses is an IllegalStateException such as "shmget: errno 17". */
    record Block(int id) {

        /** Makes a block for its owner alone. Fails if there is one with the key. */
        static Block create(int key, long size) {
            // TODO create
            return new Block(call("shmget", captured ->
                    (int) shmget.invokeExact(captured, key, size, IPC_CREAT | IPC_EXCL | 0600)));
            // END TODO
        }

        /** Finds a block. Fails if there is none. */
        static Block open(int key) {
            // TODO open
            return new Block(call("shmget", captured -> (int) shmget.invokeExact(captured, key, 0L, 0)));
            // END TODO
        }

        /** Makes a block and attaches it. If that fails, no block is left. */
        static MemorySegment createAttached(int key, long size, Arena arena) {
            // TODO createAttached
            Block block = create(key, size);
            try {
                return block.attach(arena);
            } catch (RuntimeException failure) {
                block.remove();
                throw failure;
            }
            // END TODO
        }

        /** Attaches it, with the size that the kernel states, until the arena ends. */
        MemorySegment attach(Arena arena) {
            // TODO attach
            return map(0, arena);
            // END TODO
        }

        /** Attaches it for reading. A store is an exception. */
        MemorySegment attachReadOnly(Arena arena) {
            // TODO attachReadOnly
            return map(SHM_RDONLY, arena).asReadOnly();
            // END TODO
        }

        /** Removes it. Whoever has it attached keeps it. */
        void remove() {
            // TODO remove
            call("shmctl", captured -> (int) shmctl.invokeExact(captured, id, IPC_RMID, MemorySegment.NULL));
            // END TODO
        }

        // TODO What several of these methods need.
        private MemorySegment map(int flags, Arena arena) {
            MemorySegment[] mapped = {null};
            call("shmat", captured -> {
                mapped[0] = (MemorySegment) shmat.invokeExact(captured, id, MemorySegment.NULL, flags);
                return mapped[0].address() == -1 ? -1 : 0;
            });
            try {
                return mapped[0].reinterpret(size(), arena, Block::detach);
            } catch (RuntimeException failure) {
                detach(mapped[0]);
                throw failure;
            }
        }

        private long size() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment status = arena.allocate(112, 8);
                call("shmctl", captured -> (int) shmctl.invokeExact(captured, id, IPC_STAT, status));
                return status.get(LONG, 48);
            }
        }

        private static void detach(MemorySegment mapped) {
            call("shmdt", captured -> (int) shmdt.invokeExact(captured, mapped));
        }
        // END TODO
    }
}
