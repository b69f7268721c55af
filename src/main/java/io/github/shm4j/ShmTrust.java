package io.github.shm4j;

import io.github.shm4j.internal.Credentials;
import java.util.Arrays;

/**
 * Whose blocks a program is willing to open.
 *
 * <p>Any user can create a block with any key. A program that opens a key unchecked may therefore share memory with a
 * stranger, who can also change the permissions and remove the block. The owner and the creator both have this power, so
 * both must be trusted.
 *
 * <p>Instances are immutable.
 *
 * @see SharedMemory#open(ShmKey, ShmTrust)
 */
public final class ShmTrust {

    private static final ShmTrust ANYONE = new ShmTrust(true, false);
    private static final ShmTrust CALLER_OR_ROOT = new ShmTrust(false, false);

    private final boolean anyone;
    private final boolean noOtherWriters;
    private final long[] uids;

    private ShmTrust(boolean anyone, boolean noOtherWriters, long... uids) {
        this.anyone = anyone;
        this.noOtherWriters = noOtherWriters;
        this.uids = uids;
    }

    /**
     * Trusts everybody.
     *
     * @return a trust that refuses no block
     */
    public static ShmTrust anyone() {
        return ANYONE;
    }

    /**
     * Trusts the effective user of this process, and root.
     *
     * <p>In a user namespace, all unmapped users appear as one, usually 65534. A process that itself runs as that user
     * trusts them all.
     *
     * @return a trust that refuses blocks of all other users
     */
    public static ShmTrust callerOrRoot() {
        return CALLER_OR_ROOT;
    }

    /**
     * Trusts certain users besides the effective user of this process and root.
     *
     * @param uids their user ids
     * @return a trust that refuses blocks of all other users
     * @throws IllegalArgumentException if a user id is not from 0 to 4294967294
     */
    public static ShmTrust users(long... uids) {
        for (long uid : uids) {
            SharedMemory.requireUnsigned("uid", uid);
        }
        return new ShmTrust(false, false, uids.clone());
    }

    /**
     * Returns a trust that also refuses blocks which others than the owner may write.
     *
     * @return the stricter trust
     */
    public ShmTrust withoutOtherWriters() {
        return new ShmTrust(anyone, true, uids);
    }

    boolean refusesNothing() {
        return anyone && !noOtherWriters;
    }

    void verify(ShmStatus status) throws ShmUntrustedException {
        String reason;
        if (!trusts(status.ownerUid())) {
            reason = "is owned by user " + status.ownerUid();
        } else if (!trusts(status.creatorUid())) {
            reason = "was created by user " + status.creatorUid();
        } else if (noOtherWriters && status.permissions().isWritableByOthers()) {
            reason = "can be written by others (" + status.permissions() + ")";
        } else {
            return;
        }
        throw new ShmUntrustedException("open", "open(" + status.key() + "): block " + status.id() + " " + reason
                + ", and only " + this
                + " is trusted. Choose another key, find out who created the block, or pass a ShmTrust"
                + " that allows it.");
    }

    private boolean trusts(long uid) {
        if (anyone || uid == 0 || uid == Credentials.effectiveUid()) {
            return true;
        }
        for (long trusted : uids) {
            if (trusted == uid) {
                return true;
            }
        }
        return false;
    }

    /** {@return who is trusted} */
    @Override
    public String toString() {
        String users = anyone ? "anyone" : uids.length == 0 ? "the caller or root" : "the caller, root or a user of "
                + Arrays.toString(uids);
        return noOtherWriters ? users + " as the only writer" : users;
    }
}
