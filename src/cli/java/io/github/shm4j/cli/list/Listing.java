package io.github.shm4j.cli.list;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmCreators;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.command.RmidForced;
import io.github.shm4j.cli.system.Accounts;
import io.github.shm4j.cli.system.Attachments;
import io.github.shm4j.cli.system.Getent;
import io.github.shm4j.cli.system.Processes;
import io.github.shm4j.cli.terminal.Ages;
import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Sizes;
import java.util.List;

/** All blocks at one moment, with what the kernel's list lacks: names, ages, whether the creators are alive. */
public final class Listing {

    /** Why a block was not looked into, if {@link #survivesALook} is false. */
    public static final String ENDED_BY_A_LOOK =
            "nobody is attached, and kernel.shm_rmid_forced is set: a look into it would remove it";

    private static final String ORPHAN = "orphan";

    private final List<ShmStatus> blocks;
    private final long now;
    private final ShmCreators creators;
    private final Processes processes = new Processes();
    private final Accounts users;
    private final Accounts groups;
    private Attachments attachments;
    private Boolean rmidForced;

    private Listing(List<ShmStatus> blocks, Accounts users, Accounts groups) {
        this.blocks = blocks;
        this.users = users;
        this.groups = groups;
        now = System.currentTimeMillis() / 1000;
        creators = ShmCreators.of(blocks);
    }

    public static Listing take() throws ShmException {
        return take(false);
    }

    /**
     * Takes a listing.
     *
     * @param numeric whether to show numbers in place of the names of users and groups
     */
    public static Listing take(boolean numeric) throws ShmException {
        return of(SharedMemory.list(), numeric);
    }

    public static Listing of(List<ShmStatus> blocks, boolean numeric) {
        return new Listing(blocks, Accounts.users(numeric), Accounts.groups(numeric));
    }

    /** Takes a new listing that reuses the names known so far. */
    public Listing again() throws ShmException {
        return new Listing(SharedMemory.list(), users, groups);
    }

    public List<ShmStatus> blocks() {
        return blocks;
    }

    /** {@return the block that an argument names, or {@code null}} */
    public ShmStatus find(BlockArgument named) {
        return named.among(blocks);
    }

    /** Says so on standard error if numbers were shown because getent did not answer in time. */
    public static void sayIfNamesAreMissing() {
        if (Getent.hasGivenUp()) {
            Failure.say("some users or groups are shown as numbers: getent has not answered within "
                    + Getent.TIMEOUT.toSeconds() + " s; --numeric does not ask");
        }
    }

    public String user(long uid) {
        return users.name(uid);
    }

    String group(long gid) {
        return groups.name(gid);
    }

    public boolean creatorMayBeAlive(ShmStatus block) {
        return creators.mayBeAlive(block);
    }

    /** {@return {@link ShmStatus#isOrphaned()}} */
    boolean isOrphan(ShmStatus block) {
        return creators.isOrphaned(block);
    }

    /** {@return the command line of the creator, or {@code null} if it is dead or cannot be seen} */
    public String creatorCommand(ShmStatus block) {
        // Another process may have the pid of a dead one by now.
        return creatorMayBeAlive(block) ? processes.command(block.creatorPid()) : null;
    }

    /** {@return the processes that are attached, as far as they can be seen} */
    List<Long> attachedPids(ShmStatus block) {
        return block.attachCount() == 0 ? List.of() : attachments().pids(block.id());
    }

    /** {@return the number of attachments of processes that cannot be seen} */
    long unseenAttachments(ShmStatus block) {
        return block.attachCount() == 0 ? 0 : attachments().unseen(block.id(), block.attachCount());
    }

    private Attachments attachments() {
        if (attachments == null) {
            attachments = new Attachments();
        }
        return attachments;
    }

    /**
     * {@return whether a block stays if this process attaches to it and detaches} If {@code kernel.shm_rmid_forced} is set,
     * the kernel removes a block at its last detach: a look into an idle block would destroy it.
     */
    public boolean survivesALook(ShmStatus block) throws ShmException {
        if (block.attachCount() > 0) {
            return true;
        }
        if (rmidForced == null) {
            rmidForced = RmidForced.isSet();
        }
        return !rmidForced;
    }

    /** {@return the command line of a process that is alive, or {@code null} if it cannot be seen} */
    String command(long pid) {
        return processes.command(pid);
    }

    /** {@return the seconds since the block was created or its owner or permissions were set} */
    long age(ShmStatus block) {
        return Math.max(0, now - block.changeTime().getEpochSecond());
    }

    /** {@return what is special about the block, such as {@code "dest,locked"}, or {@code null}} */
    String condition(ShmStatus block) {
        boolean orphan = isOrphan(block);
        if (!block.locked() && !block.markedForRemoval()) {
            return orphan ? ORPHAN : null;
        }
        StringBuilder text = new StringBuilder();
        append(text, orphan, ORPHAN);
        append(text, block.markedForRemoval(), "dest");
        append(text, block.locked(), "locked");
        return text.toString();
    }

    private static void append(StringBuilder text, boolean applies, String word) {
        if (applies) {
            text.append(text.isEmpty() ? "" : ",").append(word);
        }
    }

    /** {@return a block in words: its id, key, size, owner and age} */
    public String describe(ShmStatus block) {
        return "block " + block.id() + " ("
                + (block.key().equals(ShmKey.PRIVATE) ? "without a key" : "key " + block.key()) + ", "
                + Sizes.inBytes(block.size()) + ", owner " + Printable.escape(user(block.ownerUid())) + ", "
                + Ages.format(age(block))
                + " old)";
    }
}
