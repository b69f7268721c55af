package io.github.shm4j.ring;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ProcessIdentity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the tests of both kinds of rings need. */
enum Rings {
    SPSC {
        @Override
        long sizeFor(long capacity) {
            return SpscRingBuffer.sizeFor(capacity);
        }

        @Override
        RingUser create(MemorySegment memory, long capacity) {
            return RingUser.of(SpscRingBuffer.create(memory, capacity));
        }

        @Override
        RingUser open(MemorySegment memory) {
            return RingUser.of(SpscRingBuffer.open(memory));
        }
    },
    MPSC {
        @Override
        long sizeFor(long capacity) {
            return MpscRingBuffer.sizeFor(capacity);
        }

        @Override
        RingUser create(MemorySegment memory, long capacity) {
            return RingUser.of(MpscRingBuffer.create(memory, capacity));
        }

        @Override
        RingUser open(MemorySegment memory) {
            return RingUser.of(MpscRingBuffer.open(memory));
        }
    };

    static final int TYPE = 7;

    abstract long sizeFor(long capacity);

    abstract RingUser create(MemorySegment memory, long capacity);

    abstract RingUser open(MemorySegment memory);

    /** Memory for a ring, zeros, of exactly the right size. */
    MemorySegment memory(long capacity) {
        return Arena.ofAuto().allocate(sizeFor(capacity), 128);
    }

    RingUser create(long capacity) {
        return create(memory(capacity), capacity);
    }

    /** The offset of the first record. */
    long data() {
        return sizeFor(64) - 64;
    }

    static MemorySegment message(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A message of a length that differs from messages of other lengths in each byte. */
    static MemorySegment message(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (length + i + 1);
        }
        return MemorySegment.ofArray(bytes);
    }

    static String text(MemorySegment memory, long offset, int length) {
        return new String(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    /** Reads up to a number of messages as text. */
    static List<String> read(RingUser ring, int limit) {
        List<String> texts = new ArrayList<>();
        ring.read((type, memory, offset, length) -> texts.add(text(memory, offset, length)), limit);
        return texts;
    }

    /** Calls read until the ring has delivered so many messages, or for ever: a {@code Patient} test is interrupted. */
    static List<String> readAll(RingUser ring, int count) {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            texts.addAll(read(ring, count - texts.size()));
        }
        return texts;
    }

    static long getLong(MemorySegment memory, long offset) {
        return memory.get(ValueLayout.JAVA_LONG, offset);
    }

    static void setLong(MemorySegment memory, long offset, long value) {
        memory.set(ValueLayout.JAVA_LONG, offset, value);
    }

    static byte[] bytes(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    /** A process that had the number of this one and has terminated. */
    static long terminatedOwner() {
        return Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime() - 1);
    }

    /** This process, as if it had opened the ring elsewhere. */
    static long livingOwner() {
        return Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime());
    }
}
