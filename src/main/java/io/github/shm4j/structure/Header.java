package io.github.shm4j.structure;

import static io.github.shm4j.structure.Format.CREATOR_OFFSET;
import static io.github.shm4j.structure.Format.INT;
import static io.github.shm4j.structure.Format.LENGTH_OFFSET;
import static io.github.shm4j.structure.Format.LINE_LENGTH;
import static io.github.shm4j.structure.Format.LONG;
import static io.github.shm4j.structure.Format.MAGIC_OFFSET;
import static io.github.shm4j.structure.Format.NUMBER_OFFSET;
import static io.github.shm4j.structure.Format.PID_NAMESPACE_OFFSET;
import static io.github.shm4j.structure.Format.TIME_NAMESPACE_OFFSET;
import static io.github.shm4j.structure.Format.VERSION_OFFSET;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.Pages;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the complete header of a structure says, checked against the memory that it is in.
 *
 * @param number the kind's number
 * @param length the kind's length
 * @param count the kind's count
 * @param size how much of the memory the structure takes
 * @param self this process, as it signs in the structure
 * @param sharesNamespaces whether the pids in the structure mean something here
 */
public record Header(int number, long length, int count, long size, long self, boolean sharesNamespaces) {

    /** How long an opener waits for a creator by default. */
    public static final Duration TIMEOUT = Duration.ofSeconds(1);

    /** Where the count is, in the kinds that have one. */
    public static final long COUNT_OFFSET = 24;

    private static final int ALIGNMENT = 8;

    /** The last word of each line of a header is not used. */
    private static final long UNUSED_WORD = 120;

    private static final long PAGE = 4096;

    /** How much of the contents a creator looks at, so that it takes no memory for what it then refuses. */
    private static final long MOST_LOOKED_AT = 1 << 20;

    private static final long OPENING_PAUSE_NANOS = 100_000;

    /** {@return whether there is a complete header, or somebody has begun to make one} */
    public static boolean isIn(MemorySegment memory, Format format) {
        if (memory.byteSize() < format.headerLength) {
            return false;
        }
        try {
            long magic = (long) LONG.get(memory, MAGIC_OFFSET);
            return magic == format.magic || magic == 0 && (long) LONG.get(memory, CREATOR_OFFSET) != 0;
        } catch (IllegalArgumentException notAligned) {
            return false;
        }
    }

    /** Makes an empty structure in memory that is all zeros. */
    public static void create(MemorySegment memory, Format format, int number, long length) {
        long size = format.size(number, length);
        requireAligned(memory, format);
        if (memory.isReadOnly()) {
            throw new IllegalArgumentException(
                    "the memory is read-only: a " + format.name + " cannot be created there");
        }
        if (memory.byteSize() < size) {
            throw new IllegalArgumentException("the memory has " + memory.byteSize() + " bytes; this " + format.name
                    + " needs " + size + ", as sizeFor(" + length + ") says");
        }
        // A compare-and-set on a page without memory ends the JVM.
        requireMemoryToWrite(memory, format, UNUSED_WORD, LINE_LENGTH, LINE_LENGTH);
        RoleSignature creator =
                new RoleSignature(CREATOR_OFFSET, Owner.self(Owner.pidNamespace(), Owner.timeNamespace()));
        boolean filling = false;
        boolean filled = false;
        boolean writing = false;
        try {
            // Of several creators one goes on.
            if (creator.sign(memory) != Owner.NOBODY) {
                throw format.wrongFormat(
                        (int) INT.getAcquire(memory, VERSION_OFFSET) == 0
                                ? "another creation was begun here, but is not complete"
                                : "the memory holds a structure already");
            }
            long notZero = firstNonZero(memory, format, lookedAt(format, size));
            if (notZero >= 0) {
                throw format.wrongFormat("byte " + notZero + " of the memory is not zero: a " + format.name
                        + " is created in memory that is all zeros, as that of a new block is");
            }
            requireMemoryToWrite(memory, format, UNUSED_WORD, format.headerLength, LINE_LENGTH);
            long end = format.backedSize(size, length) & -Long.BYTES;
            requireMemoryToWrite(memory, format, format.headerLength, end, PAGE);
            // The contents can end in a page in which no step has ended.
            requireMemoryToWrite(memory, format, end - Long.BYTES, end, Long.BYTES);
            filling = true;
            format.createContents(memory, length);
            filled = true;
            writing = true;
            LONG.set(memory, MAGIC_OFFSET, format.magic);
            INT.set(memory, NUMBER_OFFSET, number);
            LONG.set(memory, LENGTH_OFFSET, length);
            if (format.count(number) != 0) {
                INT.set(memory, COUNT_OFFSET, format.count(number));
            }
            LONG.set(memory, PID_NAMESPACE_OFFSET, Owner.pidNamespace());
            LONG.set(memory, TIME_NAMESPACE_OFFSET, Owner.timeNamespace());
            // SYNC POINT header: with the acquire in Header.open. Whoever sees the version sees all of the header.
            INT.setRelease(memory, VERSION_OFFSET, format.version);
        } catch (Throwable failure) {
            try {
                if (!filling || filled || isLookedAtZero(memory, format, size)) {
                    rollBack(memory, format, length, creator, filled, writing);
                }
            } catch (Throwable again) {
                // The creation stays begun, as if this process had stopped in it.
                try {
                    failure.addSuppressed(again);
                } catch (Throwable exhausted) {
                    // What was thrown first is what counts.
                }
            }
            throw failure;
        }
    }

