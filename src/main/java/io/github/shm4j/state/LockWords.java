package io.github.shm4j.state;

import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.Pages;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/** Where the words of a lock lie, and what they may hold. */
final class LockWords {

    static final long MARK_OFFSET = 0;
    static final long IDENTITY_OFFSET = 8;
    static final long NAMESPACES_OFFSET = 16;
    static final long OWNER_OFFSET = 24;
    static final long SLEEP_OFFSET = 32;

    /** Always 0. */
    static final long UNUSED_OFFSET = 56;

    static final int BYTES = 64;

    /** "shm4jlk" and version 1. */
    static final long MARK = 0x73686d346a6c6b01L;

    /** In place of an owner: nobody, and the data is as a normal release has left it. */
    static final long FREE = Owner.NOBODY;

    /** In place of an owner: nobody, and the data may be what an owner that terminated has left half done. */
    static final long INCONSISTENT = 1;

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private static final int NAMESPACE_BITS = 32;
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private static final AtomicLong IDENTITIES = new AtomicLong();

    private LockWords() {}

    /** Returns the memory of a lock alone, having checked that it can be one. */
    static MemorySegment slice(MemorySegment memory, long offset) {
        if (memory.byteSize() < BYTES) {
            throw new IllegalArgumentException(
                    "the memory has " + memory.byteSize() + " bytes, and a lock needs " + BYTES);
        }
        if (offset < 0 || offset > memory.byteSize() - BYTES) {
            throw new IllegalArgumentException("a lock at offset " + offset + " does not fit into memory of "
                    + memory.byteSize() + " bytes: it needs " + BYTES + ", so the offset is at least 0 and at most "
                    + (memory.byteSize() - BYTES));
        }
        if (!memory.isNative()) {
            throw new IllegalArgumentException(
                    "a lock lies in memory that processes share, not in an array of the heap");
        }
        if (memory.isReadOnly()) {
            throw new IllegalArgumentException("a lock is written by whoever acquires it, and the memory is read-only:"
                    + " attach it with AttachMode.READ_WRITE");
        }
        if ((memory.address() + offset & Long.BYTES - 1) != 0) {
            throw new IllegalArgumentException("offset " + offset + " is address 0x"
                    + Long.toHexString(memory.address() + offset) + "; a lock needs one that is a multiple of "
                    + Long.BYTES);
        }
        return memory.asSlice(offset, BYTES);
    }

    /**
     * Completes what of the lock's words is still 0, as in new memory, and checks the others.
     *
     * @throws LockMemoryException if there is no memory behind it
     * @throws LockCorruptedException if the memory holds something else than a lock
     */
    static void complete(MemorySegment lock) {
        long mark = mark(lock);
        if (mark != MARK) {
            throw new LockCorruptedException("the memory holds no lock: it begins with 0x" + Long.toHexString(mark)
                    + "; a lock begins with 0x" + Long.toHexString(MARK) + ", and new memory with 0");
        }
        if ((long) LONG.getAcquire(lock, IDENTITY_OFFSET) == 0) {
            LONG.compareAndSet(lock, IDENTITY_OFFSET, 0L, newIdentity());
        }
        if ((long) LONG.getAcquire(lock, NAMESPACES_OFFSET) == 0) {
            LONG.compareAndSet(lock, NAMESPACES_OFFSET, 0L, ownNamespaces());
        }
        requirePlausible((long) LONG.getAcquire(lock, OWNER_OFFSET));
        int sleep = (int) INT.getAcquire(lock, SLEEP_OFFSET);
        if (!FutexWaiters.isState(sleep)) {
            throw new LockCorruptedException("the word for sleepers is " + sleep + "; it must be from "
                    + FutexWaiters.NONE + " to " + FutexWaiters.ASLEEP + ": the lock was overwritten");
        }
    }

    /**
     * Reads the first word, and writes it if it is 0, by plain accesses to the first and the last byte: a compare-and-set where
     * there is no memory would end the JVM.
     */
    private static long mark(MemorySegment lock) {
        try {
            if ((long) LONG.get(lock, MARK_OFFSET) == 0) {
                // Whoever else sees the 0 writes the same.
                LONG.set(lock, MARK_OFFSET, MARK);
            }
            Pages.requireMemoryToWrite(lock, UNUSED_OFFSET, BYTES, BYTES);
            return (long) LONG.get(lock, MARK_OFFSET);
        } catch (InternalError noMemory) {
            throw new LockMemoryException(noMemory);
        }
    }

    /** Throws if no process signs like this. */
    static void requirePlausible(long owner) {
        if (owner != FREE && owner != INCONSISTENT && !Owner.isPlausible(owner)) {
            throw new LockCorruptedException("the owner is 0x" + Long.toHexString(owner)
                    + ", which is no process: the lock was overwritten");
        }
    }

    static long identity(MemorySegment lock) {
        return (long) LONG.getAcquire(lock, IDENTITY_OFFSET);
    }

    /** {@return this process, as it signs where others of its namespaces, or of others, look} */
    static long self(MemorySegment lock) {
        long namespaces = (long) LONG.getAcquire(lock, NAMESPACES_OFFSET);
        return Owner.self(namespaces >>> NAMESPACE_BITS, namespaces & (1L << NAMESPACE_BITS) - 1);
    }

    static boolean sharesNamespaces(MemorySegment lock) {
        long namespaces = (long) LONG.getAcquire(lock, NAMESPACES_OFFSET);
        return Owner.sharesNamespaces(namespaces >>> NAMESPACE_BITS, namespaces & (1L << NAMESPACE_BITS) - 1);
    }

    /** The kernel's numbers of namespaces have 32 bits. Where there are none, nobody's are the same. */
    private static long ownNamespaces() {
        return Owner.pidNamespace() << NAMESPACE_BITS | Owner.timeNamespace();
    }

    /** {@return a number that no other lock of the machine has, but by an accident of 64 bits} */
    private static long newIdentity() {
        long self = Owner.self(Owner.pidNamespace(), Owner.timeNamespace());
        long mixed = mix(self) + mix(System.nanoTime()) + mix(IDENTITIES.incrementAndGet() * GOLDEN);
        return mixed == 0 ? GOLDEN : mixed;
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }
}
