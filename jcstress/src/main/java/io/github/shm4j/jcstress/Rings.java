package io.github.shm4j.jcstress;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Rings for the states of the tests, all in one block that is mapped twice: jcstress makes far too many states for a block
 * each.
 *
 * <p>A ring's memory is used again after so many others that the state which had it before is long gone.
 *
 * <p>How the threads of a state share its ring changes from one state to the next, as jcstress knows no parameters of states:
 * all through one mapping, as threads of one process do, or through two, as two processes do; those at a ring for many
 * producers also through one object, or as one producer.
 */
final class Rings {

    static final long CAPACITY = 256;

    private static final int SLOTS = 4;
    private static final long RING_SIZE = 1536;
    private static final int RINGS = 1 << 16;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final long PRODUCER_POSITION = 128;
    private static final long RECORDS_OF_SPSC = 896;

    /** The header of a message without content, which no test writes. */
    private static final long STALE = 99L << 32 | 8;

    private static final MemorySegment ONE;
    private static final MemorySegment OTHER;
    private static final AtomicLong NEXT = new AtomicLong();
    private static final MemorySegment HEADER = Arena.global().allocate(SpscRingBuffer.sizeFor(CAPACITY), 8);

    static {
        try {
            SharedMemory block = SharedMemory.createPrivate(RING_SIZE * RINGS);
            ONE = block.attach(AttachMode.READ_WRITE, Arena.global());
            OTHER = block.attach(AttachMode.READ_WRITE, Arena.global(), AttachOption.REMOVE_ON_LAST_DETACH);
        } catch (ShmException failed) {
            throw new ExceptionInInitializerError(failed);
        }
        SpscRingBuffer.create(HEADER, CAPACITY);
    }

    /** A ring and the only producer that its threads have. */
    private RingBuffer sharing;

    private RingProducer shared;
    private final RingKind kind;
    private final long number = NEXT.getAndIncrement();
    private final long begin = number % RINGS * RING_SIZE;

    /** Makes an empty ring, as the documented layout says: with fewer slots than the library makes, to save memory. */
    Rings(RingKind kind) {
        this.kind = kind;
        boolean many = kind == RingKind.MPSC;
        MemorySegment memory = ONE.asSlice(begin, RING_SIZE);
        memory.fill((byte) 0);
        MemorySegment.copy(HEADER, 0, memory, 0, 128);
        memory.set(ValueLayout.JAVA_INT, 12, many ? 2 : 1);
        memory.set(ValueLayout.JAVA_INT, 24, many ? SLOTS : 1);
        if (!many) {
            // As it may be after some laps: only where the records end is a 0, and elsewhere what looks like a message.
            for (long record = RECORDS_OF_SPSC + 8; record < RECORDS_OF_SPSC + CAPACITY; record += 8) {
                memory.set(ValueLayout.JAVA_LONG, record, STALE);
            }
        }
    }

    /** Leaves the ring as a producer does that is killed after its first header and before its first position. */
    void forgetPosition() {
        LONG.setRelease(ONE, begin + PRODUCER_POSITION, 0L);
    }

    /** Looks at the records of a ring for one producer that has not gone around, as a producer's successor does. */
    int countMessages() {
        MemorySegment memory = (number % 2 == 0 ? ONE : OTHER).asSlice(begin, RING_SIZE);
        int messages = 0;
        for (long record = RECORDS_OF_SPSC; record < RECORDS_OF_SPSC + CAPACITY; record += 32) {
            long header = (long) LONG.getAcquire(memory, record);
            if (header == 0) {
                break;
            }
            messages++;
            if (header != ((long) messages << 32 | 32)
                    || memory.get(ValueLayout.JAVA_LONG, record + 8) != messages
                    || memory.get(ValueLayout.JAVA_LONG, record + 16) != messages
                    || memory.get(ValueLayout.JAVA_LONG, record + 24) != messages) {
                return -1;
            }
        }
        return messages;
    }

    RingBuffer ring() {
        return RingBuffer.open(ONE.asSlice(begin, RING_SIZE));
    }

    /** The ring, for what only the producer of one for one producer can do. */
    SpscRingBuffer spsc() {
        return SpscRingBuffer.open(ONE.asSlice(begin, RING_SIZE));
    }

    /**
     * The same ring for another thread. One for one producer comes in turns through the same mapping and the other one. One for
     * many comes in turns as the same object, as another one, and as another one through the other mapping.
     */
    RingBuffer another(RingBuffer first) {
        if (kind == RingKind.SPSC) {
            return number % 2 == 0 ? ring() : ringInOtherMapping();
        }
        return switch ((int) (number % 3)) {
            case 0 -> share(first);
            case 1 -> ring();
            default -> ringInOtherMapping();
        };
    }

    private RingBuffer ringInOtherMapping() {
        return RingBuffer.open(OTHER.asSlice(begin, RING_SIZE));
    }

    private RingBuffer share(RingBuffer first) {
        if (number % 2 == 0 && sharing == null) {
            sharing = first;
            shared = first.producer();
        }
        return first;
    }

    /** What a thread writes with, which it becomes now, unless all have the same one. */
    RingProducer producer(RingBuffer ring) {
        return ring == sharing ? shared : ring.producer();
    }

    /** A consumer that becomes one when it first reads, so that others write meanwhile. */
    static final class Reader {

        private final RingBuffer ring;
        private RingConsumer consumer;

        Reader(RingBuffer ring) {
            this.ring = ring;
        }

        private RingConsumer consumer() {
            if (consumer == null) {
                consumer = ring.consumer();
            }
            return consumer;
        }

        /**
         * Reads one message.
         *
         * @return 0 if there is none, its value if it is whole, -1 if it is torn
         */
        int read() {
            int[] result = new int[1];
            consumer().read((type, memory, offset, length) -> {
                result[0] = isMessage(type, memory, offset, length) ? type : -1;
            }, 1);
            return result[0];
        }

        /**
         * Reads as many messages as there are in one call.
         *
         * @return how many, if they are whole and numbered from first on; -1 if not
         */
        int readFrom(int first) {
            int[] result = new int[1];
            consumer().read((type, memory, offset, length) -> {
                int expected = first + result[0];
                boolean whole = length == 24
                        && type == expected
                        && memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset) == expected
                        && memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 8) == expected
                        && memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 16) == expected;
                result[0] = whole && result[0] >= 0 ? result[0] + 1 : -1;
            }, 99);
            return result[0];
        }
    }

    /** Whether a message is whole, whichever it is. */
    static boolean isMessage(int type, MemorySegment memory, long offset, int length) {
        return length == 24
                && type == memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset)
                && type == memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 8)
                && type == memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 16);
    }

    /** A message of three words which all are the same, in the ring's type. */
    static MemorySegment message(long value) {
        return MemorySegment.ofArray(new long[] {value, value, value});
    }

    static void write(RingProducer producer, int value) {
        if (!producer.write(value, message(value))) {
            throw new AssertionError("no room");
        }
    }
}
