package io.github.shm4j.support;

import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import java.time.Instant;

/**
 * The part of a block's status that only its owner changes. Any process that looks into a block attaches to it for a moment,
 * and so changes the count, the times and the process of attachments.
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

    /** Leaves out the rest of a status. */
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
