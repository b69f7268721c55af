package io.github.shm4j.cli.list;

import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** The status of a block that is not there. */
record ExampleBlock(int id, long attachCount, long creatorPid) implements ShmStatus {

    @Override
    public ShmKey key() {
        return ShmKey.of(id);
    }

    @Override
    public long size() {
        return 1000;
    }

    @Override
    public long ownerUid() {
        return 0;
    }

    @Override
    public long ownerGid() {
        return 0;
    }

    @Override
    public long creatorUid() {
        return 0;
    }

    @Override
    public long creatorGid() {
        return 0;
    }

    @Override
    public ShmPermissions permissions() {
        return ShmPermissions.OWNER_ONLY;
    }

    @Override
    public long lastPid() {
        return 0;
    }

    @Override
    public Optional<Instant> lastAttachTime() {
        return Optional.empty();
    }

    @Override
    public Optional<Instant> lastDetachTime() {
        return Optional.empty();
    }

    @Override
    public Instant changeTime() {
        return Instant.EPOCH;
    }

    @Override
    public boolean markedForRemoval() {
        return false;
    }

    @Override
    public boolean locked() {
        return false;
    }

    @Override
    public OptionalLong residentSize() {
        return OptionalLong.empty();
    }

    @Override
    public OptionalLong swappedSize() {
        return OptionalLong.empty();
    }
}
