package io.github.shm4j.jcstress;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.broadcast.BroadcastHandler;
import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastReader;
import io.github.shm4j.broadcast.BroadcastRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Broadcast rings for the states of the tests, as small as there can be, all in one block that is mapped twice.
 *
 * <p>A ring's memory is used again after so many others that the state which had it before is long gone.
 */
final class Broadcasts implements BroadcastHandler {

    /** What stands for a message that is not the one that had to come, or not whole. */
    static final int WRONG = -1;

    private static final int CAPACITY = 256;

    /** Eight records of this length fill the ring. */
    private static final int LENGTH = 24;

    private static final long RING_SIZE = BroadcastRing.sizeFor(CAPACITY);
    private static final int RINGS = 1 << 15;

    private static final MemorySegment ONE;
    private static final MemorySegment OTHER;
    private static final AtomicLong NEXT = new AtomicLong();

    static {
        try {
            SharedMemory block = SharedMemory.createPrivate(RING_SIZE * RINGS);
            ONE = block.attach(AttachMode.READ_WRITE, Arena.global());
            OTHER = block.attach(AttachMode.READ_WRITE, Arena.global(), AttachOption.REMOVE_ON_LAST_DETACH);
        } catch (ShmException failed) {
            throw new ExceptionInInitializerError(failed);
        }
    }

    private final BroadcastRing ring;
    private final BroadcastRing readable;
    private final BroadcastProducer producer;
    private final byte[] source = new byte[LENGTH];
    private final MemorySegment message = MemorySegment.ofArray(source);
    private BroadcastReader reader;

    /** The number of the message that was read last, or lost. */
    private int passed;

    private boolean wrong;

    Broadcasts(int written) {
        long number = NEXT.getAndIncrement();
        long begin = number % RINGS * RING_SIZE;
        MemorySegment memory = ONE.asSlice(begin, RING_SIZE);
        memory.fill((byte) 0);
        ring = BroadcastRing.create(memory, CAPACITY);
        producer = ring.producer();
        readable = BroadcastRing.open((number % 2 == 0 ? ONE : OTHER).asSlice(begin, RING_SIZE).asReadOnly());
        write(written);
    }

    /** Writes messages, each byte of which is the message's number. */
    void write(int count) {
        for (int i = 0; i < count; i++) {
            byte number = (byte) (ring.messages() + 1);
            Arrays.fill(source, number);
            if (producer.write(number, message) != number) {
                throw new AssertionError("somebody else writes, too");
            }
        }
    }

    /** Begins to read. */
    void begin(boolean fromOldest) {
        reader = fromOldest ? readable.readerFromOldest() : readable.readerFromNow();
        passed = WRONG;
    }

    @Override
    public void onMessage(int type, MemorySegment memory, long offset, int length) {
        // The first one of all may be any.
        wrong |= passed != WRONG && type != passed + 1 || length != LENGTH;
        for (int i = 0; i < length; i++) {
            wrong |= memory.get(ValueLayout.JAVA_BYTE, offset + i) != type;
        }
        passed = type;
    }

    @Override
    public void onLoss(long messages, long bytes) {
        wrong |= bytes != LENGTH * messages;
        if (passed != WRONG) {
            passed += (int) messages;
        }
    }

    /** Reads messages, and returns the number of the last one, or what stands for a wrong one. */
    int read(int limit) {
        reader.read(this, limit);
        return wrong ? WRONG : Math.max(0, passed);
    }
}
