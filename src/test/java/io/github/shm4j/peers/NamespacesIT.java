package io.github.shm4j.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.state.ValueOccupiedException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer in C has the lock, or writes the latest value, in a pid namespace of its own, as in a container of the same pod. */
@Patient
class NamespacesIT {

    private static final int ATTEMPTS = 30;
    private static final int RECORD = 64;
    private static final long WRITER_SUCCESSIONS = 144;

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private SharedMemory block;
    private MemorySegment memory;

    @BeforeEach
    void create() throws ShmException {
        Peers.requireNamespaces("-p", "-f", "--mount-proc");
        block = blocks.create(LatestValue.sizeFor(RECORD));
        memory = block.attach(AttachMode.READ_WRITE, arena);
    }

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private static Child inNamespace(Child child) {
        return child.under(Child.unshare("-p", "-f", "--kill-child", "--mount-proc"));
    }

    private Child locker(String command) throws IOException {
        String source = HeaderIT.resource("/io/github/shm4j/state/locker.c");
        return Child.command(Peers.compile("locker", source), command, block.id());
    }

    private Child writer() throws IOException {
        String source = HeaderIT.resource("/io/github/shm4j/state/value.c");
        return Child.command(Peers.compile("value", source), "write", block.id());
    }

    /** Stops the peer, which is the only child of the one that has made its namespace. */
    private static void stop(Child.Running peer) {
        long pid = ProcessHandle.of(peer.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
        Child.command("kill", "-STOP", pid).run().ok();
    }

    /** Whether the lock names the namespace of the test or that of the peer is decided by who comes first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeTheLockFromNobodyButAKilledPeer(boolean peerComesFirst) throws Exception {
        if (!peerComesFirst) {
            SharedLock.at(memory, 0);
        }
        try (Child.Running holder = inNamespace(locker("hold")).start()) {
            assertEquals("acquired", holder.line());
            SharedLock lock = SharedLock.at(memory, 0);
            for (int i = 0; i < ATTEMPTS; i++) {
                assertNull(lock.tryAcquire(), "nobody robs the living");
            }
            assertEquals("refused", locker("try").run().ok());
            assertEquals("refused", inNamespace(locker("try")).run().ok());
            stop(holder);
            assertNull(lock.tryAcquire(), "who is stopped is alive");
            holder.kill();
            assertEquals("refused", locker("try").run().ok(), "C cannot know that it has terminated");
            AtomicReference<SharedLock.Held> held = new AtomicReference<>();
            // The kernel may count a process that looks at all blocks for a moment.
            Patience.await("Java has the lock", () -> {
                held.set(lock.tryAcquire());
                return held.get() != null;
            });
            assertTrue(held.get().previousOwnerDied());
            assertEquals("refused", inNamespace(locker("try")).run().ok());
            held.get().close();
            assertEquals("told", inNamespace(locker("try")).run().ok());
        }
    }

    @Test
    void shouldTakeTheLatestValueFromNobodyButAKilledPeer() throws Exception {
        LatestValue value = LatestValue.create(memory, RECORD);
        try (Child.Running writer = inNamespace(writer()).start()) {
            Patience.await("C writes", () -> value.version() > 100);
            for (int i = 0; i < ATTEMPTS; i++) {
                assertThrows(ValueOccupiedException.class, value::writer, "nobody robs the living");
            }
            assertRefused(writer());
            assertRefused(inNamespace(writer()));
            long version = value.version();
            Patience.await("C goes on", () -> value.version() > version);
            stop(writer);
            assertThrows(ValueOccupiedException.class, value::writer, "who is stopped is alive");
            writer.kill();
            assertRefused(writer());
        }
        AtomicReference<LatestValueWriter> successor = new AtomicReference<>();
        Patience.await("Java has become the writer", () -> {
            try {
                successor.set(value.writer());
            } catch (ValueOccupiedException notYet) {
                // A process that looks at all blocks has this one attached for a moment.
            }
            return successor.get() != null;
        });
        assertEquals(1, memory.get(ValueLayout.JAVA_LONG, WRITER_SUCCESSIONS));
        long last = value.version();
        try (LatestValueWriter here = successor.get()) {
            assertRefused(inNamespace(writer()));
            assertEquals(last + 1, here.write(MemorySegment.ofArray(new byte[RECORD])));
        }
        try (Child.Running _ = inNamespace(writer()).start()) {
            Patience.await("C writes again", () -> value.version() > last + 1);
        }
    }

    private static void assertRefused(Child writer) {
        Child.Result refused = writer.run();
        assertEquals("the role is held by a process that may be alive", refused.err().strip());
        assertEquals(3, refused.exit());
    }
}
