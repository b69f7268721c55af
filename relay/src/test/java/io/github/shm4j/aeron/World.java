package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.RingSignatures;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * A relay with its two rings in one thread, over a simulated network that loses, doubles and reorders frames, where either side
 * can be killed at each step: before and after each frame that comes in or goes out, and before each word that the journal gets.
 *
 * <p>A side that is killed there leaves the memory as it is at this moment: what its {@code finally} blocks do to it afterwards
 * is undone. From then on the rings and the journal name a process that has terminated, and a successor comes.
 */
final class World {

    /** The end of a simulated process. */
    static final class Killed extends Error {

        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    /** Which of the frames that are under way something happens to, in a thousand. */
    record Weather(int lost, int doubled, int reordered) {

        static final Weather FINE = new Weather(0, 0, 0);
    }

    /** A frame that is under way. */
    record Frame(int session, long[] bytes, int length) {}

    static final UUID HERE = new UUID(1, 2);
    static final UUID THERE = new UUID(3, 4);

    private static final int CONSUMER = 384;
    private static final int PRODUCER_POSITION = 128;
    private static final int PRODUCER = 768;
    private static final int JOURNAL_PRODUCER = 48;
    private static final int JOURNAL_OTHER_PRODUCER = 56;
    private static final int WHOLE_FRAME = 200;
    private static final long ALIGNMENT = 128;
    private static final int MOST_STEPS = 1_000_000;

    /** From where on the messages of a second source ring are numbered. */
    static final long FIRST_OF_OTHER = 1_000_000;

    final Random random;
    final Weather weather;
    MemorySegment sourceMemory;
    final MemorySegment destinationMemory;
    final MemorySegment journalMemory;

    /** All three of them, as long as the source ring is the first one. */
    final MemorySegment memory;

    final List<Frame> toReceiver = new ArrayList<>();
    final List<Frame> toSender = new ArrayList<>();

    RingIdentity sourceIdentity = new RingIdentity(HERE, 5, 6, 0);
    RingIdentity destinationIdentity = new RingIdentity(THERE, 7, 8, 0);
    boolean takesNewSources;

    /** What a sender is told that the longest message has. */
    int longest = Integer.MAX_VALUE;

    long now = 1;

    RelaySender sender;
    RelayReceiver receiver;

    /** What polls a side that is a process of its own, and throws something when it is killed. */
    Runnable observedSender;

    Runnable observedReceiver;
    RingProducer producer;
    final RingConsumer consumer;

    /** The numbers of the messages that were written to the source ring, and those that came out of the destination ring. */
    long written;
    long read;

    /** After how many steps the side that makes the next one is killed; negative for never. */
    long killAt = -1;
    long steps;
    int kills;

    private final Claim claim = new Claim();
    private RingKind kind;
    private int sessions;
    private int senderSession;
    private int receiverSession;
    private boolean dead;
    private MemorySegment[] atDeath;
    private long producedBefore;
    private Source other;

    /** The number of the next message of each source ring that is not the present one. */
    private final Map<Long, Long> others = new HashMap<>();

    World(long seed, RingKind kind, long sourceCapacity, long destinationCapacity, Weather weather) {
        this.random = new Random(seed);
        this.weather = weather;
        this.kind = kind;
        long source = align(kind.sizeFor(sourceCapacity));
        long destination = align(RingKind.SPSC.sizeFor(destinationCapacity));
        memory = Arena.ofAuto().allocate(source + destination + Journal.BYTES, ALIGNMENT);
        sourceMemory = memory.asSlice(0, kind.sizeFor(sourceCapacity));
        destinationMemory = memory.asSlice(source, RingKind.SPSC.sizeFor(destinationCapacity));
        journalMemory = memory.asSlice(source + destination, Journal.BYTES);
        producer = RingBuffer.create(sourceMemory, kind, sourceCapacity).producer();
        consumer = RingBuffer.create(destinationMemory, RingKind.SPSC, destinationCapacity).consumer();
    }

