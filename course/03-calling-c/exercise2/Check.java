import java.util.Optional;

/*
 * Hint 1: Print linker.canonicalLayouts().get("size_t").
 * Hint 2: The descriptor's second parameter is JAVA_LONG, and the call passes size as it is, without a cast.
 */
class Check {

    static final long ASKED = 5L << 30;

    public static void main(String[] arguments) throws Throwable {
        int id = Exercise.shmget(0, ASKED, 0600 | 010000);
        Judge.that(id != -1, "shmget returns -1: is the limit reached? course/learn doctor tells it");
        Optional<Judge.Block> block = Judge.Block.withId(id);
        Judge.that(block.isPresent(), "the kernel knows no block " + id);
        Judge.that(block.get().size() == ASKED, String.format(java.util.Locale.ROOT,
                "the block has %,d bytes, you asked for %,d: look at the type of size", block.get().size(), ASKED));
        Judge.passed("a block of 5 GiB, of which no page is used yet");
    }
}
