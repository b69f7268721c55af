import java.util.Optional;

/*
 * Hint 1: Print linker.canonicalLayouts().get("size_t").
 * Hint 2: The descriptor's second parameter is JAVA_LONG, and the call passes size as it is, without a cast.
 */
class Check {

    static final int IPC_CREAT = 01000;
    static final int IPC_EXCL = 02000;
    static final int SHM_NORESERVE = 010000;
    static final long ASKED = 5L << 30;

    public static void main(String[] arguments) throws Throwable {
        int key = (int) System.nanoTime() | 1; // Nobody has a block with it.
        int id = Exercise.shmget(key, ASKED, IPC_CREAT | IPC_EXCL | SHM_NORESERVE | 0600);
        Judge.that(id != -1, "shmget returns -1: have key, size and flags got there? If so, a limit may be reached:"
                + " course/learn doctor tells it");
        Optional<Judge.Block> block = Judge.Block.withId(id);
        Judge.that(block.isPresent(), "the kernel knows no block " + id);
        Judge.that(block.get().size() == ASKED, String.format(java.util.Locale.ROOT,
                "the block has %,d bytes, you asked for %,d: look at the type of size", block.get().size(), ASKED));
        Judge.that(block.get().key() == key, "the block has the key 0x%08x, you were given 0x%08x"
                .formatted(block.get().key(), key));
        Judge.that(block.get().permissions().equals("600"), "the block's permissions are "
                + block.get().permissions() + ", you were given 0600: they are in the flags");
        Judge.passed("a block of 5 GiB, of which no page is used yet");
    }
}
