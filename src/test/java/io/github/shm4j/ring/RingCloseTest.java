package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.ControlledMessageHandler.Action;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A ring that is closed where it is least expected. */
@Patient
class RingCloseTest {

    private enum Call {
        READ {
            @Override
            int read(RingUser ring, MessageHandler handler) {
                return ring.read(handler, 9);
            }
        },
        CONTROLLED_READ {
            @Override
            int read(RingUser ring, MessageHandler handler) {
                return ring.controlledRead((type, view, offset, length) -> {
                    handler.onMessage(type, view, offset, length);
                    return Action.CONTINUE;
                }, 9);
            }
        },
        PEEK {
            @Override
            int read(RingUser ring, MessageHandler handler) {
                return ring.peek(handler, 9);
            }
        };

        abstract int read(RingUser ring, MessageHandler handler);
    }

    @ParameterizedTest
    @EnumSource
    void shouldStopAndGiveThePartBackWhenAHandlerClosesIt(Call call) {
        for (Rings kind : Rings.values()) {
            for (boolean thrown : new boolean[] {false, true}) {
                MemorySegment memory = kind.memory(1024);
                RingUser writing = kind.create(memory, 1024);
                for (int i = 0; i < 5; i++) {
                    assertTrue(writing.write(Rings.TYPE, Rings.message("number " + i)));
                }
                RingUser ring = kind.open(memory);
                List<String> seen = new ArrayList<>();
                MessageHandler handler = (type, view, offset, length) -> {
                    seen.add(Rings.text(view, offset, length));
                    if (seen.size() == 2) {
                        ring.close();
                        if (thrown) {
                            throw new UnsupportedOperationException("thrown by the handler");
                        }
                    }
                };
                if (thrown) {
                    assertThrows(UnsupportedOperationException.class, () -> call.read(ring, handler));
                } else {
                    assertEquals(2, call.read(ring, handler));
                }
                assertEquals(List.of("number 0", "number 1"), seen);
                assertEquals(
                        RingStatistics.Liveness.NOBODY, writing.statistics().consumer().liveness());
                assertThrows(IllegalStateException.class, () -> call.read(ring, handler));
                ring.close();
                RingUser next = kind.open(memory);
                assertEquals(
                        call == Call.PEEK
                                ? List.of("number 0", "number 1", "number 2", "number 3", "number 4")
                                : List.of("number 2", "number 3", "number 4"),
                        Rings.read(next, 9));
                assertEquals(5, next.statistics().messagesRead());
                assertEquals(next.consumerPosition(), Rings.getLong(memory, RingLayout.CONSUMER_POSITION_OFFSET));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldConsumeNothingWithoutAHandler(Rings kind) {
        MemorySegment memory = kind.memory(1024);
        RingUser ring = kind.create(memory, 1024);
        assertThrows(NullPointerException.class, () -> ring.read(null, 5));
        assertThrows(NullPointerException.class, () -> ring.controlledRead(null, 5));
        assertThrows(NullPointerException.class, () -> ring.peek(null, 5));
        assertTrue(ring.write(Rings.TYPE, Rings.message("a")));
        assertTrue(ring.write(Rings.TYPE, Rings.message("b")));
        for (int i = 0; i < 3; i++) {
            assertThrows(NullPointerException.class, () -> ring.read(null, 5));
            assertThrows(NullPointerException.class, () -> ring.controlledRead(null, 5));
            assertThrows(NullPointerException.class, () -> ring.peek(null, 5));
            assertEquals(0, ring.consumerPosition());
        }
        assertEquals(List.of("a", "b"), Rings.read(ring, 5));
        assertThrows(NullPointerException.class, () -> ring.read(null, 0));
    }

    @Test
    void shouldNotWriteAnyMoreWhenItWasClosedAfterSomethingWasThrownInABatch() {
        MemorySegment memory = Rings.SPSC.memory(1024);
        SpscProducer producer = SpscRingBuffer.create(memory, 1024).producer();
        producer.beginBatch();
        assertTrue(producer.write(Rings.TYPE, Rings.message("first")));
        assertThrows(IllegalStateException.class, () -> producer.write(Rings.TYPE, gone()));
        producer.close();
        SpscProducer successor = SpscRingBuffer.open(memory).producer();
        assertThrows(IllegalStateException.class, () -> producer.write(Rings.TYPE, Rings.message("late")));
        assertThrows(IllegalStateException.class, () -> producer.tryClaim(Rings.TYPE, 8, new Claim()));
        assertTrue(successor.write(Rings.TYPE, Rings.message("of the successor")));
        assertEquals(List.of("first", "of the successor"), Rings.read(Rings.SPSC.open(memory), 9));
    }

    /** A segment that nothing can be copied from. */
    private static MemorySegment gone() {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocate(8);
        }
    }

    @Test
    void shouldNotPublishABatchInTheNameOfAnotherProducer() {
        for (boolean closes : new boolean[] {false, true}) {
            MemorySegment memory = Rings.SPSC.memory(1024);
            SpscProducer producer = SpscRingBuffer.create(memory, 1024).producer();
            SpscProducer.Batch batch = producer.beginBatch();
            assertTrue(producer.write(Rings.TYPE, Rings.message("first")));
            assertThrows(IllegalStateException.class, () -> producer.write(Rings.TYPE, gone()));
            Rings.setLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER, Simulation.LIVING);
            byte[] before = Rings.bytes(memory);
            if (!closes) {
                assertThrows(RingCorruptedException.class, batch::publish);
            }
            producer.close();
            assertArrayEquals(before, Rings.bytes(memory));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldConsumeAMessageWhoseHandlerDoesNotSayHowToGoOn(Rings kind) {
        RingUser ring = kind.create(1024);
        assertTrue(ring.write(Rings.TYPE, Rings.message("a")));
        assertTrue(ring.write(Rings.TYPE, Rings.message("b")));
        assertThrows(
                NullPointerException.class, () -> ring.controlledRead((type, view, offset, length) -> null, 9));
        assertEquals(List.of("b"), Rings.read(ring, 9));
    }

    /** At whatever point of a call it is: the thread's next call says that the ring was closed. */
    @ParameterizedTest
    @EnumSource
    void shouldNotLetAThreadGoOnWritingAfterAnotherOneHasClosedIt(Rings kind) throws InterruptedException {
        for (int round = 0; round < 100; round++) {
            MemorySegment memory = kind.memory(1 << 12);
            RingUser reading = kind.create(memory, 1 << 12);
            RingUser ring = kind.open(memory);
            long[] calls = new long[1];
            Throwable[] thrown = new Throwable[1];
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        ring.write(Rings.TYPE, Rings.message("message"));
                        calls[0]++;
                    }
                } catch (IllegalStateException closed) {
                    thrown[0] = closed;
                }
            });
            int least = 1 + round * 3;
            int read = 0;
            while (read < least) {
                read += reading.read((type, view, offset, length) -> {
                }, 99);
            }
            ring.close();
            while (thread.isAlive()) {
                // There is always room.
                reading.read((type, view, offset, length) -> {
                }, 99);
            }
            thread.join();
            assertEquals("this producer was closed", thrown[0].getMessage());
            assertTrue(calls[0] > 0);
            assertEquals(List.of(), reading.statistics().producers());
            assertThrows(IllegalStateException.class, () -> ring.write(Rings.TYPE, Rings.message("closed")));
        }
    }

    /** Where many want a processor, a thread may not run for seconds. The other one waits for it. */
    @ParameterizedTest
    @CsvSource({"write b/8, 1, close", "claim a/8; write b/8; commit a/8, 2, write c/8"})
    void shouldWaitForAThreadThatDoesNotRunWhileItWrites(String ofOne, int claims, String ofOther)
            throws InterruptedException {
        MemorySegment memory = Arena.ofAuto().allocate(RingLayout.dataOffset(2) + 1024, 128);
        Simulation.create(Rings.MPSC, 2, 1024, memory);
        SimulatedProcess process = new SimulatedProcess(memory, Rings.livingOwner(), false);
        List<String> refused = new ArrayList<>();
        Consumer<String> producer = InstrumentedClasses.end(memory, refused);
        producer.accept("open");
        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        Thread writing = Thread.ofPlatform().start(() -> {
            try {
                process.run(() -> producer.accept(ofOne), number -> {
                    if (process.made().stream().filter(Simulation::claims).count() == claims) {
                        stopped.countDown();
                        awaitUninterruptibly(goesOn);
                    }
                });
            } catch (Throwable failure) {
                thrown.add(failure);
                stopped.countDown();
            }
        });
        stopped.await();
        Thread other = Thread.ofPlatform().start(() -> {
            try {
                producer.accept(ofOther);
            } catch (Throwable failure) {
                thrown.add(failure);
            }
        });
        for (int seen = 0; other.isAlive() && seen < 500;) {
            LockSupport.parkNanos(1_000_000);
            seen += other.getState() == Thread.State.TIMED_WAITING ? 1 : 0;
        }
        goesOn.countDown();
        writing.join();
        other.join();
        producer.accept("close");
        assertEquals(List.of(), thrown);
        assertEquals(List.of(), refused);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldStayOpenAsLongAsAClaimIs(Rings kind) {
        RingUser ring = kind.create(1024);
        Claim claim = new Claim();
        assertTrue(ring.tryClaim(Rings.TYPE, 8, claim));
        assertThrows(IllegalStateException.class, ring::close);
        claim.segment().copyFrom(Rings.message("complete"));
        claim.commit();
        assertEquals(List.of("complete"), Rings.read(ring, 5));
        ring.close();
        assertThrows(IllegalStateException.class, () -> ring.tryClaim(Rings.TYPE, 8, claim));
        assertFalse(claim.isOpen());
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotOverwriteAClaimThatIsOpenOnAnotherRing(Rings kind) {
        RingUser first = kind.create(1024);
        for (Rings other : Rings.values()) {
            RingUser second = other.create(1024);
            Claim claim = new Claim();
            assertTrue(first.tryClaim(Rings.TYPE, 5, claim));
            assertThrows(IllegalStateException.class, () -> second.tryClaim(Rings.TYPE, 9, claim));
            assertEquals(5, claim.length());
            assertEquals(0, second.producerPosition());
            claim.segment().copyFrom(Rings.message("first"));
            claim.commit();
            assertEquals(List.of("first"), Rings.read(first, 5));
            assertTrue(second.tryClaim(Rings.TYPE, 9, claim));
            claim.abort();
        }
    }
}
