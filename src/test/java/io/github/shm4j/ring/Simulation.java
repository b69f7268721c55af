package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A ring and who plays with it: a producer and a consumer as everybody has them, a simulated process that is stopped or
 * killed, and others that have been killed before.
 */
final class Simulation {

    static final int CAPACITY = 512;

    /** The length of each record that brings the ring to its position at the beginning. */
    static final int FILLING = 16;

    /** At the end of what a process has prepared: it has written all of the ring since it became the producer. */
    static final String AROUND = "; around";

    /**
     * Commands to write, each always the same object, so that maps know its hash code and find it at once: a hundred of them
     * are told in each of many thousand simulations.
     *
     * @param words what comes before the number
     */
    private record Writes(String words, String[][] known) {

        private static final int MOST = 1 << 10;

        Writes(String words) {
            this(words, new String[MOST][]);
        }

        String of(int number, int length) {
            if (number >= MOST || length >= MOST) {
                return words + number + "/" + length;
            }
            String[] ofNumber = known[number];
            if (ofNumber == null) {
                ofNumber = new String[MOST];
                known[number] = ofNumber;
            }
            String command = ofNumber[length];
            if (command == null) {
                command = words + number + "/" + length;
                ofNumber[length] = command;
            }
            return command;
        }
    }

    private static final Writes FILLINGS = new Writes("write o");
    private static final Writes WORKS = new Writes("write m");

    private static final Pattern MESSAGE = Pattern.compile("(?:write|claim) (\\w+)/");

    private static final Map<String, List<String>> NAMES = new ConcurrentHashMap<>();

    /** Real processes, so that it is the system which says what has become of them. */
    static final long TERMINATED = terminatedProcess();

    /** Lives as long as this process. */
    static final long LIVING = livingProcess();

    /** What a simulated process does, and when. */
    record Scenario(
            Rings kind,
            boolean producing,
            String name,
            int slots,
            int capacity,
            int at,
            Consumer<Simulation> before,
            String prepared,
            String act) {

        @Override
        public String toString() {
            return kind + ": " + name;
        }

        /** The names of the messages that the process writes while it is observed. */
        List<String> messages() {
            return names(act);
        }
    }

    final Rings kind;
    final int capacity;
    final MemorySegment memory;

    /** What was written and not read, in order. */
    final List<String> written = new ArrayList<>();

    /** What became of the attempts of producers. */
    final List<String> refused = new ArrayList<>();

    /** What the usual consumer, and those that were killed before, were delivered. */
    final List<String> delivered = new ArrayList<>();

    /** What the simulated process was delivered, or was refused. */
    final List<String> notesOfVictim = new ArrayList<>();

    /** The simulated process. */
    final SimulatedProcess victim;

    private final Consumer<String> ofVictim;

    /** How many records producers that were killed before have left behind. */
    int abandoned;

    /** Whether the last of them has no header. */
    boolean withoutHeader;

    /** How many messages were read before the scenario begins. */
    long led;

    private int filling;
    private RingScript producer;
    private RingScript consumer;

    Simulation(Scenario scenario, long owner, boolean descending) {
        kind = scenario.kind();
        capacity = scenario.capacity();
        int slots = kind == Rings.SPSC ? RingLayout.SPSC_SLOTS : scenario.slots();
        memory = Arena.ofAuto().allocate(RingLayout.dataOffset(slots) + capacity, 128);
        create(kind, slots, capacity, memory);
        victim = new SimulatedProcess(memory, owner, descending);
        ofVictim = InstrumentedClasses.end(memory, notesOfVictim);
        newProducer();
        newConsumer();
        for (int position = 0; position < scenario.at(); position += FILLING) {
            produce("write fill/8");
            consume("read 9");
            led++;
        }
        delivered.clear();
        written.clear();
        scenario.before().accept(this);
        if (scenario.producing()) {
            produce("close");
        } else {
            consume("close");
        }
        boolean around = scenario.prepared().endsWith(AROUND);
        String prepared = around
                ? scenario.prepared().substring(0, scenario.prepared().length() - AROUND.length())
                : scenario.prepared();
        victim.run(() -> ofVictim.accept(prepared));
        written.addAll(names(prepared));
        if (around) {
            goAround();
        }
    }

    /** Lets the simulated process write, and the consumer read, until the room is what the consumer has given back since. */
    private void goAround() {
        long begin = producerPosition();
        while (producerPosition() <= begin + capacity) {
            act("write fill/8");
            consume("read 9");
            led++;
        }
        led += written.size();
        delivered.clear();
        written.clear();
    }

    /** Makes a ring with fewer slots than the library does, as the documented layout says. */
    static void create(Rings kind, int slots, int capacity, MemorySegment memory) {
        MemorySegment header = kind.memory(capacity);
        kind.create(header, capacity);
        MemorySegment.copy(header, 0, memory, 0, RingLayout.PRODUCER_POSITION_OFFSET);
        memory.set(ValueLayout.JAVA_INT, RingLayout.SLOTS_OFFSET, slots);
    }

