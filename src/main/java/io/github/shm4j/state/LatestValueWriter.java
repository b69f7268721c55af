package io.github.shm4j.state;

import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.structure.Copies;
import io.github.shm4j.structure.SoleRole;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The writer of a {@link LatestValue}.
 *
 * <p>It is for one thread at a time. A thread that takes it over from another one has to see what that one did, as by a lock or
 * by being started after.
 */
public final class LatestValueWriter implements AutoCloseable {

    // All else is in the memory, so that nothing here can differ from it, whatever is thrown.
    private final LatestValue value;
    private final SoleRole role;
    private final SoleRole.Hold hold;

    LatestValueWriter(LatestValue value, SoleRole role, SoleRole.Hold hold) {
        this.value = value;
        this.role = role;
        this.hold = hold;
    }

    /**
     * Writes a record, for the writing thread. It never waits.
     *
     * <p>If something is thrown out of this method, the record was written as a whole or not at all.
     *
     * @param source the record, of exactly {@link LatestValue#size()} bytes: what a shorter one would leave of an older record
     *     would be bytes that do not belong to it
     * @return the version of the record
     * @throws IllegalArgumentException if the source is longer or shorter than the record
     * @throws ValueRoleLostException if somebody has taken the role over
     * @throws ValueCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this writer was closed
     */
    public long write(MemorySegment source) {
        LatestValue value = this.value;
        if (!hold.isOpen()) {
            throw new IllegalStateException("this writer was closed");
        }
        if (source.byteSize() != value.size) {
            throw new IllegalArgumentException("the source has " + source.byteSize()
                    + " bytes; the record of this latest value has exactly " + value.size);
        }
        MemorySegment memory = value.memory;
        requireRole(memory);
        long version = value.version() + 1;
        // SYNC POINT buffer: with the fence in LatestValue.read. Nothing of this record is stored before the version of the
        // last one, by this process or a predecessor.
        VarHandle.releaseFence();
        Copies.copy(source, 0, memory, value.begin(version), value.size);
        // Once more: much may have been copied since.
        requireRole(memory);
        // SYNC POINT version: with the acquire in LatestValue.read.
        LONG.setRelease(memory, LatestValueFormat.NEWEST_VERSION_OFFSET, version);
        return version;
    }

    /** Throws if somebody has taken the role away. The field is in a cache line that nobody else writes to. */
    private void requireRole(MemorySegment memory) {
        // SYNC POINT count: with the increment in RoleSignature.settle.
        if ((long) LONG.get(memory, LatestValueFormat.WRITER_SUCCESSIONS_OFFSET) != hold.count()
                && role.isLost(hold, memory)) {
            throw role.lost(memory);
        }
    }

    /**
     * Gives the role back, so that another process can have it. What was written stays. If somebody has taken the role over, there
     * is nothing to give back, and this does nothing.
     */
    @Override
    public void close() {
        role.giveBack(hold, value.memory);
    }
}