    /** Leaves the memory as it was found, so that the structure can be created there by the next attempt. */
    private static void rollBack(
            MemorySegment memory,
            Format format,
            long length,
            RoleSignature creator,
            boolean filled,
            boolean written) {
        if (!creator.isHeld(memory)) {
            return;
        }
        if (written) {
            if ((int) INT.getAcquire(memory, VERSION_OFFSET) != 0) {
                // It is complete.
                return;
            }
            clear(memory);
        }
        if (filled) {
            format.removeContents(memory, length);
        }
        creator.giveBack(memory);
    }

    /** Clears all that a creator writes into a header but its signature. */
    private static void clear(MemorySegment memory) {
        INT.set(memory, VERSION_OFFSET, 0);
        LONG.set(memory, MAGIC_OFFSET, 0L);
        INT.set(memory, NUMBER_OFFSET, 0);
        LONG.set(memory, LENGTH_OFFSET, 0L);
        INT.set(memory, COUNT_OFFSET, 0);
        LONG.set(memory, PID_NAMESPACE_OFFSET, 0L);
        LONG.set(memory, TIME_NAMESPACE_OFFSET, 0L);
    }

    /** {@return whether there is nothing of a header of any kind, although there may be something elsewhere} */
    static boolean isNowhere(MemorySegment memory) {
        return (long) LONG.get(memory, MAGIC_OFFSET) == 0 && !isBegun(memory);
    }

    /** {@return whether somebody has begun to create a structure} */
    public static boolean isBegun(MemorySegment memory) {
        return (long) LONG.getAcquire(memory, CREATOR_OFFSET) != Owner.NOBODY;
    }

    /**
     * Makes zeros again of the header of an empty structure that this process has created, or has begun to create, within another one
     * that is not complete, so that nobody knows it.
     */
    public static void remove(MemorySegment memory) {
        if (isBegun(memory)) {
            clear(memory);
            LONG.set(memory, CREATOR_OFFSET, Owner.NOBODY);
        }
    }

    private static void requireMemoryToWrite(MemorySegment memory, Format format, long first, long end, long step) {
        try {
            Pages.requireMemoryToWrite(memory, first, end, step);
        } catch (InternalError noMemory) {
            throw format.noMemory(noMemory);
        }
    }

    private static void requireMemory(MemorySegment memory, Format format, long length) {
        try {
            Pages.requireMemory(memory, 0, length);
        } catch (InternalError noMemory) {
            throw format.noMemory(noMemory);
        }
    }

    private static long lookedAt(Format format, long size) {
        return Math.min(size, format.headerLength + MOST_LOOKED_AT);
    }

