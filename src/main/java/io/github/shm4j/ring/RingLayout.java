package io.github.shm4j.ring;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.Pages;
import io.github.shm4j.structure.RoleSignature;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Where things are in the memory of a ring, and how the header comes to be there.
 *
 * <p>The picture stands in {@link RingBuffer}. All fields are naturally aligned {@code int}s and {@code long}s in the
 * byte order of the machine.
 */
final class RingLayout {

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    /** "shm4jrng", read as a number from left to right; in memory the bytes are in the machine's order. */
    static final long MAGIC = 0x73686d346a726e67L;

    static final int VERSION = 1;

    static final int SPSC = 1;
    static final int MPSC = 2;

    // The header's first part, written once.
    static final long MAGIC_OFFSET = 0;
    static final long VERSION_OFFSET = 8;
    static final long KIND_OFFSET = 12;
    static final long CAPACITY_OFFSET = 16;
    static final long SLOTS_OFFSET = 24;
    static final long PID_NAMESPACE_OFFSET = 32;
    static final long TIME_NAMESPACE_OFFSET = 40;
    static final long CREATOR_OFFSET = 48;

    // Written by producers.
    static final long PRODUCER_POSITION_OFFSET = 128;

    // Written by the consumer, read by producers.
    static final long FREE_POSITION_OFFSET = 256;
    static final long CLEARED_FROM_OFFSET = 264;

    // Written by the consumer, read by its successor and by whoever asks for statistics.
    static final long CONSUMER_OFFSET = 384;
    static final long CONSUMER_POSITION_OFFSET = 392;
    static final long MESSAGES_READ_OFFSET = 400;
    static final long BYTES_READ_OFFSET = 408;
    static final long RECORDS_SKIPPED_OFFSET = 416;
    static final long BYTES_SKIPPED_OFFSET = 424;
    static final long LONGEST_BACKLOG_OFFSET = 432;

    // Written by whoever goes to sleep and whoever wakes it.
    static final long CONSUMER_SLEEP_OFFSET = 512;
    static final long PRODUCER_SLEEP_OFFSET = 640;

    /** What different processes write lies in different lines of this length. */
    static final long LINE_LENGTH = 128;

    /** The last word of each line of header and slots is not used. */
    static final long UNUSED_WORD = 120;

    /** How much of the records a creator looks at, so that it does not take memory for all of a large sparse block. */
    static final long MOST_LOOKED_AT = 1 << 20;

    /** Where the slots of producers begin, each SLOT_LENGTH bytes long. */
    static final long SLOTS_BEGIN = 768;

    static final long SLOT_LENGTH = 128;
    static final long SLOT_OWNER = 0;
    static final long SLOT_CLAIM = 8;
    static final long SLOT_FAILED = 16;

    static final int SPSC_SLOTS = 1;
    static final int MPSC_SLOTS = 128;
    static final int MOST_SLOTS = 4096;

    /** Each record begins with one long: its length, header included, in the lower half and its type in the upper. */
    static final int RECORD_HEADER = 8;

    static final int ALIGNMENT = 8;
    static final int PADDING_TYPE = -1;

    static final long LEAST_CAPACITY = 64;
    static final long GREATEST_CAPACITY = 1L << 60;

    /** Beyond every position that a ring can reach in the lifetime of its machine. */
    static final long GREATEST_POSITION = 1L << 62;

    private static final long OPENING_PAUSE_NANOS = 100_000;

    private RingLayout() {}

    /** {@return where the records begin} */
    static long dataOffset(int slots) {
        return SLOTS_BEGIN + slots * SLOT_LENGTH;
    }

    static String kindName(int kind) {
        return switch (kind) {
            case SPSC -> "SPSC (" + SPSC + ")";
            case MPSC -> "MPSC (" + MPSC + ")";
            default -> Integer.toString(kind);
        };
    }

    /** The largest payload: an eighth of the ring, so that no message has to wait for the ring to be nearly empty. */
    static int maxMessageLength(long capacity) {
        return (int) Math.min(capacity / 8, 1 << 30);
    }

    /** {@return the length of a record in the ring, its header included} */
    static long recordLength(long lengthWithHeader) {
        return lengthWithHeader + (ALIGNMENT - 1) & -ALIGNMENT;
    }

    static long committed(int type, int lengthWithHeader) {
        return (long) type << 32 | lengthWithHeader;
    }

    /** The header of a record that is not complete. The lap tells it from a later claim of the same bytes. */
    static long claimed(long lap, int lengthWithHeader) {
        return lap << 32 | -lengthWithHeader & 0xffff_ffffL;
    }

    /** What a complete header says of a ring, checked against the memory it is in. */
    record Header(RingKind kind, long capacity, int slots, long pidNamespace, long timeNamespace) {}