    private static long align(long size) {
        return size + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /** Removes the source ring, and makes another one under the same key. What was left of the old one is lost. */
    void makeSourceAnew(RingKind kind, long capacity, RingIdentity identity) {
        sourceMemory = Arena.ofAuto().allocate(kind.sizeFor(capacity), 128);
        producer = RingBuffer.create(sourceMemory, kind, capacity).producer();
        this.kind = kind;
        sourceIdentity = identity;
        read = written;
    }

    /** A source ring that was left, as it is, with its own numbers of messages. */
    private record Source(MemorySegment memory, RingKind kind, RingProducer producer, RingIdentity identity,
            long written) {}

    /**
     * Ends the sender, leaves the source ring as it is, and goes on with another one: the same one again that was there before
     * this one, if there was one. The messages of each have numbers of their own.
     */
    void changeSource() {
        closeSender();
        Source now = new Source(sourceMemory, kind, producer, sourceIdentity, written);
        others.put(source(written), read);
        if (other == null) {
            makeSourceAnew(kind, 512, new RingIdentity(HERE, 5, 7, 0));
            written = FIRST_OF_OTHER;
            read = FIRST_OF_OTHER;
        } else {
            sourceMemory = other.memory;
            kind = other.kind;
            producer = other.producer;
            sourceIdentity = other.identity;
            written = other.written;
            read = others.get(source(written));
        }
        other = now;
    }

    private static long source(long number) {
        return number / FIRST_OF_OTHER;
    }

    // ---- The sides.

    void startSender() {
        RingBuffer ring = RingBuffer.open(sourceMemory);
        int session = sessions + 1;
        sender = new RelaySender(
                ring, longest, sourceIdentity, List.of(), ring.consumer(), outlet(toReceiver, session), inlet(toSender),
                () -> now);
        sessions = session;
        senderSession = session;
    }

    /** A receiver whose destination ring has another producer cannot start. */
    void startReceiver() {
        SpscRingBuffer ring = SpscRingBuffer.open(destinationMemory);
        receiverSession = ++sessions;
        int session = receiverSession;
        Journal journal = new Journal("the journal", journalMemory) {
            @Override
            void put(long offset, long value) {
                step();
                super.put(offset, value);
            }

            @Override
            boolean swap(long offset, long expected, long value) {
                step();
                return super.swap(offset, expected, value);
            }
        };
        Destination destination = new Destination(ring, destinationIdentity, journal, List.of(), Arena.ofShared());
        receiver = new RelayReceiver(destination, takesNewSources, null, inlet(toReceiver), outlet(toSender, session),
                () -> now);
    }

    /** {@return the session of a sender that is a process of its own} */
    int beginSenderSession() {
        senderSession = ++sessions;
        return senderSession;
    }

    int beginReceiverSession() {
        receiverSession = ++sessions;
        return receiverSession;
    }

    void pollSender() {
        if (observedSender != null) {
            observedSender.run();
            return;
        }
        sides(this::startedSender, true);
    }

    private void startedSender() {
        if (sender == null) {
            startSender();
        }
        sender.poll();
    }

    void pollReceiver() {
        if (observedReceiver != null) {
            observedReceiver.run();
            return;
        }
        sides(this::startedReceiver, false);
    }

    private void startedReceiver() {
        if (receiver == null) {
            startReceiver();
        }
        receiver.poll();
    }

    /** Ends a side as a program ends that is told to. */
    void closeSender() {
        if (sender != null) {
            sender.close();
            sender = null;
        }
    }

    void closeReceiver() {
        sides(() -> {
            if (receiver != null) {
                receiver.close();
                receiver = null;
            }
        }, false);
    }

    private void sides(Runnable action, boolean sending) {
        producedBefore = get(destinationMemory, PRODUCER_POSITION);
        try {
            action.run();
        } catch (Killed asIntended) {
            bury(sending);
        }
    }

    /** Makes of the memory what a process leaves behind that is killed at the last step. */
    private void bury(boolean sending) {
        dead = false;
        kills++;
        killAt = -1;
        sourceMemory.copyFrom(atDeath[0]);
        destinationMemory.copyFrom(atDeath[1]);
        journalMemory.copyFrom(atDeath[2]);
        long self = RingSignatures.of(RingBuffer.open(sourceMemory)).self();
        // The same pid with another start time.
        long terminated = self - kills;
        if (sending) {
            sender = null;
            replace(sourceMemory, CONSUMER, self, terminated);
        } else {
            receiver = null;
            replace(destinationMemory, PRODUCER, self, terminated);
            replace(journalMemory, JOURNAL_PRODUCER, self, terminated);
            replace(journalMemory, JOURNAL_OTHER_PRODUCER, self, terminated);
            if (random.nextBoolean()) {
                // As if killed just before it had stored how far it is, with its records in the ring.
                destinationMemory.set(ValueLayout.JAVA_LONG, PRODUCER_POSITION, producedBefore);
            }
        }
        // The driver of a killed process may be another one, which sends what it has.
        if (random.nextBoolean()) {
            (sending ? toReceiver : toSender).clear();
        }
        if (random.nextBoolean()) {
            (sending ? toSender : toReceiver).clear();
        }
    }

    private static void replace(MemorySegment memory, long offset, long from, long to) {
        if (get(memory, offset) == from) {
            memory.set(ValueLayout.JAVA_LONG, offset, to);
        }
    }

    private static long get(MemorySegment memory, long offset) {
        return memory.get(ValueLayout.JAVA_LONG, offset);
    }

    private void step() {
        if (dead) {
            return;
        }
        if (steps++ == killAt) {
            atDeath = new MemorySegment[] {copy(sourceMemory), copy(destinationMemory), copy(journalMemory)};
            dead = true;
            throw new Killed();
        }
    }

    private static MemorySegment copy(MemorySegment memory) {
        return MemorySegment.ofArray(memory.toArray(ValueLayout.JAVA_BYTE));
    }

    // ---- The network.

    Outlet outlet(List<Frame> wire, int session) {
        return new Outlet() {
            @Override
            public boolean offer(MemorySegment frame, long length) {
                step();
                if (dead || wire.size() > 40) {
                    return false;
                }
                long[] bytes = new long[Math.toIntExact(length + 7) / 8];
                MemorySegment.copy(frame, 0, MemorySegment.ofArray(bytes), 0, length);
                wire.add(new Frame(session, bytes, (int) length));
                step();
                return true;
            }

            @Override
            public int longestFrame() {
                return 1 << 20;
            }

            @Override
            public int longestWholeFrame() {
                return WHOLE_FRAME;
            }

            @Override
            public void close() {}
        };
    }

    Inlet inlet(List<Frame> wire) {
        return new Inlet() {
            @Override
            public int poll(FrameHandler handler, int limit) {
                int frames = 0;
                int most = weather.equals(Weather.FINE) ? limit : random.nextInt(4);
                while (!dead && frames < most && !wire.isEmpty()) {
                    step();
                    int which = hits(weather.reordered) ? random.nextInt(wire.size()) : 0;
                    Frame frame = wire.get(which);
                    if (!hits(weather.lost) && !handler.onFrame(
                            frame.session, MemorySegment.ofArray(frame.bytes.clone()), frame.length)) {
                        break;
                    }
                    if (!hits(weather.doubled)) {
                        wire.remove(which);
                    }
                    frames++;
                    step();
                }
                return frames;
            }

            @Override
            public boolean isConnected(int session) {
                return session == senderSession && (sender != null || observedSender != null)
                        || session == receiverSession && (receiver != null || observedReceiver != null);
            }

            @Override
            public void close() {}
        };
    }

    private boolean hits(int perMille) {
        return perMille > 0 && random.nextInt(1000) < perMille;
    }

    /** Sends a frame that no side of this relay has made. */
    void inject(List<Frame> wire, int session, MemorySegment frame) {
        long[] bytes = new long[(int) (frame.byteSize() + 7) / 8];
        MemorySegment.copy(frame, 0, MemorySegment.ofArray(bytes), 0, frame.byteSize());
        wire.add(new Frame(session, bytes, (int) frame.byteSize()));
    }

    // ---- Those who use the rings.

    /** Writes numbered messages until there is no room. In a ring for many, there are claims between them that are aborted. */
    void write(int most, long last) {
        for (int i = 0; i < most && written < last; i++) {
            if (kind == RingKind.MPSC && random.nextInt(3) == 0) {
                abortClaim(random.nextInt(40));
            }
            if (!producer.write(type(written), message(written))) {
                return;
            }
            written++;
        }
    }

    /** Claims room and gives it back; {@return whether there was room} */
    boolean abortClaim(int length) {
        boolean claimed = producer.tryClaim(1, length, claim);
        claim.close();
        return claimed;
    }

    private static int type(long number) {
        return (int) (number % 5) + 1;
    }

    /** {@return a message of which the number says all} */
    MemorySegment message(long number) {
        int longest = (int) Math.min(48, sourceMemory.byteSize() / 16);
        Random content = new Random(number * 31 + 7);
        byte[] bytes = new byte[8 + content.nextInt(longest)];
        content.nextBytes(bytes);
        MemorySegment message = MemorySegment.ofArray(bytes);
        message.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number);
        return message;
    }

