package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A thread recurses until its stack is exhausted, in the middle of a call of a ring, catches that far above, and goes on. */
@Patient
@Isolated("other objects of this process that sign at the same time make it unsure whose signature is in the memory")
class RingStackOverflowTest {

    private static final int OVERFLOWS = 40;
    private static final int LENGTH = 64;

    /** What writes with one of the ways there are, ever deeper. */
    private static final class Writer {

        final RingUser ring;
        final MemorySegment message = Arena.ofAuto().allocate(LENGTH, 8);
        long certain;
        long last = -1;
        final List<Long> written = new ArrayList<>(1 << 16);

        Writer(RingUser ring) {
            this.ring = ring;
        }

        void write(int depth) {
            last++;
            message.set(ValueLayout.JAVA_LONG, 0, last);
            if (ring.write(1, message)) {
                written.add(last);
            }
            write(depth + 1);
        }

        void claim(int depth) {
            last++;
            try (Claim claim = new Claim()) {
                if (ring.tryClaim(1, LENGTH, claim)) {
                    claim.memory().set(ValueLayout.JAVA_LONG, claim.offset(), last);
                    claim.commit();
                    written.add(last);
                }
            }
            claim(depth + 1);
        }

        void batch(int depth) {
            try (var _ = ring.beginBatch()) {
                for (int i = 0; i < 3; i++) {
                    last++;
                    message.set(ValueLayout.JAVA_LONG, 0, last);
                    if (ring.write(1, message)) {
                        written.add(last);
                    }
                }
            }
            batch(depth + 1);
        }
    }

