package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.ring.ControlledMessageHandler.Action;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A ring for one beside a queue that does the same: every operation in a random order, and both sides end at any time,
 * having left what a killed process can leave.
 *
 * <p>All messages consist of what would be headers elsewhere, and so does everything that nobody has published. After each
 * operation the records are those of the queue, and they end in a 0 or the ring is full.
 *
 * <p>The property {@code shm4j.ring.operations} says how many operations to try in rings of each size, {@code
 * shm4j.ring.seed} where to begin.
 */
@Patient(busySeconds = 3600)
class SpscModelTest {

    private static final int OPERATIONS = Integer.getInteger("shm4j.ring.operations", 10_000);
    private static final long SEED = Long.getLong("shm4j.ring.seed", 20261124);

    private static final int OPERATIONS_IN_A_RING = 400;

    /** Types from here on are of headers that were never written as such. */
    private static final int NO_MESSAGE = 1 << 30;

    /** In the rings from 16 KiB on, messages are so long that a consumer need not clear them. */
    @ParameterizedTest
    @ValueSource(ints = {64, 128, 256, 512, 1 << 10, 1 << 12, 1 << 14, 1 << 15, 1 << 16})
    void shouldDoWhatAQueueDoes(int capacity) {
        Reached reached = new Reached();
        for (int i = 0; i < OPERATIONS / OPERATIONS_IN_A_RING; i++) {
            Model model = new Model(capacity, SEED + i, reached);
            try {
                model.run();
            } catch (Throwable failure) {
                throw new AssertionError("with -Dshm4j.ring.operations=" + OPERATIONS_IN_A_RING + " -Dshm4j.ring.seed="
                        + (SEED + i) + ", after " + model.done, failure);
            }
        }
        if (OPERATIONS > OPERATIONS_IN_A_RING) {
            reached.assertEverything(capacity);
        }
    }

    /** How often the rings have been in the states that this is about. */
    private static final class Reached {

        int full;
        int fullToTheProducerOnly;
        int positionMissing;
        int positionOfBatchMissing;
        int partlyCleared;
        int endedByTheConsumer;
        int laps;

        void assertEverything(int capacity) {
            assertTrue(full > 0, "full");
            assertTrue(fullToTheProducerOnly > 0, "full as far as the producer knows");
            assertTrue(positionMissing > 0, "position missing");
            assertTrue(positionOfBatchMissing > 0, "position missing after a batch");
            assertTrue(partlyCleared > 0 || capacity < 256, "partly cleared");
            assertTrue(endedByTheConsumer > 0, "records end where the consumer has cleared");
            assertTrue(laps > 0, "laps");
        }
    }

