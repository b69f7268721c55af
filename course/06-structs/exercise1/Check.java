import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/*
 * Hint 1: Write down the offset of each field. Where does the first unsigned long begin, if it has to be a multiple of 8?
 * Hint 2: Behind __pad2 are 4 bytes of MemoryLayout.paddingLayout(4), and then two JAVA_LONG.
 */
class Check {

    public static void main(String[] arguments) {
        int key = (int) System.nanoTime() | 1;
        int id = Calls.shmget(key, 1000, Calls.IPC_CREAT | Calls.IPC_EXCL | 0640);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(Calls.STATUS_SIZE, 8);
            Calls.shmctl(id, Calls.IPC_STAT, status);
            Judge.that(field(status, "__key") == key, "__key is not the key of the block");
            Judge.that((field(status, "mode") & 0777) == 0640, "mode is 0%o, and should be 0640".formatted(field(status, "mode")));
            for (String owner : new String[] {"uid", "gid", "cuid", "cgid"}) {
                Judge.that(field(status, owner) == uid(id, owner.endsWith("uid")), owner + " is not the block's");
            }
            long size = Exercise.IPC_PERM.byteSize();
            Judge.that(size == 48, "ipc_perm has 48 bytes in C, and yours has " + size);
            for (String name : new String[] {"__seq", "__glibc_reserved2"}) {
                Judge.that(Exercise.IPC_PERM.memberLayouts().stream().anyMatch(field -> field.name().equals(Optional.of(name))),
                        "there is no " + name + ": give each field the name that it has in C");
            }
            PathElement seq = PathElement.groupElement("__seq");
            Judge.that(Exercise.IPC_PERM.byteOffset(seq) == 24,
                    "__seq is at 24 in C, and yours is at " + Exercise.IPC_PERM.byteOffset(seq));
            Judge.that(Exercise.IPC_PERM.select(seq).byteSize() == 2,
                    "__seq has 2 bytes in C, and yours has " + Exercise.IPC_PERM.select(seq).byteSize());
            long last = Exercise.IPC_PERM.byteOffset(PathElement.groupElement("__glibc_reserved2"));
            Judge.that(last == 40, "__glibc_reserved2 is at 40 in C, and yours is at " + last);
        }
        Judge.passed("the kernel's struct, field by field");
    }

    static int field(MemorySegment status, String name) {
        return status.get(ValueLayout.JAVA_INT, Exercise.IPC_PERM.byteOffset(PathElement.groupElement(name)));
    }

    static long uid(int id, boolean user) {
        Judge.Block block = Judge.Block.withId(id).orElseThrow();
        return user ? block.uid() : block.gid();
    }
}
