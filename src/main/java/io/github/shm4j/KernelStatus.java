package io.github.shm4j;

import io.github.shm4j.internal.ProcSysvipc;
import io.github.shm4j.internal.Shmid;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.ipc_perm;
import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A status as the kernel states it: times in seconds since the epoch, 0 for an event that has not happened, -1 for a value
 * that the call does not report.
 */
record KernelStatus(
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
        long swappedBytes)
        implements
            ShmStatus {

    private static final int PERMISSION_BITS = 0777;

    /** Reads a structure that {@code IPC_STAT} or {@code SHM_STAT_ANY} has filled in. */
    static KernelStatus of(int id, MemorySegment shmid) {
        MemorySegment perm = shmid_ds.shm_perm(shmid);
        int mode = ipc_perm.mode(perm);
        return new KernelStatus(
                new ShmKey(ipc_perm.__key(perm)),
                id,
                Shmid.size(shmid),
                Integer.toUnsignedLong(ipc_perm.uid(perm)),
                Integer.toUnsignedLong(ipc_perm.gid(perm)),
                Integer.toUnsignedLong(ipc_perm.cuid(perm)),
                Integer.toUnsignedLong(ipc_perm.cgid(perm)),
                ShmPermissions.ofWorldWritable(mode & PERMISSION_BITS),
                shmid_ds.shm_nattch(shmid),
                shmid_ds.shm_cpid(shmid),
                shmid_ds.shm_lpid(shmid),
                Shmid.attachSeconds(shmid),
                Shmid.detachSeconds(shmid),
                Shmid.changeSeconds(shmid),
                (mode & SysVShm.SHM_DEST()) != 0,
                (mode & SysVShm.SHM_LOCKED()) != 0,
                -1,
                -1);
    }

    static KernelStatus of(ProcSysvipc.Row row) {
        return new KernelStatus(
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
                row.markedForRemoval(),
                row.locked(),
                row.residentBytes(),
                row.swappedBytes());
    }

    @Override
    public Optional<Instant> lastAttachTime() {
        return time(attachSeconds);
    }

    @Override
    public Optional<Instant> lastDetachTime() {
        return time(detachSeconds);
    }

    @Override
    public Instant changeTime() {
        return Instant.ofEpochSecond(changeSeconds);
    }

    @Override
    public OptionalLong residentSize() {
        return residentBytes < 0 ? OptionalLong.empty() : OptionalLong.of(residentBytes);
    }

    @Override
    public OptionalLong swappedSize() {
        return swappedBytes < 0 ? OptionalLong.empty() : OptionalLong.of(swappedBytes);
    }

    /** {@return the values by the names of {@link ShmStatus}, and in words those that there are not} */
    @Override
    public String toString() {
        return "ShmStatus[key=" + key + ", id=" + id + ", size=" + size + ", ownerUid=" + ownerUid + ", ownerGid="
                + ownerGid + ", creatorUid=" + creatorUid + ", creatorGid=" + creatorGid + ", permissions="
                + permissions
                + ", attachCount=" + attachCount + ", creatorPid=" + creatorPid + ", lastPid=" + lastPid
                + ", lastAttachTime=" + inWords(lastAttachTime()) + ", lastDetachTime=" + inWords(lastDetachTime())
                + ", changeTime=" + changeTime() + ", markedForRemoval=" + markedForRemoval + ", locked=" + locked
                + ", residentSize=" + inWords(residentSize()) + ", swappedSize=" + inWords(swappedSize()) + "]";
    }

    private static String inWords(Optional<Instant> time) {
        return time.isPresent() ? time.get().toString() : "never";
    }

    private static String inWords(OptionalLong size) {
        return size.isPresent() ? Long.toString(size.getAsLong()) : "unknown";
    }

    private static Optional<Instant> time(long seconds) {
        return seconds == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
    }
}
