import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/*
 * Hint 1: Begin with the four handles and one method that makes an exception of a function's name and a captured errno.
 * Calls.java has most of it. The message must have errno's name or number in it.
 * Hint 2: After shmget and after shmat there is something to undo. Each needs a try that begins right behind it, and whose
 * catch removes, or detaches, and throws again. And how does shmat say that it has failed?
 */
class Check {

    static int number;
    static String name;

    public static void main(String[] arguments) {
        int key = (int) System.nanoTime() | 1;
        try {
            judge(key);
        } catch (UnsupportedOperationException missing) {
            fail("this is not written yet");
        }
        Judge.passed("all 12 checks: you have written a library for shared memory");
    }

    static void judge(int key) {
        begin("create makes a block of the size that you ask for");
        Exercise.Block block = Exercise.Block.create(key, 10_000);
        require(kernel(key).isPresent(), "the kernel has no block with the key");
        require(kernel(key).get().size() == 10_000, "it has " + kernel(key).get().size() + " bytes, not 10000");
        require(kernel(key).get().id() == block.id(), "id() is " + block.id() + ", not " + kernel(key).get().id());

        int vastKey = key ^ 0x10000000;
        long vast = (1L << 62) + 10_000;
        try {
            Exercise.Block.create(vastKey, vast);
        } catch (IllegalStateException asItShould) {
            // The kernel was told the whole number.
        }
        kernel(vastKey).ifPresent(made -> {
            // Where vm.overcommit_memory is 1, the kernel promises memory that no machine has.
            Calls.remove(made.id());
            require(made.size() == vast,
                    "you were asked for 2^62 + 10000 bytes and made " + made.size() + ": look at the type of size");
        });

        begin("a block belongs to its owner alone");
        require(kernel(key).get().permissions().endsWith("600"), "permissions are " + kernel(key).get().permissions());

        begin("create never hands out a block that was there before");
        refuses(() -> Exercise.Block.create(key, 10_000), "shmget", "EEXIST", 17);

        begin("open finds it");
        require(Exercise.Block.open(key).id() == block.id(), "it finds another one");

        begin("open says that there is none");
        refuses(() -> Exercise.Block.open(key ^ 0x40000000), "shmget", "ENOENT", 2);

        begin("attach gives the kernel's size, whatever you have asked for");
        try (Arena arena = Arena.ofConfined(); Arena other = Arena.ofShared()) {
            MemorySegment bytes = Exercise.Block.open(key).attach(arena);
            require(bytes.byteSize() == 10_000, "the segment has " + bytes.byteSize() + " bytes");
            bytes.setString(9_000, "hello");
            require(block.attach(other).getString(9_000).equals("hello"), "what is written is not seen elsewhere");
        }

        begin("the end of the arena detaches it");
        require(kernel(key).get().attached() == 0, "nattch is " + kernel(key).get().attached());

        begin("read-only is so twice");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = block.attachReadOnly(arena);
            require(bytes.isReadOnly(), "a store would end the JVM");
            require(Judge.mapping(bytes.address()).orElseThrow().contains("r--s"), "the mapping can be written");
        }
        require(kernel(key).get().attached() == 0, "nattch is " + kernel(key).get().attached());

        begin("an arena that is closed leaves nothing attached");
        Arena closed = Arena.ofConfined();
        closed.close();
        try {
            block.attach(closed);
            fail("no exception");
        } catch (IllegalStateException asItShould) {
            require(kernel(key).get().attached() == 0, "nattch is " + kernel(key).get().attached());
        }

        begin("a failure after create leaves no block");
        int second = key ^ 0x20000000;
        try {
            Exercise.Block.createAttached(second, 1000, closed);
            fail("no exception");
        } catch (IllegalStateException asItShould) {
            require(kernel(second).isEmpty(), "block " + kernel(second).map(Judge.Block::id).orElse(0) + " is left");
        }

        begin("after remove, whoever has it attached keeps it");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = block.attach(arena);
            bytes.set(ValueLayout.JAVA_BYTE, 0, (byte) 7);
            block.remove();
            require(bytes.get(ValueLayout.JAVA_BYTE, 0) == 7, "the contents are gone");
            require(kernel(key).isEmpty(), "the key is still taken");
        }

        begin("what is gone cannot be removed or attached");
        refuses(block::remove, "shmctl", "EINVAL", 22);
        try (Arena arena = Arena.ofConfined()) {
            refuses(() -> block.attach(arena), "shmat", "EINVAL", 22);
        }
    }

    static void begin(String what) {
        number++;
        name = what;
    }

    static void require(boolean so, String otherwise) {
        if (!so) {
            fail(otherwise);
        }
    }

    static void fail(String why) {
        Judge.notYet("check " + number + " of 12, " + name + ": " + why);
    }

    /** Requires that the kernel's refusal is an exception which tells the call and the errno. */
    static void refuses(Runnable call, String function, String errno, int value) {
        try {
            call.run();
        } catch (IllegalStateException refused) {
            String message = String.valueOf(refused.getMessage());
            require(message.contains(errno) || message.matches(".*\\b" + value + "\\b.*"),
                    "the message \"" + message + "\" has neither " + errno + " nor " + value + " in it");
            require(message.contains(function),
                    "the message \"" + message + "\" does not name " + function + ": is that the call which has failed?");
            return;
        } catch (UnsupportedOperationException missing) {
            throw missing;
        } catch (RuntimeException other) {
            fail("the exception is not an IllegalStateException: " + other);
        }
        fail("no IllegalStateException");
    }

    static Optional<Judge.Block> kernel(int key) {
        return Judge.Block.withKey(key);
    }
}
