package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmLimitException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Machine;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading and writing memory that the kernel cannot back. */
class ShmopFaultIT {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1", "-XX:-TieredCompilation"})
    void shouldThrowAnErrorAndKeepTheJvmAlive(String compiler) throws ShmException {
        SharedMemory memory = blocks.create(
                Machine.moreThanItsHugePages(), ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES,
                CreateOption.NO_RESERVE);
        Child.Result result = Child.java(Faults.class, memory.status().key())
                .jvm("-XX:+UseSerialGC", "-Xbatch", compiler)
                .run();
        assertEquals("all read(long, long), read(array), write and writeUpTo: InternalError", result.ok().strip());
    }

    /** Uses the last page of a block, often enough for the code to be compiled. */
    static final class Faults {

        private static final int ROUNDS = 5000;

        private Faults() {}

        public static void main(String... arguments) throws ShmException {
            ShmKey key = ShmKey.parse(arguments[0]);
            giveAllPagesToTheFirstOnes(key);
            try (Shmop block = Shmop.open(key, "w")) {
                long last = block.size() - 4096;
                byte[] bytes = new byte[4096];
                int faults = 0;
                for (int i = 0; i < ROUNDS; i++) {
                    faults += isFault(() -> block.read(last, 4096)) ? 1 : 0;
                    faults += isFault(() -> block.read(last, bytes, 0, 4096)) ? 1 : 0;
                    faults += isFault(() -> block.write(bytes, last)) ? 1 : 0;
                    faults += isFault(() -> block.writeUpTo(bytes, last)) ? 1 : 0;
                }
                System.out.println(
                        (faults == 4 * ROUNDS ? "all" : faults + " of " + 4 * ROUNDS)
                                + " read(long, long), read(array), write and writeUpTo: InternalError");
            }
        }

        private static void giveAllPagesToTheFirstOnes(ShmKey key) throws ShmException {
            try (Arena arena = Arena.ofConfined()) {
                SharedMemory.open(key).attach(AttachMode.READ_WRITE, arena, AttachOption.PRE_TOUCH);
                throw new AssertionError("there is memory for the last page");
            } catch (ShmLimitException none) {
                // As it must be.
            }
        }

        private static boolean isFault(Runnable access) {
            try {
                access.run();
                // What compiled code has not thrown yet comes on the way back from native code.
                Thread.holdsLock(Faults.class);
                return false;
            } catch (InternalError noMemory) {
                return true;
            }
        }
    }
}
