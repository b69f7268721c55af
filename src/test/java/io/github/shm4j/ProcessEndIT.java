package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Machine;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Report;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What remains of a process that ends while it has a block mapped. */
class ProcessEndIT {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // Fault 20
    // fault 20
    @ParameterizedTest
    @CsvSource({"KILL, 137", "TERM, 143", "INT, 130", "exit, 3", "halt, 4", "throw, 1", "return, 0"})
    void shouldDetachAndKeepTheBlockHoweverTheProcessEnds(String how, int exit) throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory memory;
        try (Child.Running child = Child.java(Creator.class, key).start()) {
            assertEquals("attached", child.line());
            memory = SharedMemory.open(key);
            ShmStatus status = memory.status();
            assertEquals(1, status.attachCount());
            assertEquals(child.pid(), status.creatorPid());
            assertEquals(child.pid(), status.lastPid());
            assertTrue(status.creatorMayBeAlive());
            assertFalse(status.isOrphaned());
            if (how.equals(how.toUpperCase(java.util.Locale.ROOT))) {
                child.signal(how);
            } else {
                child.send(how);
            }
            assertEquals(exit, child.await().exit());
        }
        ShmStatus status = memory.status();
        assertEquals(0, status.attachCount());
        assertFalse(status.markedForRemoval());
        assertTrue(status.lastDetachTime().isPresent());
        assertFalse(status.creatorMayBeAlive());
        assertTrue(status.isOrphaned());
        assertTrue(ListTest.find(SharedMemory.list(), memory).isOrphaned());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_ONLY, arena);
            assertEquals("left behind", bytes.getString(980));
            assertFalse(memory.status().isOrphaned(), "somebody is attached");
            assertFalse(memory.status().creatorMayBeAlive());
        }
        assertTrue(memory.status().isOrphaned());
    }

    static final class Creator {
        public static void main(String... arguments) throws ShmException {
            SharedMemory memory = SharedMemory.create(ShmKey.parse(arguments[0]), 1000);
            memory.attach(AttachMode.READ_WRITE, Arena.global()).setString(980, "left behind");
            System.out.println("attached");
            switch (Report.await()) {
                case "exit" -> System.exit(3);
                case "halt" -> Runtime.getRuntime().halt(4);
                case "throw" -> throw new IllegalStateException("meant to end this process");
                default -> {}
            }
        }
    }

    // Fault 20
    @Test
    void shouldNotDisturbTheOthersWhenOneIsKilled() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined();
                Child.Running child = Child.java(Visitor.class, memory.id(), 2).start()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            assertEquals("attached", child.line());
            assertEquals(3, memory.status().attachCount());
            child.kill();
            ShmStatus status = memory.status();
            assertEquals(1, status.attachCount());
            assertEquals(child.pid(), status.lastPid());
            assertTrue(status.creatorMayBeAlive());
            assertFalse(status.isOrphaned());
            assertEquals(2, bytes.get(ValueLayout.JAVA_BYTE, 999));
            bytes.set(ValueLayout.JAVA_BYTE, 999, (byte) 3);
        }
        assertEquals(0, memory.status().attachCount());
        assertFalse(memory.status().isOrphaned(), "this process has made the block and lives");
    }

    @Test
    void shouldRemoveTheBlockWithTheLastProcessThatIsKilled() throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory memory = SharedMemory.create(key, 1000);
        try (Child.Running first =
                Child.java(Visitor.class, memory.id(), 1).start();
                Child.Running last = Child.java(Visitor.class, memory.id(), 1, AttachOption.REMOVE_ON_LAST_DETACH)
                        .start()) {
            assertEquals("attached", first.line());
            assertEquals("attached", last.line());
            assertTrue(memory.status().markedForRemoval());
            assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
            last.kill();
            assertEquals(1, memory.status().attachCount());
            first.kill();
        }
        assertThrows(ShmNotFoundException.class, memory::status);
    }

    static final class Visitor {
        public static void main(String... arguments) throws ShmException {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            AttachOption[] options = arguments.length == 3
                    ? new AttachOption[] {AttachOption.valueOf(arguments[2])}
                    : new AttachOption[0];
            for (int i = 1; i <= Integer.parseInt(arguments[1]); i++) {
                memory.attach(AttachMode.READ_WRITE, Arena.global(), options)
                        .set(ValueLayout.JAVA_BYTE, 999, (byte) i);
            }
            System.out.println("attached");
            Report.await();
        }
    }

    // Fault 13
    @Test
    void shouldCallABlockOrphanedWhoseCreatorIsAZombie() throws ShmException {
        Peers.require(Child.exists("perl"), "Perl");
        ShmKey key = blocks.freeKey();
        String program = """
                $| = 1;
                my $child = fork;
                if (!$child) { exit(defined shmget($ARGV[0], 1000, 03600) ? 0 : 1); }
                my $state = '';
                until ($state =~ /\\) Z/) {
                    select undef, undef, undef, 0.005;
                    open my $stat, '<', "/proc/$child/stat" or die;
                    $state = <$stat>;
                }
                print "$child\\n";
                <STDIN>;
                waitpid $child, 0;
                print "reaped\\n";
                <STDIN>;
                """;
        try (Child.Running perl = Child.command("perl", "-e", program, "--", key.value()).start()) {
            long creator = Long.parseLong(perl.line());
            ShmStatus status = SharedMemory.open(key).status();
            assertEquals(creator, status.creatorPid());
            assertTrue(ProcessHandle.of(creator).isPresent(), "a zombie still has its number");
            assertFalse(status.creatorMayBeAlive());
            assertTrue(status.isOrphaned());
            perl.send("reap it");
            assertEquals("reaped", perl.line());
            assertTrue(status.isOrphaned());
        }
    }

    // A15
    @Test
    void shouldCountTheMappingsThatAForkedProcessInherits() throws ShmException {
        String perl = Peers.perl();
        SharedMemory memory = blocks.create(1000);
        String program = """
                use IPC::SysV qw(shmat);
                $| = 1;
                my @mappings = (shmat($ARGV[0], undef, 0), shmat($ARGV[0], undef, 0));
                pipe my $parent, my $alive;
                my $child = fork;
                if (!$child) { close $alive; <$parent>; exit 0; }
                print "$child\\n";
                waitpid $child, 0;
                print "reaped\\n";
                <STDIN>;
                """;
        try (Child.Running parent = Child.command(perl, "-e", program, memory.id()).start()) {
            String forked = parent.line();
            assertEquals(4, memory.status().attachCount());
            Child.command("kill", "-KILL", forked).run().ok();
            assertEquals("reaped", parent.line());
            assertEquals(2, memory.status().attachCount());
            parent.kill();
            assertEquals(0, memory.status().attachCount());
        }
    }

    // A22
    @Test
    void shouldLeaveNothingAfterManyAttachmentsInTwoProcesses() throws ShmException {
        SharedMemory memory = blocks.create(9001);
        try (Child.Running one = Child.java(Repeater.class, memory.id(), 1).start();
                Child.Running two = Child.java(Repeater.class, memory.id(), 2).start()) {
            assertEquals("ready", one.line());
            assertEquals("ready", two.line());
            one.send("go");
            two.send("go");
            for (Child.Running each : new Child.Running[] {one, two}) {
                assertEquals("mapped: 0", each.line());
                assertEquals(0, each.await().exit());
            }
        }
        assertEquals(0, memory.status().attachCount());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_ONLY, arena);
            assertEquals(500, bytes.get(ValueLayout.JAVA_INT, 4096));
            assertEquals(500, bytes.get(ValueLayout.JAVA_INT, 8192));
        }
    }

    static final class Repeater {
        public static void main(String... arguments) throws IOException {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            long slot = 4096L * Integer.parseInt(arguments[1]);
            System.out.println("ready");
            Report.await();
            for (int round = 0; round < 500; round++) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
                    bytes.set(ValueLayout.JAVA_INT, slot, bytes.get(ValueLayout.JAVA_INT, slot) + 1);
                }
            }
            try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
                Report.tell("mapped", maps.filter(line -> line.contains("/SYSV")).count());
            }
        }
    }

    // Faults 9 and 10
    @Test
    void shouldKeepAPairRunningWhenSomebodyRemovesTheirBlock() throws ShmException {
        Peers.require(Child.exists("ipcrm") && Child.exists("perl"), "ipcrm and Perl");
        ShmKey key = blocks.freeKey();
        SharedMemory memory = SharedMemory.create(key, 1000);
        try (Arena arena = Arena.ofConfined();
                Child.Running peer = Child.java(Echo.class, key).start()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.setString(0, "one");
            assertEquals("one false", peer.line());

            Child.command("ipcrm", "-M", key).run().ok();
            bytes.setString(0, "two");
            peer.send("again");
            assertEquals("two true", peer.line());
            assertTrue(memory.status().markedForRemoval());
            assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));

            String create = "defined shmget($ARGV[0], 23456, 03600) or die $!";
            Child.command("perl", "-e", create, "--", key.value()).run().ok();
            SharedMemory young = SharedMemory.open(key);
            assertNotEquals(memory.id(), young.id());
            assertEquals(23_456, young.status().size());
            assertEquals(23_456, young.attach(AttachMode.READ_ONLY, arena).byteSize());
            bytes.setString(0, "three");
            peer.send("again");
            assertEquals("three true", peer.line());
            assertEquals(1000, memory.status().size());
            assertEquals(0, peer.await().exit());
        }
        assertThrows(ShmNotFoundException.class, memory::status);
    }

    static final class Echo {
        public static void main(String... arguments) throws ShmException {
            SharedMemory memory = SharedMemory.open(ShmKey.parse(arguments[0]));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = memory.attach(AttachMode.READ_ONLY, arena);
                for (int i = 0; i < 3; i++) {
                    if (i > 0) {
                        Report.await();
                    }
                    System.out.println(bytes.getString(0) + " " + memory.status().markedForRemoval());
                }
            }
        }
    }

    // A12
    @Test
    void shouldReportAMappingThatSomethingElseHasTakenAway() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        Child.Result result = Child.java(Torn.class, memory.id()).run();
        String[] lines = result.ok().lines().toArray(String[]::new);
        assertEquals("UncheckedIOException ShmException shmdt EINVAL", lines[0]);
        assertTrue(lines[1].startsWith("shmdt(0x"), lines[1]);
        assertTrue(lines[1].contains("Block " + memory.id() + " is no longer attached there"), lines[1]);
        assertTrue(result.err().contains("no longer attached there"), result.err());
        assertEquals(0, memory.status().attachCount());
    }

    static final class Torn {
        public static void main(String... arguments) throws ShmException {
            Arena arena = Arena.ofConfined();
            MemorySegment bytes =
                    SharedMemory.ofId(Integer.parseInt(arguments[0])).attach(AttachMode.READ_WRITE, arena);
            io.github.shm4j.internal.ShmCalls.shmdt(bytes.address());
            try {
                arena.close();
                System.out.println("closed");
            } catch (java.io.UncheckedIOException failure) {
                ShmException cause = (ShmException) failure.getCause();
                System.out.println(failure.getClass().getSimpleName() + " " + cause.getClass().getSimpleName() + " "
                        + cause.call() + " " + cause.errnoName());
                System.out.println(cause.getMessage());
            }
        }
    }

    // J19
    @Test
    void shouldWipeABlockForWhichThereIsNoMemory() throws ShmException {
        Machine.requireHugePages();
        SharedMemory memory = blocks.create(
                1L << 40, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES, CreateOption.NO_RESERVE);
        assertEquals("wipe: ok", Child.java(Wiper.class, memory.id()).run().ok());
        assertEquals(0, memory.status().attachCount());
    }

    static final class Wiper {
        public static void main(String... arguments) {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            Report.say("wipe", () -> {
                memory.wipe();
                return null;
            });
        }
    }
}