    /** {@return whether there is a complete header, or somebody has begun to make one} */
    static boolean isRing(MemorySegment memory) {
        if (memory.byteSize() < SLOTS_BEGIN) {
            return false;
        }
        try {
            long magic = (long) LONG.get(memory, MAGIC_OFFSET);
            return magic == MAGIC || magic == 0 && (long) LONG.get(memory, CREATOR_OFFSET) != 0;
        } catch (IllegalArgumentException notAligned) {
            return false;
        }
    }

    /** Makes an empty ring. */
    static void create(MemorySegment memory, RingKind kind, long capacity) {
        long size = kind.sizeFor(capacity);
        requireAligned(memory);
        int slots = kind.slots;
        if (memory.byteSize() < size) {
            throw new IllegalArgumentException("the memory has " + memory.byteSize() + " bytes; a ring of " + capacity
                    + " needs " + size + ", as sizeFor(" + capacity + ") says");
        }
        // A compare-and-set on a page without memory ends the JVM.
        requireMemory(memory, UNUSED_WORD, LINE_LENGTH);
        long self = Owner.self(Owner.pidNamespace(), Owner.timeNamespace());
        RoleSignature creator = new RoleSignature(CREATOR_OFFSET, self);
        boolean writing = false;
        try {
            // Of several creators one goes on.
            if (creator.sign(memory, Owner.NOBODY) != Owner.NOBODY) {
                throw new RingFormatException(
                        (int) INT.getAcquire(memory, VERSION_OFFSET) == 0
                                ? "another creation was begun here, but is not complete"
                                : "the memory holds a ring already");
            }
            requireMemory(memory, UNUSED_WORD, dataOffset(slots));
            long notZero = firstNonZero(memory, Math.min(size, dataOffset(slots) + MOST_LOOKED_AT));
            if (notZero >= 0) {
                throw new RingFormatException("byte " + notZero + " of the memory is not zero: a ring is created in"
                        + " memory that is all zeros, as that of a new block is");
            }
            writing = true;
            LONG.set(memory, MAGIC_OFFSET, MAGIC);
            INT.set(memory, KIND_OFFSET, kind.code);
            LONG.set(memory, CAPACITY_OFFSET, capacity);
            INT.set(memory, SLOTS_OFFSET, slots);
            LONG.set(memory, PID_NAMESPACE_OFFSET, Owner.pidNamespace());
            LONG.set(memory, TIME_NAMESPACE_OFFSET, Owner.timeNamespace());
            // SYNC POINT header: with the acquire in RingLayout.open. Whoever sees the version sees all of the header.
            INT.setRelease(memory, VERSION_OFFSET, VERSION);
        } catch (Throwable failure) {
            try {
                rollBack(memory, creator, writing);
            } catch (Throwable again) {
                // The creation stays begun, as if this process had stopped in it.
            }
            throw failure;
        }
    }

    /** Leaves the memory as it was found, so that the ring can be created there by the next attempt. */
    private static void rollBack(MemorySegment memory, RoleSignature creator, boolean written) {
        if (!creator.isHeld(memory)) {
            return;
        }
        if (written) {
            if ((int) INT.getAcquire(memory, VERSION_OFFSET) != 0) {
                // The ring is complete.
                return;
            }
            LONG.set(memory, MAGIC_OFFSET, 0L);
            INT.set(memory, KIND_OFFSET, 0);
            LONG.set(memory, CAPACITY_OFFSET, 0L);
            INT.set(memory, SLOTS_OFFSET, 0);
            LONG.set(memory, PID_NAMESPACE_OFFSET, 0L);
            LONG.set(memory, TIME_NAMESPACE_OFFSET, 0L);
        }
        creator.giveBack(memory);
    }

    private static void requireMemory(MemorySegment memory, long first, long end) {
        try {
            Pages.requireMemoryToWrite(memory, first, end, LINE_LENGTH);
        } catch (InternalError noMemory) {
            throw new RingMemoryException(noMemory);
        }
    }

    private static void requireMemory(MemorySegment memory, long length) {
        try {
            Pages.requireMemory(memory, 0, length);
        } catch (InternalError noMemory) {
            throw new RingMemoryException(noMemory);
        }
    }

    private static long firstNonZero(MemorySegment memory, long size) {
        requireMemory(memory, size);
        for (long offset = 0; offset < size; offset += Long.BYTES) {
            if ((long) LONG.get(memory, offset) != 0 && offset != CREATOR_OFFSET) {
                return offset;
            }
        }
        return -1;
    }