    /** What a handler throws. */
    private static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    private static final class Model {

        private static final long SLOT_OWNER = RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER;

        private final SplittableRandom random;
        private final Reached reached;
        private final long capacity;
        private final long data = Rings.SPSC.data();
        private final MemorySegment memory;
        private final RingUser observer;
        private final int mostWritten;

        /** What to say if something is wrong. */
        final List<String> done = new ArrayList<>();

        // The producer.
        private RingUser producer;
        private boolean producing;
        private SpscProducer.Batch batch;
        private final List<Integer> unpublished = new ArrayList<>();
        private Claim claim = new Claim();
        private int claimed;
        private long position;
        private long knownFree;

        /** Up to where there may be what was never published. */
        private long unpublishedUpTo;

        private long failed;
        private int next = 1;

        /** Where the last record ends whose header a producer has stored for the consumer. */
        private long end;

        /** What the producer position was, if it was stored, before the last header was. */
        private long endBefore;

        // The consumer.
        private RingUser consumer;
        private boolean consuming;
        private int peeked;
        private long messagesRead;
        private long bytesRead;
        private long longestBacklog;

        /** The types of the messages that were published and not consumed. They say everything else about them. */
        private final Deque<Integer> queue = new ArrayDeque<>();

        private final int[] lengths = new int[2 * OPERATIONS_IN_A_RING + 2];

        private void openConsumer() {
            consumer = RingUser.open(memory);
            if (random.nextInt(4) != 0) {
                consumer.clearAsInLargeRings();
            }
        }

        Model(int capacity, long seed, Reached reached) {
            random = new SplittableRandom(seed);
            this.reached = reached;
            this.capacity = capacity;
            memory = Rings.SPSC.memory(capacity);
            producer = Rings.SPSC.create(memory, capacity);
            openConsumer();
            observer = RingUser.open(memory);
            mostWritten = switch (random.nextInt(3)) {
                case 0 -> Math.min(24, capacity / 8);
                case 1 -> capacity / 16;
                default -> capacity / 8;
            };
        }

        void run() {
            // One side is faster for a while, and then the other one.
            int ofProducer = 8;
            for (int i = 0; i < OPERATIONS_IN_A_RING; i++) {
                if (i % 16 == 0) {
                    ofProducer = random.nextInt(1, 16);
                }
                if (random.nextInt(16) < ofProducer) {
                    produce();
                } else {
                    consume();
                }
                check();
            }
            if (claim.isOpen()) {
                claim.abort();
            }
            closeProducer();
            freePeeked();
            read(Integer.MAX_VALUE);
            assertEquals(List.of(), List.copyOf(queue));
            check();
            reached.laps += (int) (end / capacity);
        }

        private void did(String what) {
            done.add(what);
        }

        // What messages are.

        private int newMessage(int length) {
            lengths[next] = length;
            return next++;
        }

        private byte[] content(int type) {
            MemorySegment content = MemorySegment.ofArray(new long[lengths[type] / 8 + 1]);
            fillWithHeaders(content, 0, content.byteSize(), type);
            return content.asSlice(0, lengths[type]).toArray(ValueLayout.JAVA_BYTE);
        }

        private static void fillWithHeaders(MemorySegment target, long from, long to, int seed) {
            for (long offset = from; offset < to; offset += 8) {
                long header = (offset + seed) % 3 == 0
                        ? RingLayout.committed(RingLayout.PADDING_TYPE, 8 + (seed + (int) offset) % 5 * 8)
                        : RingLayout.committed(NO_MESSAGE + seed % 1000, 8 + (seed * 7 + (int) offset) % 11);
                Rings.setLong(target, offset, header);
            }
        }

        private void assertMessage(int type, MemorySegment view, long offset, int length) {
            assertTrue(type < next, () -> "there is no message of type " + type);
            assertEquals(lengths[type], length);
            assertArrayEquals(content(type), view.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        }

        // The producer.

        private long free() {
            return Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET);
        }

        private void produce() {
            if (claim.isOpen()) {
                switch (random.nextInt(8)) {
                    case 0 -> publish();
                    case 1 -> killProducer();
                    case 2, 3, 4 -> abort();
                    default -> commit();
                }
                return;
            }
            switch (random.nextInt(32)) {
                case 0 -> {
                    closeProducer();
                    producer = Rings.SPSC.open(memory);
                }
                case 1, 2 -> killProducer();
                case 3, 4, 5 -> {
                    if (batch == null) {
                        beginBatch();
                    } else {
                        did("end of batch");
                        batch.close();
                        published();
                        batch = null;
                    }
                }
                case 6, 7 -> publish();
                case 8, 9 -> writeWhatCannotBeCopied();
                case 10 -> awaitRoom();
                case 11, 12, 13, 14, 15 -> tryClaim();
                default -> write();
            }
        }

        private int length() {
            long exactly = switch (random.nextInt(4)) {
                // So that the ring is full, or so that the producer thinks it is.
                case 0 -> free() + capacity - position - 8;
                case 1 -> knownFree + capacity - position - 8;
                case 2 -> capacity - (position & capacity - 1) - 8;
                default -> -1;
            };
            return exactly >= 0 && exactly <= capacity / 8 ? (int) exactly : random.nextInt(mostWritten + 1);
        }

        private void becomeProducer() {
            if (!producing) {
                producing = true;
                position = end;
                knownFree = free();
                unpublishedUpTo = Math.max(unpublishedUpTo, knownFree + capacity);
            }
        }

        /** Notes what the producer does to have room for a record; returns whether there is any. */
        private boolean makeRoom(int length) {
            becomeProducer();
            long record = RingLayout.recordLength(length + 8);
            long toEnd = capacity - (position & capacity - 1);
            long needed = record <= toEnd ? record : toEnd + record;
            if (needed > knownFree + capacity - position) {
                knownFree = free();
            }
            if (needed > knownFree + capacity - position) {
                failed++;
                published();
                return false;
            }
            if (record > toEnd) {
                appended(toEnd);
            }
            return true;
        }

        private void appended(long record) {
            position += record;
            if (batch == null) {
                published();
            }
        }

        private void published() {
            if (producing && position != end) {
                endBefore = end;
                end = position;
                queue.addAll(unpublished);
                unpublished.clear();
                reached.full += end == free() + capacity ? 1 : 0;
                reached.fullToTheProducerOnly += end == knownFree + capacity && knownFree != free() ? 1 : 0;
            }
        }

        private void write() {
            int length = length();
            int type = newMessage(length);
            did("write " + length);
            boolean room = makeRoom(length);
            byte[] content = content(type);
            assertEquals(room, producer.write(type, MemorySegment.ofArray(content)));
            if (room) {
                unpublished.add(type);
                appended(RingLayout.recordLength(length + 8));
            }
        }

        private void writeWhatCannotBeCopied() {
            MemorySegment closed;
            int length = random.nextInt(mostWritten + 1);
            try (Arena arena = Arena.ofConfined()) {
                closed = arena.allocate(Math.max(1, length)).asSlice(0, length);
            }
            did("fail to write " + length);
            if (makeRoom(length)) {
                assertThrows(IllegalStateException.class, () -> producer.write(1, closed));
                // It may have been copied in part.
                fillWithHeaders(memory, data + (position & capacity - 1) + 8, data + (position & capacity - 1)
                        + RingLayout.recordLength(length + 8), length);
            } else {
                assertFalse(producer.write(1, closed));
            }
        }

        private void tryClaim() {
            int length = length();
            claimed = newMessage(length);
            did("claim " + length);
            boolean room = makeRoom(length);
            assertEquals(room, producer.tryClaim(claimed, length, claim));
            if (room) {
                claim.segment().copyFrom(MemorySegment.ofArray(content(claimed)));
            }
        }

        private void commit() {
            did("commit");
            claim.commit();
            unpublished.add(claimed);
            appended(RingLayout.recordLength(lengths[claimed] + 8));
        }

        private void abort() {
            did("abort");
            claim.abort();
            unpublishedUpTo = Math.max(unpublishedUpTo, position + RingLayout.recordLength(lengths[claimed] + 8));
        }

        private void beginBatch() {
            did("batch");
            batch = producer.beginBatch();
            becomeProducer();
        }

        private void publish() {
            if (batch != null) {
                did("publish");
                batch.publish();
                published();
            }
        }

        private void awaitRoom() {
            int length = random.nextInt(mostWritten + 1);
            did("await room for " + length);
            if (batch != null) {
                published();
            }
            try {
                boolean room = producer.awaitRoom(length, WaitStrategy.BUSY_SPIN, Duration.ZERO);
                if (producing) {
                    long record = RingLayout.recordLength(length + 8);
                    long toEnd = capacity - (position & capacity - 1);
                    long needed = record <= toEnd ? record : toEnd + record;
                    assertEquals(needed <= free() + capacity - position, room);
                }
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }

        private void closeProducer() {
            did("close the producer");
            published();
            producer.close();
            producing = false;
            batch = null;
        }

        private void killProducer() {
            if (!producing) {
                return;
            }
            boolean publishedNow = false;
            if (!claim.isOpen() && random.nextBoolean()) {
                // It is killed right after the header of something that it publishes.
                if (batch != null) {
                    publishedNow = !unpublished.isEmpty();
                    publish();
                    reached.positionOfBatchMissing += publishedNow ? 1 : 0;
                } else {
                    long before = end;
                    write();
                    publishedNow = end != before;
                }
                if (publishedNow) {
                    reached.positionMissing++;
                    Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, endBefore);
                }
            }
            did("kill the producer, position " + (publishedNow ? "missing" : "stored"));
            Rings.setLong(memory, SLOT_OWNER, Rings.terminatedOwner());
            unpublished.clear();
            // Of a batch it may have left anything behind the place where its first header is missing.
            long room = free() + capacity;
            for (long place = end + 8; place < room; place += 8) {
                if (random.nextInt(3) == 0) {
                    long offset = data + (place & capacity - 1);
                    fillWithHeaders(memory, offset, offset + 8, (int) place);
                }
            }
            producer = Rings.SPSC.open(memory);
            claim = new Claim();
            producing = false;
            batch = null;
        }

        // The consumer.

        private void consume() {
            switch (random.nextInt(32)) {
                case 0 -> {
                    did("close the consumer");
                    consumer.close();
                    newConsumer();
                }
                case 1, 2 -> killConsumer();
                case 3, 4, 5, 6 -> peek();
                case 7, 8 -> freePeeked();
                case 9, 10, 11, 12 -> controlledRead();
                case 13, 14 -> readAndThrow();
                case 15 -> await();
                case 16, 17 -> read(Integer.MAX_VALUE);
                case 18 -> readUntilIdle();
                default -> read(1 + random.nextInt(8));
            }
        }

        private void newConsumer() {
            openConsumer();
            consuming = false;
            peeked = 0;
        }

        private void consumed(int type) {
            assertEquals(queue.poll(), type);
            messagesRead++;
            bytesRead += lengths[type];
        }

        private boolean refusedWherePeeked() {
            consuming = true;
            if (peeked == 0) {
                return false;
            }
            assertThrows(IllegalStateException.class, () -> consumer.read((type, view, offset, length) -> {
            }, 1));
            return true;
        }

        private void read(int limit) {
            if (refusedWherePeeked()) {
                return;
            }
            did("read " + limit);
            int expected = Math.min(limit, queue.size());
            assertEquals(expected, consumer.read((type, view, offset, length) -> {
                assertMessage(type, view, offset, length);
                consumed(type);
            }, limit));
        }

        /** So often that the rest of the last cache line is freed, too. */
        private void readUntilIdle() {
            if (refusedWherePeeked()) {
                return;
            }
            for (int i = 0; i < 20; i++) {
                read(Integer.MAX_VALUE);
            }
        }

        private void readAndThrow() {
            if (refusedWherePeeked() || queue.isEmpty()) {
                return;
            }
            int last = 1 + random.nextInt(Math.min(4, queue.size()));
            did("throw at message " + last);
            int[] seen = new int[1];
            assertThrows(Refused.class, () -> consumer.read((type, view, offset, length) -> {
                assertMessage(type, view, offset, length);
                consumed(type);
                if (++seen[0] == last) {
                    throw new Refused();
                }
            }, Integer.MAX_VALUE));
        }

        private void controlledRead() {
            if (refusedWherePeeked()) {
                return;
            }
            int limit = 1 + random.nextInt(8);
            did("controlled read " + limit);
            int[] seen = new int[2];
            int read = consumer.controlledRead((type, view, offset, length) -> {
                assertMessage(type, view, offset, length);
                Action action = switch (random.nextInt(8)) {
                    case 0 -> Action.ABORT;
                    case 1 -> Action.BREAK;
                    case 2 -> Action.COMMIT;
                    default -> Action.CONTINUE;
                };
                if (action == Action.ABORT) {
                    assertEquals(queue.peek(), type);
                } else {
                    consumed(type);
                    seen[0]++;
                }
                seen[1] += action == Action.ABORT || action == Action.BREAK ? 1 : 0;
                return action;
            }, limit);
            assertEquals(seen[0], read);
            assertTrue(read == limit || seen[1] == 1 || queue.isEmpty());
        }

        private void peek() {
            consuming = true;
            int limit = random.nextInt(4) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(8);
            did("peek " + limit);
            List<Integer> expected = queue.stream().skip(peeked).limit(limit).toList();
            List<Integer> seen = new ArrayList<>();
            consumer.peek((type, view, offset, length) -> {
                assertMessage(type, view, offset, length);
                seen.add(type);
            }, limit);
            assertEquals(expected, seen);
            peeked += seen.size();
        }

        private void freePeeked() {
            did("free");
            consumer.release();
            for (; peeked > 0; peeked--) {
                consumed(queue.element());
            }
        }

        private void await() {
            consuming = true;
            if (peeked != 0) {
                return;
            }
            did("await");
            try {
                assertEquals(!queue.isEmpty(), consumer.awaitMessage(WaitStrategy.BUSY_SPIN, Duration.ZERO));
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }

        private void killConsumer() {
            if (!consuming) {
                return;
            }
            did("kill the consumer");
            Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner());
            long free = free();
            long consumed = observer.consumerPosition();
            if (free != consumed && random.nextBoolean()) {
                // It was about to free what it had consumed, which need not be all of it.
                long upTo = free + 8 + random.nextLong((consumed - free) / 8) * 8;
                int share = random.nextInt(1, 5);
                for (long place = free; place < upTo; place += 8) {
                    if (random.nextInt(4) < share) {
                        Rings.setLong(memory, data + (place & capacity - 1), 0);
                        reached.partlyCleared++;
                    }
                }
                if (random.nextInt(4) == 0) {
                    // It was about to do so without clearing all of it.
                    Rings.setLong(memory, RingLayout.CLEARED_FROM_OFFSET, upTo);
                }
            }
            newConsumer();
        }

        // What is always true.

        private void check() {
            long free = free();
            long at = observer.consumerPosition();
            assertTrue(free <= at && at <= end && end <= free + capacity, free + ", " + at + ", " + end);
            List<Integer> there = new ArrayList<>();
            while (at < end) {
                long header = Rings.getLong(memory, data + (at & capacity - 1));
                int type = (int) (header >> 32);
                int length = (int) header;
                String record = "type " + type + ", length " + length + " at " + at;
                assertTrue(length >= 8 && (type == RingLayout.PADDING_TYPE || type > 0 && type < next), record);
                if (type != RingLayout.PADDING_TYPE) {
                    there.add(type);
                }
                at += RingLayout.recordLength(length);
            }
            assertEquals(end, at);
            assertEquals(List.copyOf(queue), there);
            assertTrue(
                    Rings.getLong(memory, data + (end & capacity - 1)) == 0 || end == free + capacity,
                    () -> "the records end at " + end + ", and the ring is free up to " + (free + capacity));
            if (end >= Rings.getLong(memory, RingLayout.CLEARED_FROM_OFFSET) + capacity
                    && end > unpublishedUpTo
                    && end < free + capacity) {
                reached.endedByTheConsumer++;
            }
            RingStatistics statistics = observer.statistics();
            assertEquals(messagesRead, statistics.messagesRead());
            assertEquals(bytesRead, statistics.bytesRead());
            assertEquals(failed, statistics.failedClaims());
            assertEquals(0, statistics.recordsSkipped());
            long noted = Rings.getLong(memory, RingLayout.LONGEST_BACKLOG_OFFSET);
            assertTrue(noted >= longestBacklog && noted <= capacity);
            longestBacklog = noted;
            long backlog = statistics.producerPosition() - statistics.consumerPosition();
            assertEquals(Math.max(noted, backlog), statistics.longestBacklog());
            if (producing) {
                assertEquals(end, Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET));
                assertEquals(messagesRead + queue.size(), statistics.messagesWritten());
            }
            assertTrue(Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET) <= end);
        }
    }
}
