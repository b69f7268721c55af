package io.github.shm4j.broadcast;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Any order of operations, of objects that come and go, beside a list of all messages. */
@Patient
class BroadcastModelTest {

    private static final int ROUNDS = 60;
    private static final int OPERATIONS = 400;

    private record Message(int type, byte[] bytes) {}

    /** A reader, and where it is in the list. */
    private static final class Model implements BroadcastHandler {

        final List<Message> all;
        final BroadcastReader reader;
        int next;
        long lost;
        long lostBytes;

        Model(List<Message> all, BroadcastReader reader, int next) {
            this.all = all;
            this.reader = reader;
            this.next = next;
        }

        @Override
        public void onMessage(int type, MemorySegment memory, long offset, int length) {
            Message expected = all.get(next++);
            assertEquals(expected.type, type);
            assertArrayEquals(expected.bytes, memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void onLoss(long messages, long bytes) {
            assertEquals(bytes, all.subList(next, next + (int) messages).stream().mapToLong(each -> each.bytes.length)
                    .sum());
            next += (int) messages;
            lost += messages;
            lostBytes += bytes;
        }

        /** The least room that all it has not read takes. */
        long backlog() {
            return all.subList(next, all.size()).stream().mapToLong(each -> each.bytes.length + 15 & -8).sum();
        }
    }

    // B01
    @Test
    void shouldDoWhatAListDoes() {
        SplittableRandom seeds = new SplittableRandom(20261129);
        long lost = 0;
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = seeds.split();
            long capacity = 256L << random.nextInt(4);
            MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(capacity), 128);
            BroadcastRing ring = BroadcastRing.create(memory, capacity);
            List<Message> all = new ArrayList<>();
            List<Model> readers = new ArrayList<>();
            BroadcastProducer producer = null;
            int longest = 1 + random.nextInt(ring.maxMessageLength());
            for (int i = 0; i < OPERATIONS; i++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> {
                        if (producer != null) {
                            Message message =
                                    new Message(1 + random.nextInt(Integer.MAX_VALUE), new byte[random.nextInt(
                                            longest + 1)]);
                            random.nextBytes(message.bytes);
                            all.add(message);
                            assertEquals(all.size(),
                                    producer.write(message.type, MemorySegment.ofArray(message.bytes)));
                        }
                    }
                    case 4, 5 -> {
                        if (!readers.isEmpty()) {
                            Model model = readers.get(random.nextInt(readers.size()));
                            // Each message before which the end of the ring was may have left room unused, once in a lap.
                            boolean whole = model.backlog() + longest + 8 <= capacity - capacity / 16 - longest - 8;
                            int before = model.next;
                            long lostBefore = model.lost;
                            int limit = random.nextInt(12);
                            int read = model.reader.read(model, limit);
                            assertEquals(model.next - before - (model.lost - lostBefore), read);
                            assertEquals(Math.min(limit, all.size() - before - (model.lost - lostBefore)), read);
                            assertTrue(!whole || model.lost == lostBefore, "lost what was there");
                            assertEquals(model.lost, model.reader.lostMessages());
                            assertEquals(model.lostBytes, model.reader.lostBytes());
                            assertEquals(all.size() - model.next, model.reader.backlog());
                        }
                    }
                    case 6 -> {
                        BroadcastRing opened =
                                BroadcastRing.open(random.nextBoolean() ? memory : memory.asReadOnly());
                        if (random.nextBoolean()) {
                            readers.add(new Model(all, opened.readerFromNow(), all.size()));
                        } else {
                            BroadcastReader oldest = opened.readerFromOldest();
                            readers.add(new Model(all, oldest, all.size() - (int) oldest.backlog()));
                        }
                    }
                    default -> {
                        if (producer == null) {
                            producer = BroadcastRing.open(memory).producer();
                        } else {
                            producer.close();
                            producer = null;
                        }
                    }
                }
            }
            if (producer != null) {
                producer.close();
            }
            for (Model model : readers) {
                model.reader.read(model, Integer.MAX_VALUE);
                assertEquals(all.size(), model.next);
                lost += model.lost;
            }
        }
        assertTrue(lost > 300, lost + " lost");
    }
}