    /** {@return whether nothing is left of contents that could not be made} */
    private static boolean isLookedAtZero(MemorySegment memory, Format format, long size) {
        return firstNonZero(memory, format, lookedAt(format, size)) < 0;
    }

    private static long firstNonZero(MemorySegment memory, Format format, long size) {
        requireMemory(memory, format, size);
        for (long offset = 0; offset + Long.BYTES <= size; offset += Long.BYTES) {
            if ((long) LONG.get(memory, offset) != 0 && offset != CREATOR_OFFSET) {
                return offset;
            }
        }
        return -1;
    }

    /** Reads the header, waiting for a creator that is still at work. Then all of the structure is known to have memory. */
    public static Header open(MemorySegment memory, Format format, Duration timeout) {
        requireAligned(memory, format);
        if (memory.byteSize() < format.headerLength) {
            throw format.wrongFormat("the memory has " + memory.byteSize() + " bytes; the header of a " + format.name
                    + " alone has " + format.headerLength);
        }
        requireMemory(memory, format, format.headerLength);
        long begin = System.nanoTime();
        long timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
        // SYNC POINT header: with the release in Header.create.
        int version = (int) INT.getAcquire(memory, VERSION_OFFSET);
        while (version == 0
                && System.nanoTime() - begin < timeoutNanos
                && !Thread.currentThread().isInterrupted()
                && mayBecome(memory, format)) {
            LockSupport.parkNanos(OPENING_PAUSE_NANOS);
            version = (int) INT.getAcquire(memory, VERSION_OFFSET);
        }
        long magic = (long) LONG.get(memory, MAGIC_OFFSET);
        if (version == 0 && (magic == 0 || magic == format.magic)) {
            long creator = (long) LONG.getAcquire(memory, CREATOR_OFFSET);
            throw format.wrongFormat(
                    creator == Owner.NOBODY
                            ? "the memory holds no " + format.name
                                    + ": its version is 0, and nobody has begun to create one"
                            : "the " + format.name + " is not complete: its version is 0, and its creator is "
                                    + describeCreator(memory, creator)
                                    + "; if that does not change, remove the memory and create it anew");
        }
        require(format, "magic number", "0x" + Long.toHexString(magic), "0x" + Long.toHexString(format.magic));
        require(format, "version", Integer.toString(version), Integer.toString(format.version));
        int number = (int) INT.get(memory, NUMBER_OFFSET);
        long length = (long) LONG.get(memory, LENGTH_OFFSET);
        int count = (int) INT.get(memory, COUNT_OFFSET);
        long size = format.requireSize(number, length, count);
        if (memory.byteSize() < size) {
            throw format.wrongFormat("the memory has " + memory.byteSize() + " bytes; its header speaks of a "
                    + format.name + " that has " + size);
        }
        requireMemory(memory, format, format.backedSize(size, length));
        long pidNamespace = (long) LONG.get(memory, PID_NAMESPACE_OFFSET);
        long timeNamespace = (long) LONG.get(memory, TIME_NAMESPACE_OFFSET);
        return new Header(
                number,
                length,
                count,
                size,
                Owner.self(pidNamespace, timeNamespace),
                Owner.sharesNamespaces(pidNamespace, timeNamespace));
    }

    /** Says who has begun, and whether that process is alive if its pid means something here. */
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

    private static boolean mayBecome(MemorySegment memory, Format format) {
        long magic = (long) LONG.get(memory, MAGIC_OFFSET);
        return magic == 0 || magic == format.magic;
    }

    private static void require(Format format, String what, String found, String expected) {
        if (!found.equals(expected)) {
            throw format.wrongFormat(
                    "the " + what + " of the " + format.name + " is " + found + "; expected was " + expected);
        }
    }

    private static void requireAligned(MemorySegment memory, Format format) {
        // The start of a heap array counts as 0; a type of array that is not aligned enough fails at the first access.
        if ((memory.address() & (ALIGNMENT - 1)) != 0) {
            throw new IllegalArgumentException("the memory begins at address 0x" + Long.toHexString(memory.address())
                    + "; a " + format.name + " needs one that is a multiple of " + ALIGNMENT);
        }
    }
}
