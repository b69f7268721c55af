package io.github.shm4j.broadcast;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.WaitStrategy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/** What the processes do that the tests of broadcast rings start: each is told the id of a block. */
final class BroadcastPeer {

    private static final long FACTOR = 0x9e3779b97f4a7c15L;

    /** The message behind which a reader ends, of no bytes. */
    static final int LAST = 2;

    private static final int NUMBERED = 1;

    private BroadcastPeer() {}

    public static void main(String[] arguments) throws Exception {
        SharedMemory block = SharedMemory.ofId(Integer.parseInt(arguments[1]));
        switch (arguments[0]) {
            case "write" -> {
                System.out.println("ready");
                System.in.read();
                BroadcastRing ring = BroadcastRing.open(block, AttachMode.READ_WRITE, Arena.global());
                MemorySegment message = Arena.global().allocate(ring.maxMessageLength(), 8);
                try (BroadcastProducer producer = ring.producer()) {
                    while (true) {
                        write(ring, producer, message);
                    }
                }
            }
            case "read" -> {
                BroadcastRing ring = BroadcastRing.open(block, AttachMode.READ_ONLY, Arena.global());
                Reader reader = new Reader(ring, ring.readerFromOldest(), Integer.parseInt(arguments[2]));
                System.out.println("ready");
                while (!reader.hasEnded) {
                    reader.read();
                }
                System.out.println(reader);
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** The length of a message in bytes, up to that of a long one now and then. */
    private static int length(long number, int longest) {
        int any = (int) (number * FACTOR >>> 48);
        return any % 64 == 0 ? longest & -8 : any % Math.min(24, longest / 8 + 1) * 8;
    }

    private static long bytes(long before, long count, int longest) {
        long bytes = 0;
        for (long number = before + 1; number <= before + count; number++) {
            bytes += length(number, longest);
        }
        return bytes;
    }

    /** Writes the next message. All of its bytes follow from its number. */
    static void write(BroadcastRing ring, BroadcastProducer producer, MemorySegment message) {
        long number = ring.messages() + 1;
        int length = length(number, ring.maxMessageLength());
        for (long i = 0; i < length / 8; i++) {
            message.setAtIndex(ValueLayout.JAVA_LONG, i, number * FACTOR + i);
        }
        if (producer.write(NUMBERED, message, 0, length) != number) {
            throw new AssertionError("somebody else writes, too");
        }
    }

    /** Reads at its own pace, and throws at the first message that is torn, or neither the next one nor behind a loss. */
    static final class Reader implements BroadcastHandler {

        private final int longest;
        private final BroadcastReader reader;
        private final int pauseMillis;
        volatile boolean hasEnded;

        /** How many messages are known of, read or lost. */
        volatile long passed;

        volatile long got;

        /**
         * Makes a reader.
         *
         * @param pauseMillis how long it pauses between reading and reading again
         */
        Reader(BroadcastRing ring, BroadcastReader reader, int pauseMillis) {
            this.longest = ring.maxMessageLength();
            this.reader = reader;
            this.pauseMillis = pauseMillis;
            this.passed = reader.passed();
        }

        void read() throws InterruptedException {
            if (pauseMillis > 0) {
                Thread.sleep(pauseMillis);
            }
            if (reader.awaitMessage(pauseMillis % 2 == 0 ? WaitStrategy.BLOCKING : WaitStrategy.PARK, Duration.ofMillis(
                    20))) {
                reader.read(this, 1000);
            }
        }

        @Override
        public void onMessage(int type, MemorySegment memory, long offset, int length) {
            long number = passed + 1;
            if (type == LAST) {
                hasEnded = true;
            } else if (type != NUMBERED || length != length(number, longest)) {
                throw new AssertionError("message " + number + " has type " + type + " and length " + length);
            }
            for (long i = 0; i < length / 8; i++) {
                if (memory.get(ValueLayout.JAVA_LONG, offset + 8 * i) != number * FACTOR + i) {
                    throw new AssertionError("message " + number + " is torn at byte " + 8 * i);
                }
            }
            passed = number;
            got++;
        }

        @Override
        public void onLoss(long messages, long bytes) {
            long expected = BroadcastPeer.bytes(passed, messages, longest);
            if (bytes != expected) {
                throw new AssertionError("behind message " + passed + " were lost " + messages + " of " + bytes
                        + " bytes, not of " + expected);
            }
            passed += messages;
        }

        @Override
        public String toString() {
            return "passed " + passed + " got " + got + " lost " + reader.lostMessages();
        }
    }
}
