package io.github.shm4j;

import io.github.shm4j.internal.Errno;
import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** How a block is created, and nothing is left behind if that fails. */
final class Creation {

    // Each further round means that another process created and removed the block between two calls of this one.
    private static final int OPEN_OR_CREATE_ROUNDS = 1000;

    private Creation() {}

    static SharedMemory create(ShmKey key, long size, ShmPermissions permissions, CreateOption... options)
            throws ShmException {
        Objects.requireNonNull(key, "key");
        int flags = createFlags(size, permissions, options);
        int result = ShmCalls.shmget(key.value(), size, flags);
        if (result < 0) {
            throw Failures.create(key, size, flags, -result);
        }
        return created(result, key, size).memory();
    }

    /** Returns a block that was just created, and removes it if that fails: heap or stack may be exhausted. */
    private static SharedMemory.Opened created(int id, ShmKey key, long size) {
        try {
            SharedMemory.Opened opened = new SharedMemory.Opened(new SharedMemory(id), true);
            Events.created(id, key.value(), size);
            return opened;
        } catch (Throwable failure) {
            // Not by remove(), which takes more stack. The id is nobody's but this call's.
            ShmCalls.shmctl(id, SysVShm.IPC_RMID(), MemorySegment.NULL);
            throw failure;
        }
    }

    static SharedMemory.Opened openOrCreate(
            ShmKey key, long size, ShmPermissions permissions, ShmTrust trust, CreateOption... options)
            throws ShmException {
        SharedMemory.requireNamed(key);
        Objects.requireNonNull(trust, "trust");
        int flags = createFlags(size, permissions, options);
        ShmNotFoundException gone = null;
        for (int round = 0; round < OPEN_OR_CREATE_ROUNDS; round++) {
            int result = ShmCalls.shmget(key.value(), size, flags);
            if (result >= 0) {
                return created(result, key, size);
            }
            if (-result != Errno.EEXIST.number()) {
                throw Failures.create(key, size, flags, -result);
            }
            try {
                // Trust is checked before the size: the caller can do nothing about the size of a stranger's block.
                SharedMemory existing = SharedMemory.open(key, 0);
                ShmStatus status = existing.statusEvenIfUnreadable();
                trust.verify(status);
                if (status.size() < size) {
                    throw Failures.tooSmall(key, size, status.size());
                }
                return new SharedMemory.Opened(existing, false);
            } catch (ShmNotFoundException removedMeanwhile) {
                gone = removedMeanwhile;
            }
        }
        throw gone;
    }

    private static int createFlags(long size, ShmPermissions permissions, CreateOption... options) {
        Objects.requireNonNull(permissions, "permissions");
        SharedMemory.requireSize("size", size);
        Platform.require();
        return SysVShm.IPC_CREAT() | SysVShm.IPC_EXCL() | permissions.mode() | CreateOption.flags(options);
    }
}
