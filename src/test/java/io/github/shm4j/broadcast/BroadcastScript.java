package io.github.shm4j.broadcast;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.ring.SimulatedProcess;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Does to a broadcast ring what short commands say: {@code create 256}, {@code open}, {@code producer}, {@code take-over},
 * {@code write}, which writes the next message, {@code write 3}, {@code close}, {@code now} and {@code oldest}, which make a reader,
 * {@code read 9}, {@code await}; and, after something was thrown, {@code write-next} and {@code leave}.
 *
 * <p>A message is known by its number alone: length, type and each byte follow from it. So a reader can tell whether it has got
 * the right one, whole, and whether it was told exactly what it has lost.
 */
public final class BroadcastScript implements Consumer<String> {

    /** What is noted where somebody else has taken the role over. */
    static final String LOST = "lost";

    private final MemorySegment memory;
    private final List<String> notes;
    private BroadcastRing ring;
    private BroadcastProducer producer;
    private BroadcastReader reader;
    private Account account;

    public BroadcastScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
        this.notes = notes;
    }

    @Override
    public void accept(String commands) {
        for (String command : commands.split("; ")) {
            try {
                execute(command.split(" "));
            } catch (BroadcastRoleLostException lost) {
                notes.add(LOST);
            }
        }
    }

    private void execute(String[] command) {
        int count = command.length > 1 ? Integer.parseInt(command[1]) : 1;
        switch (command[0]) {
            case "create" -> ring = BroadcastRing.create(memory, count);
            case "open" -> ring = BroadcastRing.open(memory, Duration.ZERO);
            case "producer" -> producer = ring.producer();
            case "take-over" -> producer = producer == null ? ring.takeOverProducer() : producer;
            case "write" -> write(ring, producer, count);
            case "close" -> producer.close();
            case "now" -> begin(ring.readerFromNow());
            case "oldest" -> begin(ring.readerFromOldest());
            case "read" -> {
                reader.read(account, count);
                account.compareWith(reader);
                notes.add(Long.toString(account.passed));
            }
            case "await" -> notes.add(Boolean.toString(await()));
            case "write-next" -> {
                takeIfNone();
                write(ring, producer, 1);
            }
            case "leave" -> {
                takeIfNone();
                producer.close();
            }
            default -> throw new IllegalArgumentException(command[0]);
        }
    }

    private void begin(BroadcastReader begun) {
        reader = begun;
        account = new Account(ring.maxMessageLength(), begun);
        account.observed = true;
    }

    private boolean await() {
        try {
            return reader.awaitMessage(WaitStrategy.PARK, Duration.ZERO);
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }

    private void takeIfNone() {
        if (producer == null) {
            producer = ring.producer();
        }
    }

    /** Writes the next messages. */
    static void write(BroadcastRing ring, BroadcastProducer producer, long count) {
        for (long i = 0; i < count; i++) {
            long number = ring.messages() + 1;
            long written = producer.write(type(number), message(number, ring.maxMessageLength()));
            if (written != number) {
                throw new AssertionError("message " + number + " was number " + written);
            }
        }
    }

    private static int type(long number) {
        return 1 + (int) (number % Integer.MAX_VALUE);
    }

    /** The length of a message: any, and sometimes the shortest or the longest one. */
    static int length(long number, int longest) {
        int any = (int) ((number * 0x9e3779b97f4a7c15L) >>> 40);
        return any % 7 == 0 ? 0 : any % 7 == 1 ? longest : any % (longest + 1);
    }

    /** A message. It differs from the others in each byte, as far as a byte can tell. */
    static MemorySegment message(long number, int longest) {
        byte[] bytes = new byte[length(number, longest)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = content(number, i);
        }
        return MemorySegment.ofArray(bytes);
    }

    private static byte content(long number, int index) {
        return (byte) (number + 7 * index + 1);
    }

    /** How many bytes messages have. */
    static long bytes(long before, long count, int longest) {
        long bytes = 0;
        for (long number = before + 1; number <= before + count; number++) {
            bytes += length(number, longest);
        }
        return bytes;
    }

    /** What a reader has got and lost. It throws at the first message that is not the next one, or not whole. */
    static final class Account implements BroadcastHandler {

        private final int longest;

        /** Whether the stack can end where a message is received. */
        private boolean observed;

        /** How many messages were written before the next one. */
        long passed;

        long got;
        long lost;
        long lostBytes;

        Account(int longest, BroadcastReader reader) {
            this.longest = longest;
            this.passed = reader.passed();
        }

        @Override
        public void onMessage(int type, MemorySegment memory, long offset, int length) {
            if (observed) {
                SimulatedProcess.step();
            }
            long number = passed + 1;
            if (type != type(number) || length != length(number, longest)) {
                throw new AssertionError("message " + number + " has type " + type + " and length " + length);
            }
            for (int i = 0; i < length; i++) {
                if (memory.get(ValueLayout.JAVA_BYTE, offset + i) != content(number, i)) {
                    throw new AssertionError("message " + number + " is torn at byte " + i);
                }
            }
            passed++;
            got++;
        }

        @Override
        public void onLoss(long messages, long bytes) {
            long expected = BroadcastScript.bytes(passed, messages, longest);
            if (messages < 1 || bytes != expected) {
                throw new AssertionError("behind message " + passed + " were lost " + messages + " of " + bytes
                        + " bytes, not of " + expected);
            }
            passed += messages;
            lost += messages;
            lostBytes += bytes;
        }

        void compareWith(BroadcastReader reader) {
            if (lost != reader.lostMessages() || lostBytes != reader.lostBytes() || passed != reader.passed()) {
                throw new AssertionError("told of " + lost + " lost messages of " + lostBytes + " bytes; counted "
                        + reader.lostMessages() + " of " + reader.lostBytes());
            }
        }
    }
}
