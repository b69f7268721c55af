package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of a ring for one whose producer was killed right after it had stored the header of a message, and before it
 * stored its position.
 */
@Patient
class SpscSuccessorTest {

    private static final int CAPACITY = 512;

    /** Here a message of more than 8 bytes does not fit before the end of the ring. */
    private static final int BEND = CAPACITY - 16;

    /**
     * A course of events.
     *
     * @param lead where the ring is at the beginning
     * @param before what the producer and, behind a "&lt;", the consumer do before
     * @param last what the producer is killed in
     * @param headers the how manieth header that it releases then is the last that it stores
     * @param published what it has published, all in all
     * @param end where the records end
     */
    record Course(
            String name, int capacity, int lead, List<String> before, String last, int headers, List<String> published,
            long end) {

        Course(String name, int lead, List<String> before, String last, int headers, String published, long end) {
            this(name, CAPACITY, lead, before, last, headers,
                    published.isEmpty() ? List.of() : List.of(published.split(" ")),
                    end);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Course> courses() {
        List<Course> courses = new ArrayList<>();
        courses.add(new Course("the first message", 0, List.of(), "write v/21", 1, "v", 32));
        courses.add(new Course("a message", 0, List.of("write a/5; write b/13"), "write v/21", 1, "a b v", 72));
        courses.add(new Course("a claim", 0, List.of("write a/5; claim v/21"), "commit v/21", 1, "a v", 48));
        courses.add(
                new Course("behind an aborted claim", 0, List.of("write a/5; claim n/64; abort n/64"), "write v/5", 1,
                        "a v", 32));
        courses.add(
                new Course("a batch", 0, List.of("write a/5; batch; write b/13; write d/21; write v/8"), "publish", 1,
                        "a b d v", 88));
        courses.add(new Course("the first batch", 0, List.of("batch; write a/5; write v/64"), "end", 1, "a v", 88));
        courses.add(new Course("nothing of a batch", 0, List.of("write a/5; batch; write n/64; write n/21"),
                "publish", 0, "a", 16));
        courses.add(new Course("padding", BEND - 16, List.of("write a/8"), "write n/21", 1, "a", 512));
        courses.add(new Course("padding and a message", BEND - 16, List.of("write a/8"), "write v/21", 2, "a v", 544));
        courses.add(new Course("nothing but padding", BEND, List.of(), "write n/64", 1, "", 512));
        courses.add(new Course("padding and a claim", BEND, List.of("claim v/21"), "commit v/21", 1, "v", 544));
        courses.add(new Course("padding in a batch", BEND - 32,
                List.of("write a/8; batch; write b/8; write d/21; write v/5"),
                "end", 1, "a b d v", 560));
        courses.add(
                new Course("a batch that begins with padding", BEND, List.of("batch; write a/21; write v/5"), "end", 1,
                        "a v", 560));
        for (int lead : new int[] {0, 16, 256, BEND, CAPACITY, 3 * CAPACITY + 48}) {
            List<String> all = Stream.iterate(0, i -> i + 1).limit(CAPACITY / 16).map(i -> "m" + i).toList();
            List<String> most = all.subList(0, all.size() - 1);
            courses.add(new Course("a full ring from " + lead + " on", CAPACITY, lead, List.of(writes(most)),
                    writes(all.subList(all.size() - 1, all.size())), 1, all, lead + CAPACITY));
            courses.add(new Course("a batch that fills the ring from " + lead + " on", CAPACITY, lead, List.of("batch; "
                    + writes(all)), "publish", 1, all, lead + CAPACITY));
            courses.add(new Course("a batch that finds the ring full from " + lead + " on", CAPACITY, lead, List.of(
                    "batch; " + writes(all)), "write n/0", 1, all, lead + CAPACITY));
            // The consumer frees more than the producer has seen: for it the ring is full where it has zeros.
            List<String> further = Stream.iterate(0, i -> i + 1).limit(CAPACITY / 16 + 4).map(i -> "m" + i).toList();
            courses.add(new Course("a ring from " + lead + " on that is full only to the producer", CAPACITY, lead,
                    List.of(
                            writes(all),
                            "<read 4",
                            writes(further.subList(all.size(), all.size() + 1)),
                            "<read 4",
                            writes(further.subList(all.size() + 1, all.size() + 3))),
                    writes(further.subList(all.size() + 3, all.size() + 4)), 1, further, lead + CAPACITY + 64));
        }
        // Messages that are so long that the consumer does not clear them. It frees whole cache lines.
        int large = 1 << 15;
        List<String> seven = List.of("l0", "l1", "l2", "l3", "l4", "l5", "l6");
        String fill = String.join("; ", seven.stream().map(name -> "write " + name + "/4096").toList());
        List<String> full = Stream.concat(seven.stream(), Stream.of("f")).toList();
        List<String> one = Stream.concat(full.stream(), Stream.of("v")).toList();
        courses.add(
                new Course("a ring full of large messages", large, 0, List.of(fill), "write f/4032", 1, full, large));
        courses.add(new Course("large messages in a ring that is full only to the producer", large, 0, List.of(
                fill + "; write f/4032",
                "<read 1",
                // For this there is no room, but it tells the producer where it is.
                "write n/4096",
                "<read 1"),
                "write v/4088", 1, one, large + 4096));
        courses.add(new Course("a large message", large, 0, List.of(
                "write l0/4096; write l1/4000"), "write v/3000", 1, List.of("l0", "l1", "v"), 4104 + 4008 + 3008));
        courses.add(new Course("a batch of large messages", large, 4112, List.of(
                "batch; write l0/4096; write l1/4000; write v/3000"), "end", 1, List.of("l0", "l1", "v"),
                4112 + 4104 + 4008 + 3008));
        return courses;
    }

    private static String writes(List<String> names) {
        return String.join("; ", names.stream().map(name -> "write " + name + "/8").toList());
    }

    /** A ring in which a course has come to its end. */
    private static final class Ring {

        final MemorySegment memory;
        final int capacity;
        final List<String> delivered = new ArrayList<>();
        final List<String> refused = new ArrayList<>();

        Ring(Course course) {
            capacity = course.capacity();
            memory = Rings.SPSC.memory(capacity);
            Rings.SPSC.create(memory, capacity);
            RingScript consumer = new RingScript(memory, delivered);
            consumer.accept("open");
            RingScript leading = new RingScript(memory, refused);
            leading.accept("open");
            for (int position = 0; position < course.lead(); position += 16) {
                leading.accept("write fill/8");
                consumer.accept("read 9");
            }
            leading.accept("close");
            // All of it is free.
            consumer.accept("close; open");
            delivered.clear();
            SimulatedProcess killed = new SimulatedProcess(memory, Simulation.TERMINATED, false);
            Consumer<String> producer = InstrumentedClasses.end(memory, refused);
            killed.run(() -> producer.accept("open"));
            for (String step : course.before()) {
                if (step.startsWith("<")) {
                    consumer.accept(step.substring(1));
                } else {
                    killed.run(() -> producer.accept(step));
                }
            }
            consumer.accept("close");
            refused.clear();
            int[] headers = new int[1];
            assertThrows(SimulatedProcess.Killed.class,
                    () -> killed.run(() -> producer.accept(course.last()), number -> {
                        if (!killed.made().isEmpty() && isHeader(killed.made().getLast()) || course.headers() == 0) {
                            if (++headers[0] >= course.headers()) {
                                throw new SimulatedProcess.Killed();
                            }
                        }
                    }));
            long position = producerPosition();
            assertTrue(course.headers() == 0 ? position == course.end() : position < course.end(), () -> position
                    + " is stored");
        }

        private boolean isHeader(SimulatedProcess.Access access) {
            return access.offset() >= memory.byteSize() - capacity && access.how().equals("setRelease");
        }

        long producerPosition() {
            return Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        }

        void assertEndsInNothing() {
            long end = producerPosition();
            assertTrue(
                    end == Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET) + capacity
                            || Rings.getLong(memory, Rings.SPSC.data() + (end & capacity - 1)) == 0,
                    () -> "at " + end);
        }

        /** Checks that messages go around the ring. */
        void assertWorks() {
            RingScript producer = new RingScript(memory, refused);
            RingScript consumer = new RingScript(memory, delivered);
            producer.accept("open");
            consumer.accept("open");
            delivered.clear();
            List<String> expected = new ArrayList<>();
            int longest = RingLayout.maxMessageLength(capacity);
            for (long begin = producerPosition(), i = 0; producerPosition() < begin + 3 * capacity; i++) {
                producer.accept("write w" + i + "/" + (6 + i * 11 % (longest - 5)));
                expected.add("w" + i);
                assertEndsInNothing();
                if (i % 3 == 0) {
                    consumer.accept("read 9");
                }
            }
            consumer.accept("drain");
            assertEquals(expected, delivered);
            assertEquals(List.of(), refused);
        }
    }

    /**
     * Whatever the consumer has done when the successor comes: nothing, or consumed, or cleared in part, or freed. It is
     * killed before each of its accesses.
     */
    @ParameterizedTest
    @MethodSource("courses")
    void shouldGoOnBehindWhatItsPredecessorHasPublished(Course course) {
        boolean complete = false;
        for (int i = 0; !complete; i++) {
            Ring ring = new Ring(course);
            List<String> before = List.copyOf(ring.delivered);
            SimulatedProcess consumer = new SimulatedProcess(ring.memory, Simulation.TERMINATED, i % 2 == 0);
            Consumer<String> killed = InstrumentedClasses.end(ring.memory, ring.delivered);
            consumer.runAndKill(() -> killed.accept("open; read 99; read 9"), i);
            complete = consumer.count() <= i;
            try {
                assertGoesOn(course, ring, before.size());
                ring.assertWorks();
            } catch (Throwable failure) {
                throw new AssertionError("the consumer was killed before access " + i + ", having made "
                        + consumer.made(), failure);
            }
        }
    }

    private static void assertGoesOn(Course course, Ring ring, int before) {
        int read = ring.delivered.size();
        RingScript successor = new RingScript(ring.memory, ring.refused);
        successor.accept("open; write s/8");
        boolean room = ring.refused.isEmpty();
        assertEquals(course.end() + (room ? 16 : 0), ring.producerPosition());
        ring.assertEndsInNothing();
        RingScript consumer = new RingScript(ring.memory, ring.delivered);
        consumer.accept("open; drain");
        if (!room) {
            assertEquals(List.of(RingScript.NO_ROOM), ring.refused);
            ring.refused.clear();
            successor.accept("write s/8");
        }
        consumer.accept("drain; close");
        successor.accept("close");
        List<String> expected = new ArrayList<>(course.published());
        expected.add("s");
        List<String> delivered = new ArrayList<>(ring.delivered);
        if (read > before && read < delivered.size() && delivered.get(read).equals(delivered.get(read - 1))) {
            // Its handler had not returned.
            delivered.remove(read);
        }
        assertEquals(expected, delivered);
        RingStatistics statistics = RingUser.open(ring.memory).statistics();
        assertEquals(statistics.producerPosition(), statistics.consumerPosition());
        assertEquals(statistics.messagesRead(), statistics.messagesWritten());
        assertEquals(0, statistics.recordsSkipped());
    }

    /** Also if several are killed there, one after the other. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 40})
    void shouldGoOnBehindSeveralPredecessors(int predecessors) {
        MemorySegment memory = Rings.SPSC.memory(CAPACITY);
        Rings.SPSC.create(memory, CAPACITY);
        List<String> delivered = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < predecessors; i++) {
            SimulatedProcess killed = new SimulatedProcess(memory, Simulation.TERMINATED, false);
            Consumer<String> producer = InstrumentedClasses.end(memory, delivered);
            killed.run(() -> producer.accept("open"));
            String message = "k" + i + "/" + (8 + i % 3 * 8);
            long position = Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET);
            assertThrows(SimulatedProcess.Killed.class,
                    () -> killed.run(() -> producer.accept("write " + message), number -> {
                        if (!killed.made().isEmpty()
                                && killed.made().getLast().how().equals("setRelease")
                                && killed.made().getLast().offset() >= Rings.SPSC.data()
                                && (int) (Simulation.value(killed.made().getLast(), 0) >> 32) == Rings.TYPE) {
                            throw new SimulatedProcess.Killed();
                        }
                    }));
            assertTrue(Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET) >= position);
            expected.add("k" + i);
            if (i % 7 == 3) {
                new RingScript(memory, delivered).accept("open; read 3; close");
            }
            if (i % 7 == 6) {
                new RingScript(memory, delivered).accept("open; drain; close");
            }
        }
        new RingScript(memory, delivered).accept("open; write s/8; drain");
        expected.add("s");
        assertEquals(expected, delivered);
    }

    // Whatever somebody has written over the ring.

    /** Returns the ring of somebody who is not there any more, with 6 messages, of which 2 are freed, in 6 records of 24. */
    private static MemorySegment overwritten() {
        MemorySegment memory = Rings.SPSC.memory(256);
        RingUser ring = Rings.SPSC.create(memory, 256);
        for (int i = 0; i < 6; i++) {
            assertTrue(ring.write(Rings.TYPE, Rings.message("overwritten " + i)));
        }
        assertEquals(2, Rings.read(ring, 2).size());
        ring.close();
        assertEquals(48, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
        return memory;
    }

    /** Lets a successor write, and checks that it does not look for longer than there can be records. */
    private static List<String> write(MemorySegment memory) {
        List<String> refused = new ArrayList<>();
        SimulatedProcess successor = new SimulatedProcess(memory, Simulation.LIVING, false);
        Consumer<String> producer = InstrumentedClasses.end(memory, refused);
        successor.run(() -> producer.accept("open"));
        try {
            successor.run(() -> producer.accept("write s/8"), number -> assertTrue(number < 2 * 256 / 8 + 32, "hangs"));
        } catch (RuntimeException refusal) {
            // It is of the copied classes.
            assertEquals(RingCorruptedException.class.getName(), refusal.getClass().getName());
            refused.add(refusal.getMessage());
        }
        return refused;
    }

    @Test
    void shouldNotNeedAPositionThatIsBehind() {
        for (long position : new long[] {0, 8, 16, 40, 48}) {
            MemorySegment memory = overwritten();
            Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, position);
            assertEquals(List.of(), write(memory), () -> "position " + position);
            assertEquals(144 + 16, Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET));
            List<String> delivered = Rings.read(Rings.SPSC.open(memory), 9);
            assertEquals(5, delivered.size());
            assertEquals(List.of("overwritten 2", "overwritten 5"), List.of(delivered.get(0), delivered.get(3)));
        }
    }

