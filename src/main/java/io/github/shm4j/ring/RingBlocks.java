package io.github.shm4j.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.internal.BeforeDetach;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** Rings in blocks of their own. */
final class RingBlocks {

    /** How to open the ring in a mapping of a block. */
    @FunctionalInterface
    interface Opening<R extends RingBuffer> {

        R open(MemorySegment mapping, Duration timeout, SharedMemory block);
    }

    private RingBlocks() {}

    /** Opens the ring in the block that has a key. */
    static <R extends RingBuffer> R open(
            ShmKey key, ShmTrust trust, AttachMode mode, Arena arena, Opening<R> opening) throws ShmException {
        return open(SharedMemory.open(key, trust), mode, arena, opening);
    }

    /** Opens the ring in a block. */
    static <R extends RingBuffer> R open(SharedMemory block, AttachMode mode, Arena arena, Opening<R> opening)
            throws ShmException {
        return open(block.attach(mode, arena), block, opening, RingBuffer.TIMEOUT);
    }

    private static <R extends RingBuffer> R open(
            MemorySegment mapping, SharedMemory block, Opening<R> opening, Duration timeout) {
        R ring = opening.open(mapping, timeout, block);
        if (!mapping.isReadOnly()) {
            BeforeDetach.set(mapping, ring.beforeDetach());
        }
        return ring;
    }

    /** Creates a block and a ring in it; if anything fails, the block is removed again. */
    static <R extends RingBuffer> R create(
            ShmKey key, RingKind kind, long capacity, ShmPermissions permissions, Arena arena, Opening<R> opening)
            throws ShmException {
        return create(SharedMemory.create(key, kind.sizeFor(capacity), permissions), kind, capacity, arena, opening);
    }

    private static <R extends RingBuffer> R create(
            SharedMemory block, RingKind kind, long capacity, Arena arena, Opening<R> opening) throws ShmException {
        try {
            MemorySegment mapping = block.attach(AttachMode.READ_WRITE, arena);
            RingLayout.create(mapping, kind, capacity);
            return open(mapping, block, opening, Duration.ZERO);
        } catch (Throwable failure) {
            remove(block, failure);
            throw failure;
        }
    }

    /** Opens the ring in the block that has a key, or creates both; if that fails, a block of this call is removed again. */
    static <R extends RingBuffer> RingBuffer.Opened<R> openOrCreate(
            ShmKey key,
            RingKind kind,
            long capacity,
            ShmPermissions permissions,
            ShmTrust trust,
            Arena arena,
            Opening<R> opening)
            throws ShmException {
        SharedMemory.Opened opened = SharedMemory.openOrCreate(key, kind.sizeFor(capacity), permissions, trust);
        boolean removing = opened.created();
        try {
            MemorySegment mapping = opened.memory().attach(AttachMode.READ_WRITE, arena);
            boolean created = create(mapping, kind, capacity);
            // If others have created the ring in the new block, it is theirs.
            removing &= created;
            return new RingBuffer.Opened<>(open(mapping, opened.memory(), opening, RingBuffer.TIMEOUT), created);
        } catch (Throwable failure) {
            if (removing) {
                remove(opened.memory(), failure);
            }
            throw failure;
        }
    }

    private static void remove(SharedMemory block, Throwable failure) {
        try {
            block.remove();
        } catch (ShmException left) {
            failure.addSuppressed(left);
        }
    }

    /**
     * Creates the ring in a block of exactly its size, unless somebody else has. Between a creation of the block and that of the
     * ring, others find the block, and the creator can terminate.
     */
    private static boolean create(MemorySegment mapping, RingKind kind, long capacity) {
        if (mapping.byteSize() != kind.sizeFor(capacity) || RingLayout.isRing(mapping)) {
            return false;
        }
        try {
            RingLayout.create(mapping, kind, capacity);
            return true;
        } catch (RingFormatException othersDo) {
            // What it is instead is said by opening it.
            return false;
        }
    }
}