    /**
     * Reads the header, waiting for a creator that is still at work.
     *
     * @param kind what the ring has to be, or null for any
     */
    static Header open(MemorySegment memory, RingKind kind, Duration timeout) {
        requireAligned(memory);
        if (memory.byteSize() < SLOTS_BEGIN) {
            throw new RingFormatException(
                    "the memory has " + memory.byteSize() + " bytes; the header of a ring alone has " + SLOTS_BEGIN);
        }
        requireMemory(memory, SLOTS_BEGIN);
        long begin = System.nanoTime();
        long timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
        // SYNC POINT header: with the release in RingLayout.create.
        int version = (int) INT.getAcquire(memory, VERSION_OFFSET);
        while (version == 0
                && System.nanoTime() - begin < timeoutNanos
                && !Thread.currentThread().isInterrupted()
                && mayBecomeRing(memory)) {
            LockSupport.parkNanos(OPENING_PAUSE_NANOS);
            version = (int) INT.getAcquire(memory, VERSION_OFFSET);
        }
        long magic = (long) LONG.get(memory, MAGIC_OFFSET);
        if (version == 0 && (magic == 0 || magic == MAGIC)) {
            long creator = (long) LONG.getAcquire(memory, CREATOR_OFFSET);
            throw new RingFormatException(
                    creator == Owner.NOBODY
                            ? "the memory holds no ring: its version is 0, and nobody has begun to create one"
                            : "the ring is not complete: its version is 0, and its creator is "
                                    + describeCreator(memory, creator)
                                    + "; if that does not change, remove the memory and create it anew");
        }
        require("magic number", "0x" + Long.toHexString(magic), "0x" + Long.toHexString(MAGIC));
        require("version", Integer.toString(version), Integer.toString(VERSION));
        int actualKind = (int) INT.get(memory, KIND_OFFSET);
        if (kind != null || actualKind != SPSC && actualKind != MPSC) {
            require("kind", kindName(actualKind), kind != null ? kindName(kind.code) : kindName(SPSC) + " or "
                    + kindName(MPSC));
        }
        long capacity = (long) LONG.get(memory, CAPACITY_OFFSET);
        if (Long.bitCount(capacity) != 1 || capacity < LEAST_CAPACITY || capacity > GREATEST_CAPACITY) {
            throw new RingCorruptedException("capacity is " + capacity + "; it must be a power of two from "
                    + LEAST_CAPACITY + " to " + GREATEST_CAPACITY);
        }
        int slots = (int) INT.get(memory, SLOTS_OFFSET);
        if (slots < 1 || slots > (actualKind == SPSC ? SPSC_SLOTS : MOST_SLOTS)) {
            throw new RingCorruptedException("the number of slots for producers is " + slots + "; it must be "
                    + (actualKind == SPSC ? SPSC_SLOTS : "from 1 to " + MOST_SLOTS));
        }
        if (memory.byteSize() < dataOffset(slots) + capacity) {
            throw new RingFormatException("the memory has " + memory.byteSize() + " bytes; its header speaks of a ring"
                    + " that has " + (dataOffset(slots) + capacity));
        }
        // Producers sign in slots by compare-and-set.
        requireMemory(memory, dataOffset(slots));
        return new Header(
                actualKind == SPSC ? RingKind.SPSC : RingKind.MPSC,
                capacity,
                slots,
                (long) LONG.get(memory, PID_NAMESPACE_OFFSET),
                (long) LONG.get(memory, TIME_NAMESPACE_OFFSET));
    }

    /** The creator signs before it stores which namespaces it is of. */
    private static String describeCreator(MemorySegment memory, long creator) {
        long pidNamespace = (long) LONG.get(memory, PID_NAMESPACE_OFFSET);
        long timeNamespace = (long) LONG.get(memory, TIME_NAMESPACE_OFFSET);
        if (Owner.sharesNamespaces(pidNamespace, timeNamespace)) {
            return Owner.describe(creator, true);
        }
        boolean incomplete = pidNamespace == 0 || pidNamespace == Owner.pidNamespace() && timeNamespace == 0;
        return incomplete
                ? Owner.describe(creator, true) + " if it is of this process's namespaces"
                : Owner.describe(creator, false);
    }

    private static boolean mayBecomeRing(MemorySegment memory) {
        long magic = (long) LONG.get(memory, MAGIC_OFFSET);
        return magic == 0 || magic == MAGIC;
    }

    private static void require(String what, String found, String expected) {
        if (!found.equals(expected)) {
            throw new RingFormatException("the " + what + " of the ring is " + found + "; expected was " + expected);
        }
    }

    private static void requireAligned(MemorySegment memory) {
        // The start of a heap array counts as 0; a type of array that is not aligned enough fails at the first access.
        if ((memory.address() & (ALIGNMENT - 1)) != 0) {
            throw new IllegalArgumentException("the memory begins at address 0x" + Long.toHexString(memory.address())
                    + "; a ring needs one that is a multiple of " + ALIGNMENT);
        }
    }
}