    /** The names of the messages that are written by some commands. */
    static List<String> names(String commands) {
        List<String> known = NAMES.get(commands);
        return known != null
                ? known
                : NAMES.computeIfAbsent(
                        commands,
                        words -> MESSAGE.matcher(words).results().map(result -> result.group(1)).toList());
    }

    /** Lets the simulated process do something. */
    void act(String commands) {
        ofVictim.accept(commands);
    }

    void newProducer() {
        producer = new RingScript(memory, refused);
        producer.accept("open");
    }

    void newConsumer() {
        consumer = new RingScript(memory, delivered);
        consumer.accept("open");
    }

    void produce(String commands) {
        producer.accept(commands);
        written.addAll(names(commands));
    }

    /** Writes one message, if there is room and no other producer. */
    void produceIfPossible(String command) {
        int attempts = refused.size();
        producer.accept(command);
        if (refused.size() == attempts) {
            written.addAll(names(command));
        }
    }

    void consume(String commands) {
        consumer.accept(commands);
    }

    /** Lets another process do something that is killed right after an access, or when it has done all. */
    void beforeItIsKilled(String commands, Predicate<SimulatedProcess.Access> last) {
        SimulatedProcess process = new SimulatedProcess(memory, TERMINATED, false);
        Consumer<String> end = InstrumentedClasses.end(memory, delivered);
        process.run(() -> end.accept("open"));
        try {
            process.run(() -> end.accept(commands), number -> {
                if (!process.made().isEmpty() && last.test(process.made().getLast())) {
                    throw new SimulatedProcess.Killed();
                }
            });
        } catch (SimulatedProcess.Killed asIntended) {
            // What it has done stays.
        }
    }

    /** Writes until there is no room, in the end not even for the shortest message. */
    void fill() {
        int attempts = refused.size();
        for (int end = filling + capacity; refused.size() < attempts + 2; filling++) {
            assertTrue(filling < end, "the ring is never full");
            produceIfPossible(FILLINGS.of(filling, refused.size() == attempts ? 8 + filling * 7 % 20 : 8));
        }
        refused.subList(attempts, refused.size()).clear();
    }

    RingStatistics statistics() {
        return RingUser.open(memory, Duration.ZERO).statistics();
    }

    long read(long offset) {
        return Rings.getLong(memory, offset);
    }

    /** Whether a store has completed a message. */
    boolean publishes(SimulatedProcess.Access access) {
        return completes(access) && value(access, 0) >> 32 == Rings.TYPE;
    }

    /** Whether an access has claimed a record of a ring with many producers. */
    static boolean claims(SimulatedProcess.Access access) {
        return access.offset() == RingLayout.PRODUCER_POSITION_OFFSET
                && access.how().startsWith("compareAndSet")
                && Boolean.TRUE.equals(access.result());
    }

    /** Whether a store has completed a record, which may be padding. */
    boolean completes(SimulatedProcess.Access access) {
        return isRecord(access) && (int) value(access, 0) > 0;
    }

    private boolean isRecord(SimulatedProcess.Access access) {
        return access.offset() >= memory.byteSize() - capacity && access.how().startsWith("set");
    }

    static long value(SimulatedProcess.Access access, int index) {
        return ((Number) access.values().get(index)).longValue();
    }

    /** Checks that the ring is as good as new, and empty: messages of all lengths go around it twice. */
    void assertWorks() {
        newProducer();
        newConsumer();
        delivered.clear();
        written.clear();
        int longest = RingLayout.maxMessageLength(capacity);
        long begin = producerPosition();
        for (int i = 0; producerPosition() < begin + 2 * capacity; i++) {
            produce(WORKS.of(i, 6 + i * 11 % (longest - 5)));
            if (i % 3 == 0) {
                consume("read 9");
            }
        }
        consume("read 99");
        assertEquals(written, delivered);
        assertEquals(List.of(), refused);
        produce("close");
        consume("close");
        assertEquals(producerPosition(), read(RingLayout.CONSUMER_POSITION_OFFSET));
        assertEquals(producerPosition(), read(RingLayout.FREE_POSITION_OFFSET));
        if (kind == Rings.MPSC) {
            assertEquals(
                    -1,
                    memory.asSlice(memory.byteSize() - capacity).mismatch(MemorySegment.ofArray(new byte[capacity])),
                    "the first byte that is not cleared");
        }
    }

    long producerPosition() {
        return read(RingLayout.PRODUCER_POSITION_OFFSET);
    }

    private static long owner(Process process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return Owner.of(process.pid(), Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A process that ends when this one closes its input, at the latest when it ends itself. */
    private static Process start() {
        try {
            return new ProcessBuilder("cat").start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static long livingProcess() {
        return owner(start());
    }

    private static long terminatedProcess() {
        Process process = start();
        long owner = owner(process);
        process.destroyForcibly();
        process.onExit().join();
        return owner;
    }
}
