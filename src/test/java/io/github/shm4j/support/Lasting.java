package io.github.shm4j.support;

import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import java.time.Instant;

/**
 * What of a block's status only its owner changes. Whoever looks into a block attaches to it for a moment, and changes the
 * count, the times and the process of attachments with that.
 */
public record Lasting(
        ShmKey key,
        int id,
        long size,
        long ownerUid,
        long ownerGid,
        long creatorUid,
        long creatorGid,
        long creatorPid,
        ShmPermissions permissions,
        Instant changeTime,
        boolean markedForRemoval,
        boolean locked) {

    /** Leaves out what others change. */
    public static Lasting of(ShmStatus status) {
        return new Lasting(status.key(), status.id(), status.size(), status.ownerUid(), status.ownerGid(),
                status.creatorUid(), status.creatorGid(), status.creatorPid(), status.permissions(),
                status.changeTime(),
                status.markedForRemoval(), status.locked());
    }

    /** The same but for its permissions and the time of their change. */
    public Lasting with(ShmPermissions otherPermissions, Instant otherTime) {
        return new Lasting(key, id, size, ownerUid, ownerGid, creatorUid, creatorGid, creatorPid, otherPermissions,
                otherTime, markedForRemoval, locked);
    }
}