    /** Reads messages, each of which has to be the next one. */
    void read(int most) {
        consumer.read((type, memory, offset, length) -> {
            assertTrue(length >= 8, "length " + length);
            long number = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
            boolean ofOther = others.containsKey(source(number)) && source(number) != source(written);
            long next = ofOther ? others.get(source(number)) : read;
            assertEquals(next, number, "number");
            assertEquals(type(next), type, "type of " + next);
            assertEquals(-1, memory.asSlice(offset, length).mismatch(message(next)), "bytes of " + next);
            if (ofOther) {
                others.put(source(number), next + 1);
            } else {
                read++;
            }
        }, most);
    }

    /** Lets everybody do something in a random order, until all messages have come. */
    void runUntil(long last) {
        for (int step = 0; read < last; step++) {
            if (step == MOST_STEPS) {
                throw new AssertionError(
                        "stuck: " + written + " written, " + read + " read, steps " + steps + ", kills " + kills
                                + ", under way " + toReceiver.size() + " and " + toSender.size());
            }
            act(last);
        }
    }

    private void act(long last) {
        now += random.nextInt(20_000_000);
        switch (random.nextInt(8)) {
            case 0, 1 -> write(1 + random.nextInt(6), last);
            case 2, 3 -> pollSender();
            case 4, 5 -> pollReceiver();
            default -> read(1 + random.nextInt(6));
        }
    }
}
