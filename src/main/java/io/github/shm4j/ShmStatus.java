package io.github.shm4j;

import io.github.shm4j.internal.ProcessIdentity;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel knows about one block, as of one moment: a {@code shmid_ds}.
 *
 * <p>The kernel counts times in whole seconds of the system's clock, which can be set.
 *
 * <p>A status does not change. Two statuses of this library are equal if all their values are. Programs receive statuses and
 * implement this type for tests of their own only: later versions may add methods.
 *
 * @see SharedMemory#status()
 * @see SharedMemory#list()
 */
public interface ShmStatus {

    /**
     * Returns the key.
     *
     * @return the key, or {@link ShmKey#PRIVATE} if the block was created without one or is marked for removal
     */
    ShmKey key();

    /**
     * Returns the id.
     *
     * @return the id, from 0 on
     */
    int id();

    /**
     * Returns the size of the block.
     *
     * @return the exact size in bytes that was asked for at creation, not rounded to pages
     */
    long size();

    /**
     * Returns who owns the block. The owner may change and remove it.
     *
     * @return the user id of the owner
     */
    long ownerUid();

    /**
     * Returns the group whose permissions count for its members.
     *
     * @return the group id of the owner
     */
    long ownerGid();

    /**
     * Returns who created the block. This never changes. The creator may change and remove the block, as the owner may.
     *
     * @return the user id of the creator
     */
    long creatorUid();

    /**
     * Returns the group of the creator. This never changes.
     *
     * @return the group id of the creator
     */
    long creatorGid();

    /**
     * Returns who may read and write.
     *
     * @return the permissions
     */
    ShmPermissions permissions();

    /**
     * Returns how many mappings of the block there are, in all processes together.
     *
     * <p>It is 0 if and only if no process has the block mapped. A process that changes the protection of a part of its
     * mapping, or unmaps a part, has several mappings from then on.
     *
     * @return the number of mappings
     */
    long attachCount();

    /**
     * Returns which process created the block.
     *
     * @return its pid, or 0 if it belongs to a pid namespace that cannot be seen
     */
    long creatorPid();

    /**
     * Returns which process attached or detached last.
     *
     * @return its pid, or 0 if none has
     */
    long lastPid();

    /**
     * Returns when a process attached last.
     *
     * @return the time to the second, or empty if none has
     */
    Optional<Instant> lastAttachTime();

    /**
     * Returns when a process detached last.
     *
     * @return the time to the second, or empty if none has
     */
    Optional<Instant> lastDetachTime();

    /**
     * Returns when the block was created or its owner or permissions were set.
     *
     * @return the time to the second
     */
    Instant changeTime();

    /**
     * Returns whether the kernel destroys the block when the last process detaches ({@code SHM_DEST}).
     *
     * @return whether the block is marked for removal
     */
    boolean markedForRemoval();

    /**
     * Returns whether the block is kept from being swapped out ({@code SHM_LOCKED}).
     *
     * @return whether the block is locked in memory
     */
    boolean locked();

    /**
     * Returns how much of the block is in memory.
     *
     * @return the size in bytes; empty unless this status comes from {@link SharedMemory#list()}
     */
    OptionalLong residentSize();

    /**
     * Returns how much of the block is swapped out.
     *
     * @return the size in bytes; empty unless this status comes from {@link SharedMemory#list()}
     */
    OptionalLong swappedSize();

    /**
     * Returns whether the process that created the block may still be alive, as of now.
     *
     * <p>The answer is {@code false} only if that is certain: no process has the creator's pid, or only a zombie has it. The
     * kernel remembers the pid and not the process. If another process has the pid by now, the creator seems to be alive. A
     * creator in a pid namespace that cannot be seen from here counts as alive.
     *
     * <p>For a list of blocks, {@link ShmCreators} answers faster.
     *
     * @return {@code false} if the creator is certainly dead
     */
    default boolean creatorMayBeAlive() {
        return ProcessIdentity.mayBeAlive(creatorPid());
    }

    /**
     * Returns whether the block looks left behind: no process was attached, and its creator is dead now.
     *
     * <p>{@link #attachCount} may count one mapping several times, but never omits one, so a mapped block is no orphan. This
     * does not find every block that was left behind: see {@link #creatorMayBeAlive()}. An orphan need not be safe to
     * remove: a program may keep data in a block between runs.
     *
     * @return {@code true} if nobody is attached and the creator is certainly dead
     */
    default boolean isOrphaned() {
        return attachCount() == 0 && !creatorMayBeAlive();
    }
}