    private static void overflow(Runnable recursion) throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread thread = Thread.ofPlatform().unstarted(() -> {
            for (int i = 0; i < 5; i++) {
                try {
                    recursion.run();
                } catch (StackOverflowError asIntended) {
                    // As every server does.
                } catch (Throwable other) {
                    thrown[0] = other;
                }
            }
        });
        thread.start();
        thread.join();
        assertNull(thrown[0], () -> {
            thrown[0].printStackTrace();
            return thrown[0].toString();
        });
    }

    private enum Way {
        WRITE,
        CLAIM,
        BATCH
    }

    @ParameterizedTest
    @EnumSource
    void shouldDeliverWhatWasWritten(Rings kind) throws InterruptedException {
        for (Way way : Way.values()) {
            if (way == Way.BATCH && kind == Rings.MPSC) {
                continue;
            }
            MemorySegment memory = kind.memory(1 << 24);
            RingUser ring = kind.create(memory, 1 << 24);
            RingUser reading = kind.open(memory);
            Writer writer = new Writer(ring);
            List<Long> read = new ArrayList<>();
            for (int i = 0; i < OVERFLOWS / 5; i++) {
                overflow(() -> {
                    switch (way) {
                        case WRITE -> writer.write(0);
                        case CLAIM -> writer.claim(0);
                        default -> writer.batch(0);
                    }
                });
                assertTrue(ring.write(2, writer.message), "the next one");
                int before = read.size();
                int[] end = new int[1];
                while (end[0] == 0) {
                    reading.read((type, view, offset, length) -> {
                        if (type == 2) {
                            end[0]++;
                        } else {
                            read.add(view.get(ValueLayout.JAVA_LONG, offset));
                        }
                    }, Integer.MAX_VALUE);
                }
                assertTrue(read.size() > before, "some");
            }
            List<Long> sorted = read.stream().sorted().distinct().toList();
            assertEquals(sorted, read, "in order, once each");
            List<Long> lost = new ArrayList<>(writer.written);
            lost.removeAll(new java.util.HashSet<>(read));
            assertEquals(List.of(), lost, "all that was written");
            ring.close();
            RingUser next = kind.open(memory);
            assertTrue(next.write(3, writer.message));
            assertEquals(1, reading.read((type, view, offset, length) -> assertEquals(3, type), 9));
            next.close();
            reading.close();
        }
    }

    private static void read(RingUser ring, List<Long> read, int depth) {
        ring.read((type, view, offset, length) -> read.add(view.get(ValueLayout.JAVA_LONG, offset)), 1);
        read(ring, read, depth + 1);
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadEachMessage(Rings kind) throws InterruptedException {
        MemorySegment memory = kind.memory(1 << 20);
        RingUser ring = kind.create(memory, 1 << 20);
        RingUser reading = kind.open(memory);
        MemorySegment message = Arena.ofAuto().allocate(LENGTH, 8);
        List<Long> read = new ArrayList<>(1 << 20);
        long next = 0;
        for (int i = 0; i < OVERFLOWS; i++) {
            do {
                message.set(ValueLayout.JAVA_LONG, 0, next);
            } while (ring.write(1, message) && next++ >= 0);
            overflow(() -> read(reading, read, 0));
        }
        long count = next;
        reading.read((type, view, offset, length) -> read.add(view.get(ValueLayout.JAVA_LONG, offset)),
                Integer.MAX_VALUE);
        List<Long> distinct = read.stream().distinct().toList();
        assertEquals(count, distinct.size(), "each");
        assertEquals(distinct.stream().sorted().toList(), distinct, "in order");
        assertEquals(count, ring.statistics().messagesRead());
        reading.close();
        assertEquals(0, kind.open(memory).read((type, view, offset, length) -> {
        }, 1));
    }

    private enum Delivery {
        READ {
            @Override
            void deliver(RingUser ring, MessageHandler handler) {
                ring.read(handler, 9);
            }
        },
        CONTROLLED_READ {
            @Override
            void deliver(RingUser ring, MessageHandler handler) {
                ring.controlledRead((type, view, offset, length) -> {
                    handler.onMessage(type, view, offset, length);
                    return ControlledMessageHandler.Action.CONTINUE;
                }, 9);
            }
        },
        PEEK {
            @Override
            void deliver(RingUser ring, MessageHandler handler) {
                ring.peek(handler, 9);
            }
        };

        abstract void deliver(RingUser ring, MessageHandler handler);
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    /** Delivers until nothing is thrown; returns how often something was. */
    private static int deliverAll(Delivery delivery, RingUser ring, MessageHandler handler) {
        for (int overflows = 0; overflows < 99; overflows++) {
            try {
                delivery.deliver(ring, handler);
                return overflows;
            } catch (StackOverflowError asIntended) {
                // As every server does.
            }
        }
        throw new AssertionError("the ring is blocked");
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotBeBlockedByAMessageThatAlwaysExhaustsTheStack(Delivery delivery) {
        for (Rings kind : Rings.values()) {
            RingUser ring = kind.create(1024);
            for (String text : List.of("a", "poison", "b", "poison", "poison", "c")) {
                ring.write(Rings.TYPE, Rings.message(text));
            }
            List<String> delivered = new ArrayList<>();
            int overflows = deliverAll(delivery, ring, (type, view, offset, length) -> {
                String text = Rings.text(view, offset, length);
                delivered.add(text);
                if (text.equals("poison")) {
                    recurse(0);
                }
            });
            assertEquals(6, overflows);
            assertEquals(List.of("a", "poison", "poison", "b", "poison", "poison", "poison", "poison", "c"), delivered);
            ring.release();
            RingStatistics statistics = ring.statistics();
            assertEquals(6, statistics.messagesRead());
            assertEquals(statistics.bytesWritten(), statistics.bytesRead());
            assertEquals(ring.producerPosition(), ring.consumerPosition());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldDeliverOnceMoreWhatHasExhaustedTheStackOnce(Delivery delivery) {
        for (Rings kind : Rings.values()) {
            RingUser ring = kind.create(1024);
            for (String text : List.of("a", "b", "c")) {
                ring.write(Rings.TYPE, Rings.message(text));
            }
            List<String> delivered = new ArrayList<>();
            int overflows = deliverAll(delivery, ring, (type, view, offset, length) -> {
                String text = Rings.text(view, offset, length);
                if (!delivered.contains(text)) {
                    delivered.add(text);
                    recurse(0);
                }
                delivered.add(text);
            });
            assertEquals(3, overflows);
            assertEquals(List.of("a", "a", "b", "b", "c", "c"), delivered);
            ring.release();
            assertEquals(3, ring.statistics().messagesRead());
        }
    }
}