    @Test
    void shouldNameAPositionThatCannotBe() {
        for (long position : new long[] {-1, -8, 1, 4, 47, Long.MIN_VALUE, Long.MIN_VALUE + 1, -1L << 40, 49, 52, 145,
            303, 312, 1L << 40, RingLayout.GREATEST_POSITION, Long.MAX_VALUE,
            Long.MAX_VALUE - 7}) {
            MemorySegment memory = overwritten();
            Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, position);
            assertRefused(memory, position);
        }
    }

    @Test
    void shouldNameAFreePositionThatCannotBe() {
        for (long free : new long[] {-1, -8, 1, 47, 52, 152, 1L << 40, Long.MAX_VALUE, Long.MAX_VALUE - 7,
            Long.MIN_VALUE,
            Long.MIN_VALUE + 8}) {
            MemorySegment memory = overwritten();
            Rings.setLong(memory, RingLayout.FREE_POSITION_OFFSET, free);
            assertRefused(memory, free);
        }
    }

    @Test
    void shouldNameAConsumerPositionThatCannotBe() {
        for (long consumed : new long[] {145, 303, 312, 1L << 40, Long.MAX_VALUE, Long.MAX_VALUE - 7}) {
            MemorySegment memory = overwritten();
            Rings.setLong(memory, RingLayout.CONSUMER_POSITION_OFFSET, consumed);
            assertRefused(memory, consumed);
        }
    }

    private static void assertRefused(MemorySegment memory, long value) {
        byte[] before = Rings.bytes(memory);
        for (int i = 0; i < 3; i++) {
            List<String> refused = write(memory);
            assertEquals(1, refused.size(), () -> "refused with " + value);
            assertTrue(refused.get(0).contains(Long.toString(value)), refused.get(0));
            assertTrue(refused.get(0).contains("overwritten"), refused.get(0));
            assertEquals(-1, memory.mismatch(MemorySegment.ofArray(before)), "nothing is changed");
        }
    }

    @Test
    void shouldNameARecordThatCannotBe() {
        for (long header : new long[] {
            RingLayout.committed(Rings.TYPE, 0), RingLayout.committed(Rings.TYPE, 7),
            RingLayout.committed(Rings.TYPE, -8),
            RingLayout.committed(Rings.TYPE, 41), RingLayout.committed(Rings.TYPE, Integer.MAX_VALUE),
            RingLayout.committed(0, 16),
            RingLayout.committed(-2, 16), RingLayout.committed(RingLayout.PADDING_TYPE, 0),
            RingLayout.committed(RingLayout.PADDING_TYPE, 192),
            RingLayout.committed(RingLayout.PADDING_TYPE, Integer.MAX_VALUE), RingLayout.claimed(0, 24), 1, -1,
            Long.MIN_VALUE}) {
            MemorySegment memory = overwritten();
            Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, 48);
            Rings.setLong(memory, Rings.SPSC.data() + 72, header);
            byte[] before = Rings.bytes(memory);
            List<String> refused = write(memory);
            assertEquals(1, refused.size(), () -> Long.toHexString(header));
            assertTrue(refused.get(0).contains("the record at position 72"), refused.get(0));
            assertEquals(-1, memory.mismatch(MemorySegment.ofArray(before)), "nothing is changed");
        }
    }

    /** One record leads to another, and the last one to the first: that is a full ring, and no circle. */
    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32})
    void shouldStopWhereTheRecordsLeadAroundTheRing(int record) {
        MemorySegment memory = Rings.SPSC.memory(256);
        Rings.SPSC.create(memory, 256);
        for (int position = 0; position < 256; position += record) {
            Rings.setLong(memory, Rings.SPSC.data() + position, RingLayout.committed(Rings.TYPE, record));
        }
        assertEquals(List.of(RingScript.NO_ROOM), write(memory));
        assertEquals(256, Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET));
        assertEquals(256 / record, Rings.read(Rings.SPSC.open(memory), 99).size());
    }

    /** Somebody moves the consumer position ahead whenever the end seems to be found, and back again. */
    @Test
    void shouldStopLookingHoweverTheConsumerPositionChanges() {
        MemorySegment memory = overwritten();
        List<String> refused = new ArrayList<>();
        SimulatedProcess successor = new SimulatedProcess(memory, Simulation.LIVING, false);
        Consumer<String> producer = InstrumentedClasses.end(memory, refused);
        successor.run(() -> producer.accept("open"));
        successor.run(() -> producer.accept("write s/8"), number -> {
            assertTrue(number < 2 * 256 / 8 + 32, "hangs");
            boolean looked = !successor.made().isEmpty() && successor.made().getLast().offset() >= Rings.SPSC.data();
            Rings.setLong(memory, RingLayout.CONSUMER_POSITION_OFFSET, looked ? 144 + 8 : 48);
        });
        assertEquals(List.of(), refused);
    }

    /** Records that lead beyond what can be in use, since the ring is free from the middle on. */
    @Test
    void shouldNameARecordThatLeadsBeyondWhatIsNotFree() {
        MemorySegment memory = overwritten();
        for (int position = 144; position < 256; position += 16) {
            Rings.setLong(memory, Rings.SPSC.data() + position, RingLayout.committed(Rings.TYPE, 16));
        }
        Rings.setLong(memory, Rings.SPSC.data(), RingLayout.committed(Rings.TYPE, 24));
        // Up to 304 only 24 bytes are left.
        Rings.setLong(memory, Rings.SPSC.data() + 24, RingLayout.committed(Rings.TYPE, 32));
        List<String> refused = write(memory);
        assertEquals(1, refused.size());
        assertTrue(refused.get(0).contains("the record at position 280"), refused.get(0));
    }
}
