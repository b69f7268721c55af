package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Rings between this process and one that qemu-user emulates, as it does with all of a container whose image is for another
 * processor. The emulated processor here is of the same kind, so that there is a JVM for it.
 */
@Patient
class EmulatedProcessesIT {

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();

    private String emulator;
    private SharedMemory block;
    private MemorySegment memory;

    @BeforeEach
    void findTheEmulator() {
        emulator = Peers.emulator();
    }

    private RingUser create(Rings kind) throws ShmException {
        block = blocks.create(kind.sizeFor(1024));
        memory = block.attach(AttachMode.READ_WRITE, arena);
        return kind.create(memory, 1024);
    }

    private Child.Running emulated(Object... arguments) {
        return Child.java(Peer.class, arguments).under(emulator).start();
    }

    @Test
    void shouldKnowThatAnEmulatedConsumerIsAlive() throws Exception {
        RingUser ring = create(Rings.SPSC);
        assertTrue(ring.write(Rings.TYPE, Rings.message("first")));
        try (Child.Running consumer = emulated("hold", block.id())) {
            assertEquals("handling first", consumer.line());
            assertEquals(
                    RingStatistics.Liveness.ALIVE,
                    ring.statistics().consumer().liveness());
            RingUser successor = Rings.SPSC.open(memory);
            assertThrows(RingOccupiedException.class, () -> Rings.read(successor, 1));
            consumer.kill();
            assertEquals(List.of("first"), Rings.read(successor, 1));
        }
    }

    @Test
    void shouldSkipTheClaimOfAnEmulatedProducerOnlyWhenItIsKilled() throws Exception {
        RingUser ring = create(Rings.MPSC);
        try (Child.Running producer = emulated("claim", block.id(), "unfinished")) {
            assertEquals("claimed", producer.line());
            assertTrue(ring.write(Rings.TYPE, Rings.message("next")));
            for (int i = 0; i < 200_000; i++) {
                assertEquals(List.of(), Rings.read(ring, 1));
            }
            assertEquals(0, ring.statistics().recordsSkipped());
            producer.kill();
            Patience patience = Patience.withAll();
            List<String> read = List.of();
            while (read.isEmpty()) {
                patience.check(() -> "the claim is not skipped; " + ring.statistics());
                read = Rings.read(ring, 1);
            }
            assertEquals(List.of("next"), read);
        }
    }

    @AfterEach
    void cleanUp() throws ShmException {
        blocks.close();
        arena.close();
    }
}
