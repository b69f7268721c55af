package io.github.shm4j;

import io.github.shm4j.internal.ProcSysvipc;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.ipc_perm;
import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel knows about one block, as of one moment: a {@code shmid_ds}.
 *
 * <p>The kernel counts times in whole seconds. They are kept here as it gives them, 0 meaning that something has not
 * happened; the methods that return an {@link Instant} are the convenient form.
 *
 * @param key the key, or {@link ShmKey#PRIVATE} if the block was created without one or is marked for removal
 * @param id the id
 * @param size the exact size in bytes that was asked for at creation, not rounded to pages
 * @param ownerUid the user id of the owner, who may change and remove the block
 * @param ownerGid the group id of the owner
 * @param creatorUid the user id of the creator, who may change and remove the block too; it never changes
 * @param creatorGid the group id of the creator
 * @param permissions who may read and write
 * @param attachCount how many mappings of the block there are, in all processes together; 0 if and only if nobody has it
 *     mapped. A process that changes the protection of a part of its mapping, or unmaps a part, has several from then on
 * @param creatorPid the process that created the block, or 0 if it belongs to a process id namespace that cannot be seen
 * @param lastPid the process that attached or detached last, or 0 if none has
 * @param attachSeconds when a process attached last, in seconds since the epoch, or 0
 * @param detachSeconds when a process detached last, in seconds since the epoch, or 0
 * @param changeSeconds when the block was created or its owner or permissions were set, in seconds since the epoch
 * @param markedForRemoval whether the block goes when the last process detaches ({@code SHM_DEST})
 * @param locked whether the block is kept from being swapped out ({@code SHM_LOCKED})
 * @param residentBytes how many bytes are in memory, or -1 if the kernel was not asked
 * @param swappedBytes how many bytes are swapped out, or -1 if the kernel was not asked
 */
public record ShmStatus(
        ShmKey key,
        int id,
        long size,
        long ownerUid,
        long ownerGid,
        long creatorUid,
        long creatorGid,
        ShmPermissions permissions,
        long attachCount,
        long creatorPid,
        long lastPid,
        long attachSeconds,
        long detachSeconds,
        long changeSeconds,
        boolean markedForRemoval,
        boolean locked,
        long residentBytes,
        long swappedBytes) {

    private static final int PERMISSION_BITS = 0777;

    /** Reads what {@code IPC_STAT} or {@code SHM_STAT_ANY} has filled in. */
    static ShmStatus of(int id, MemorySegment shmid) {
        MemorySegment perm = shmid_ds.shm_perm(shmid);
        int mode = ipc_perm.mode(perm);
        return new ShmStatus(
                new ShmKey(ipc_perm.__key(perm)),
                id,
                shmid_ds.shm_segsz(shmid),
                Integer.toUnsignedLong(ipc_perm.uid(perm)),
                Integer.toUnsignedLong(ipc_perm.gid(perm)),
                Integer.toUnsignedLong(ipc_perm.cuid(perm)),
                Integer.toUnsignedLong(ipc_perm.cgid(perm)),
                ShmPermissions.ofWorldWritable(mode & PERMISSION_BITS),
                shmid_ds.shm_nattch(shmid),
                shmid_ds.shm_cpid(shmid),
                shmid_ds.shm_lpid(shmid),
                shmid_ds.shm_atime(shmid),
                shmid_ds.shm_dtime(shmid),
                shmid_ds.shm_ctime(shmid),
                (mode & SysVShm.SHM_DEST()) != 0,
                (mode & SysVShm.SHM_LOCKED()) != 0,
                -1,
                -1);
    }

    static ShmStatus of(ProcSysvipc.Row row) {
        return new ShmStatus(
                new ShmKey(row.key()),
                row.id(),
                row.size(),
                row.uid(),
                row.gid(),
                row.creatorUid(),
                row.creatorGid(),
                ShmPermissions.ofWorldWritable(row.mode() & PERMISSION_BITS),
                row.attachCount(),
                row.creatorPid(),
                row.lastPid(),
                row.attachSeconds(),
                row.detachSeconds(),
                row.changeSeconds(),
                (row.mode() & SysVShm.SHM_DEST()) != 0,
                (row.mode() & SysVShm.SHM_LOCKED()) != 0,
                row.residentBytes(),
                row.swappedBytes());
    }

    /**
     * Returns when a process attached last.
     *
     * @return the time to the second, or empty if none has
     */
    public Optional<Instant> lastAttachTime() {
        return time(attachSeconds);
    }

    /**
     * Returns when a process detached last.
     *
     * @return the time to the second, or empty if none has
     */
    public Optional<Instant> lastDetachTime() {
        return time(detachSeconds);
    }

    /**
     * Returns when the block was created or its owner or permissions were set.
     *
     * @return the time to the second
     */
    public Instant changeTime() {
        return Instant.ofEpochSecond(changeSeconds);
    }

    /**
     * Returns how much of the block is in memory.
     *
     * @return the size in bytes; empty unless this status comes from {@link SharedMemory#list()}
     */
    public OptionalLong residentSize() {
        return residentBytes < 0 ? OptionalLong.empty() : OptionalLong.of(residentBytes);
    }

    /**
     * Returns how much of the block is swapped out.
     *
     * @return the size in bytes; empty unless this status comes from {@link SharedMemory#list()}
     */
    public OptionalLong swappedSize() {
        return swappedBytes < 0 ? OptionalLong.empty() : OptionalLong.of(swappedBytes);
    }

    /**
     * Returns whether the process that created the block may still be alive, as of now.
     *
     * <p>The answer is {@code false} only if it is certain: no process has the number, or only a zombie has it. The kernel
     * keeps the creator's number and not the creator. Another process that has got the number since hides that the creator
     * is dead, and a process of a pid namespace that cannot be seen from here counts as alive.
     *
     * <p>For a list of blocks, {@link ShmCreators} answers faster.
     *
     * @return {@code false} if the creator is certainly dead
     */
    public boolean creatorMayBeAlive() {
        return ProcessIdentity.mayBeAlive(creatorPid);
    }

    /**
     * Returns whether the block looks left behind: nobody was attached, and its creator is dead now.
     *
     * <p>An {@link #attachCount} that counts the pieces of one mapping is too high, never too low, so a block that somebody
     * has mapped is no orphan. Not every block that was left behind is found, as {@link #creatorMayBeAlive()} says. A block
     * that is found need not be safe to remove: a program may keep data in a block between runs.
     *
     * @return {@code true} if nobody is attached and the creator is certainly dead
     */
    public boolean isOrphaned() {
        return attachCount == 0 && !creatorMayBeAlive();
    }

    private static Optional<Instant> time(long seconds) {
        return seconds == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
    }
}
