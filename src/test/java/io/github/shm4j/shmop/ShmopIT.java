package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Outcome;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Scanner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks between processes and between users, and what is left of a process that was careless or killed. */
class ShmopIT {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @ParameterizedTest
    @CsvSource({"n, a", "n, c", "n, w", "c, a", "c, c", "c, w"})
    void shouldExchangeWithAnotherJvm(String creatorMode, String openerMode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Child.Running creator = Child.java(Writer.class, key, creatorMode).start()) {
            assertEquals("wrote", creator.line());
            try (Shmop block = Shmop.open(key, openerMode, MODE, 1003)) {
                assertEquals(1003, block.size());
                assertArrayEquals("child".getBytes(), block.read(998, 0));
                assertEquals(2, SharedMemory.open(key).status().attachCount());
                if (!openerMode.equals("a")) {
                    block.write("parent".getBytes(), 1);
                    creator.send("read");
                    assertEquals("\0parent\0", creator.line());
                    block.delete();
                    creator.send("write and read");
                    assertEquals("CHILD", creator.line());
                    assertArrayEquals("CHILD".getBytes(), block.read(998, 0));
                }
            }
        }
    }

    /** Creates a block, writes to it, and again on each command. */
    static final class Writer {
        public static void main(String[] args) throws Exception {
            try (Shmop block = Shmop.open(ShmKey.parse(args[0]), args[1], MODE, 1003);
                    Scanner commands = new Scanner(System.in)) {
                block.write("child".getBytes(), 998);
                System.out.println("wrote");
                commands.nextLine();
                System.out.println(new String(block.read(0, 8)));
                commands.nextLine();
                block.write("CHILD".getBytes(), 998);
                System.out.println(new String(block.read(998, 0)));
            }
        }
    }

    @Test
    void shouldLeaveTheBlockDetachedButUsableWhenTheProcessIsKilled() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Child.Running creator = Child.java(Writer.class, key, "n").start()) {
            assertEquals("wrote", creator.line());
            SharedMemory memory = SharedMemory.open(key);
            assertEquals(1, memory.status().attachCount());
            assertEquals(137, creator.kill().exit());
            assertEquals(0, memory.status().attachCount());
        }
        try (Shmop block = Shmop.open(key, "w")) {
            assertArrayEquals("child".getBytes(), block.read(998, 0));
            block.delete();
        }
        assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, "w"));
    }

    // fault 22
    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldRemoveTheBlockAgainThatItMadeAndMayNotAttach(String mode) throws ShmException {
        Peers.requireOtherUser();
        for (String permissions : new String[] {"0000", "0400", "0200", "0040"}) {
            ShmKey key = blocks.freeKey();
            List<String> lines = Child.java(Create.class, key, mode, permissions, 1003).asNobody().run().lines();
            assertEquals("ShmAccessDeniedException EACCES shmat", lines.get(0), permissions);
            assertTrue(lines.get(1).startsWith("shmat("), lines.get(1));
            assertTrue(lines.get(1).contains("EACCES (13), Permission denied"), lines.get(1));
            assertEquals("suppressed 0", lines.get(2));
            // Root would see it, whatever its permissions.
            assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key), permissions);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldRemoveTheBlockAgainForWhichThereIsNoRoomInTheProcess(String mode) throws ShmException {
        Peers.require(Child.exists("prlimit"), "prlimit");
        ShmKey key = blocks.freeKey();
        // The block alone fits, but not beside the JVM.
        List<String> lines = Child.java(Create.class, key, mode, "0600", 1_500_000_007)
                .jvm("-Xmx32m", "-Xshare:off", "-XX:CompressedClassSpaceSize=16m", "-XX:ReservedCodeCacheSize=16m")
                .under("env", "MALLOC_ARENA_MAX=1", "prlimit", "--as=1600000000")
                .run()
                .lines();
        assertEquals("ShmLimitException ENOMEM shmat", lines.get(0), lines.toString());
        assertTrue(lines.get(1).contains("address space"), lines.get(1));
        assertEquals("suppressed 0", lines.get(2));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    /** Says how creating a block ends. */
    static final class Create {
        public static void main(String[] args) {
            ShmPermissions permissions = ShmPermissions.of(Integer.parseInt(args[2], 8));
            try (Shmop block = Shmop.open(ShmKey.parse(args[0]), args[1], permissions, Long.parseLong(args[3]))) {
                System.out.println(block);
            } catch (ShmException refused) {
                System.out.println(
                        refused.getClass().getSimpleName() + " " + refused.errnoName() + " " + refused.call());
                System.out.println(refused.getMessage());
                System.out.println("suppressed " + refused.getSuppressed().length);
            }
        }
    }

    @Test
    void shouldNotRemoveABlockThatSomebodyElseMadeWhenItMayNotAttach() throws ShmException {
        Peers.requireOtherUser();
        SharedMemory memory = blocks.create(1003, ShmPermissions.of(0644));
        ShmKey key = memory.status().key();
        Child.Result result = Child.java(EachMode.class, key).asNobody().run();
        assertEquals(
                List.of(
                        "a ok 1003",
                        "write IllegalStateException",
                        "delete ShmNotPermittedException EPERM",
                        "w ShmAccessDeniedException EACCES",
                        "c ShmAccessDeniedException EACCES",
                        "n ShmAlreadyExistsException EEXIST"),
                result.lines(),
                result.err());
        assertEquals(0, memory.status().attachCount());
        // A block of its own that it may not attach stays as well, if it was there before.
        memory.setOwner(Child.NOBODY, Child.NOBODY);
        memory.setPermissions(ShmPermissions.of(0400));
        assertEquals(
                List.of(
                        "a ok 1003",
                        "write IllegalStateException",
                        "w ShmAccessDeniedException EACCES",
                        "c ShmAccessDeniedException EACCES",
                        "n ShmAlreadyExistsException EEXIST"),
                Child.java(EachMode.class, key, "keep").asNobody().run().lines());
        assertEquals(1003, memory.status().size());
    }

    @Test
    void shouldBeRefusedInEachModeWithoutPermissionToRead() throws ShmException {
        Peers.requireOtherUser();
        SharedMemory memory = blocks.create(1003, ShmPermissions.of(0600));
        assertEquals(
                List.of(
                        "a ShmAccessDeniedException EACCES",
                        "w ShmAccessDeniedException EACCES",
                        "c ShmAccessDeniedException EACCES",
                        "n ShmAlreadyExistsException EEXIST"),
                Child.java(EachMode.class, memory.status().key()).asNobody().run().lines());
    }

    /** Says how opening a block in each mode ends, and what can be done with it. */
    static final class EachMode {
        public static void main(String[] args) throws Exception {
            ShmKey key = ShmKey.parse(args[0]);
            for (String mode : new String[] {"a", "w", "c", "n"}) {
                try (Shmop block = Shmop.open(key, mode, ShmPermissions.of(0640), 1003)) {
                    System.out.println(mode + " ok " + block.size());
                    System.out.println("write " + Outcome.of(() -> block.write(new byte[1], -5)));
                    if (args.length == 1) {
                        System.out.println("delete " + Outcome.of(() -> {
                            block.delete();
                            return null;
                        }));
                    }
                } catch (ShmException refused) {
                    System.out.println(mode + " " + Outcome.of(() -> {
                        throw refused;
                    }));
                }
            }
        }
    }

    @Test
    void shouldOpenAStrangersBlockWithModeCOnlyIfTold() throws ShmException {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        assertEquals(
                "wrote",
                Child.java(CreateWorldWritable.class, key).asNobody().run().ok());
        ShmUntrustedException refused =
                assertThrows(ShmUntrustedException.class, () -> Shmop.open(key, "c", MODE, 1003));
        assertEquals("", refused.errnoName());
        assertTrue(refused.getMessage().contains("block " + SharedMemory.open(key).id()), refused.getMessage());
        assertTrue(refused.getMessage().contains("owned by user 65534"), refused.getMessage());
        assertTrue(refused.getMessage().contains("pass a ShmTrust"), refused.getMessage());
        assertThrows(
                ShmUntrustedException.class,
                () -> Shmop.open(key, "c", MODE, 1003, ShmTrust.users(Child.NOBODY).withoutOtherWriters()));
        assertThrows(ShmUntrustedException.class, () -> Shmop.open(key, "c", MODE, 1003, ShmTrust.users(1)));
        for (ShmTrust trust : new ShmTrust[] {ShmTrust.anyone(), ShmTrust.users(1, Child.NOBODY)}) {
            try (Shmop block = Shmop.open(key, "c", MODE, 1003, trust)) {
                assertArrayEquals("nobody".getBytes(), block.read(0, 6));
            }
        }
        // Owned by root now, but the stranger who created it keeps power over it.
        SharedMemory.open(key).setOwner(0, 0);
        ShmUntrustedException created =
                assertThrows(ShmUntrustedException.class, () -> Shmop.open(key, "c", MODE, 1003));
        assertTrue(created.getMessage().contains("created by user 65534"), created.getMessage());
        assertEquals(0, SharedMemory.open(key).status().attachCount());
    }

    /** Creates a block that everybody may write. */
    static final class CreateWorldWritable {
        public static void main(String[] key) throws Exception {
            try (Shmop block = Shmop.open(ShmKey.parse(key[0]), "n", ShmPermissions.ofWorldWritable(0666), 1003)) {
                block.write("nobody".getBytes(), 0);
                System.out.println("wrote");
            }
        }
    }

    @Test
    void shouldSeeOnlyTheBlocksOfItsOwnNamespaceAndItsLimits() throws ShmException {
        Peers.requirePrivateIpc();
        SharedMemory memory = blocks.create(1003);
        List<String> lines = Child.java(Namespace.class, memory.status().key())
                .inPrivateIpc("shmmni=1")
                .run()
                .lines();
        assertTrue(lines.get(0).startsWith("ShmNotFoundException ENOENT"), lines.get(0));
        assertTrue(lines.get(0).contains("IPC namespace"), lines.get(0));
        // The first id there is 0, and 0 is as good as any other.
        assertEquals("Shmop[id=0, size=77]", lines.get(1));
        assertTrue(lines.get(2).startsWith("ShmLimitException ENOSPC"), lines.get(2));
        assertTrue(lines.get(2).contains("SHMMNI: 1 of 1 blocks"), lines.get(2));
        assertEquals("ShmNotFoundException EINVAL", lines.get(3));
        assertEquals(1003, memory.status().size());
    }

    /** Looks for a block, creates one with id 0 and one too many, and removes the first. */
    static final class Namespace {
        public static void main(String[] args) throws Exception {
            ShmKey key = ShmKey.parse(args[0]);
            describe(() -> Shmop.open(key, "a"));
            try (Shmop block = Shmop.open(key, "n", MODE, 77)) {
                System.out.println(block);
                describe(() -> Shmop.open(ShmKey.of(key.value() ^ 1), "c", MODE, 77));
                block.write(new byte[77], 0);
                block.delete();
            }
            Outcome.print(() -> SharedMemory.ofId(0).status());
        }

        private static void describe(Outcome.Call call) {
            System.out.println(Outcome.of(() -> {
                try {
                    return call.run();
                } catch (ShmException refused) {
                    System.out.print(refused.getClass().getSimpleName() + " " + refused.errnoName() + ": "
                            + refused.getMessage() + " / ");
                    throw refused;
                }
            }));
        }
    }

    // J09
    @ParameterizedTest
    @CsvSource({"en, US", "ar, EG"})
    void shouldDetachAndWarnWhenAnInstanceIsLostWithoutClose(String language, String country) throws ShmException {
        SharedMemory memory = blocks.create(1003);
        List<String> lines = Child.java(Leak.class, memory.status().key())
                .jvm("-Djava.util.logging.SimpleFormatter.format=%3$s|%4$s|%5$s%n")
                .jvm("-Duser.language=" + language, "-Duser.country=" + country)
                .run()
                .lines();
        assertEquals(List.of("1 attached", "0 attached"), lines.subList(0, 2));
        assertEquals(3, lines.size(), lines.toString());
        assertTrue(lines.get(2).startsWith("io.github.shm4j|"), lines.get(2));
        // In every language with digits that ipcrm understands.
        assertTrue(lines.get(2).contains("|block " + memory.id() + " was never closed"), lines.get(2));
    }

    /** Closes one instance and loses another, and says how often the block is attached then, and what was logged. */
    static final class Leak {
        public static void main(String[] args) throws Exception {
            // Where the logger that comes with the JDK writes to.
            ByteArrayOutputStream log = new ByteArrayOutputStream();
            System.setErr(new PrintStream(log, true));

            ShmKey key = ShmKey.parse(args[0]);
            SharedMemory memory = SharedMemory.open(key);
            ReferenceQueue<Shmop> collected = new ReferenceQueue<>();
            PhantomReference<Shmop> closed = closed(key, collected);
            Patience.await("the closed one is collected", () -> {
                System.gc();
                return collected.poll() == closed;
            });
            Shmop.open(key, "w").write(new byte[1], 0);
            System.out.println(memory.status().attachCount() + " attached");
            Patience.await("the lost one is logged", () -> {
                System.gc();
                return log.size() > 0;
            });
            System.out.println(memory.status().attachCount() + " attached");
            System.out.print(log);
        }

        private static PhantomReference<Shmop> closed(ShmKey key, ReferenceQueue<Shmop> queue) throws ShmException {
            try (Shmop closed = Shmop.open(key, "w")) {
                return new PhantomReference<>(closed, queue);
            }
        }
    }

    @Test
    void shouldNotAllocateWhenReadingIntoAnArrayOfTheCaller() throws ShmException {
        SharedMemory memory = blocks.create(1003);
        String line = Child.java(Allocation.class, memory.status().key()).run().ok();
        assertTrue(line.startsWith("allocated "), line);
        // One array of the bytes read would have been 1003 for each of the 10,000 calls.
        assertTrue(Long.parseLong(line.substring("allocated ".length())) < 10_000, line);
    }

    /** Says how much 10,000 reads into an array allocate. Its module does not read the one that measures it. */
    static final class Allocation {
        public static void main(String[] args) throws Exception {
            Object threads = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            Method allocated =
                    Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
            byte[] target = new byte[1003];
            try (Shmop block = Shmop.open(ShmKey.parse(args[0]), "a")) {
                read(block, target);
                long before = (Long) allocated.invoke(threads);
                read(block, target);
                System.out.println("allocated " + ((Long) allocated.invoke(threads) - before));
            }
        }

        private static void read(Shmop block, byte[] target) {
            for (int round = 0; round < 10_000; round++) {
                block.read(0, target, 0, target.length);
                block.read(1, target, 0, 1);
            }
        }
    }
}
