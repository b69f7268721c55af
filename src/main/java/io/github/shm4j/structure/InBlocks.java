package io.github.shm4j.structure;

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
import java.util.function.Consumer;

/**
 * Structures of one kind in blocks of their own.
 *
 * @param <S> the kind of structure
 */
public final class InBlocks<S> {

    /** How to open the structure in a mapping of a block. */
    @FunctionalInterface
    public interface Opening<S> {

        S open(MemorySegment mapping, Duration timeout, SharedMemory block);
    }

    /** How to get what gives back the roles of a structure when its memory goes, without a reference to that memory. */
    @FunctionalInterface
    public interface DetachAction<S> {

        Consumer<MemorySegment> of(S structure);
    }

    /**
     * A structure in a block.
     *
     * @param created whether this call has created it
     */
    public record Opened<S>(S structure, boolean created) {}

    private final Format format;
    private final Opening<S> opening;
    private final DetachAction<S> beforeDetach;

    public InBlocks(Format format, Opening<S> opening, DetachAction<S> beforeDetach) {
        this.format = format;
        this.opening = opening;
        this.beforeDetach = beforeDetach;
    }

    /** Opens the structure in the block that has a key. */
    public S open(ShmKey key, ShmTrust trust, AttachMode mode, Arena arena) throws ShmException {
        return open(SharedMemory.open(key, trust), mode, arena);
    }

    /** Opens the structure in a block. */
    public S open(SharedMemory block, AttachMode mode, Arena arena) throws ShmException {
        return open(block.attach(mode, arena), block, Header.TIMEOUT);
    }

    private S open(MemorySegment mapping, SharedMemory block, Duration timeout) {
        S structure = opening.open(mapping, timeout, block);
        if (!mapping.isReadOnly()) {
            BeforeDetach.set(mapping, beforeDetach.of(structure));
        }
        return structure;
    }

    /** Creates a block and the structure in it; if anything fails, the block is removed again. */
    public S create(ShmKey key, int number, long length, ShmPermissions permissions, Arena arena) throws ShmException {
        SharedMemory block = SharedMemory.create(key, format.size(number, length), permissions);
        try {
            MemorySegment mapping = block.attach(AttachMode.READ_WRITE, arena);
            Header.create(mapping, format, number, length);
            return open(mapping, block, Duration.ZERO);
        } catch (Throwable failure) {
            remove(block, failure);
            throw failure;
        }
    }

    /** Opens the structure in the block that has a key, or creates both; if that fails, a block of this call is removed again. */
    public Opened<S> openOrCreate(
            ShmKey key, int number, long length, ShmPermissions permissions, ShmTrust trust, Arena arena)
            throws ShmException {
        long size = format.size(number, length);
        SharedMemory.Opened opened = SharedMemory.openOrCreate(key, size, permissions, trust);
        boolean removing = opened.created();
        try {
            MemorySegment mapping = opened.memory().attach(AttachMode.READ_WRITE, arena);
            boolean created = mapping.byteSize() == size && create(mapping, number, length);
            // If others have created the structure in the new block, it is theirs.
            removing &= created;
            return new Opened<>(open(mapping, opened.memory(), Header.TIMEOUT), created);
        } catch (Throwable failure) {
            if (removing) {
                remove(opened.memory(), failure);
            }
            throw failure;
        }
    }

    /**
     * Creates the structure in a block of exactly its size, unless somebody else has. Between a creation of the block and that
     * of the structure, others find the block, and the creator can terminate.
     */
    private boolean create(MemorySegment mapping, int number, long length) {
        if (Header.isIn(mapping, format)) {
            return false;
        }
        try {
            Header.create(mapping, format, number, length);
            return true;
        } catch (RuntimeException failure) {
            if (!format.isWrongFormat(failure) || Header.isNowhere(mapping)) {
                throw failure;
            }
            // Others do. What it is instead is said by opening it.
            return false;
        }
    }

    private static void remove(SharedMemory block, Throwable failure) {
        try {
            block.remove();
        } catch (Throwable left) {
            failure.addSuppressed(left);
        }
    }
}
