package io.github.shm4j.structure;

import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.TakeOver;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.OptionalLong;

/**
 * The signature of one object in a field of shared memory that names the owner of a role, such as the consumer of a ring.
 *
 * <p>The field names a process, and several objects of it can have the memory open, through mappings of their own. If something
 * is thrown when it signs or gives back, at whatever instruction, the field alone does not say whether it is this object's.
 * So the objects of a process sign one after the other, and each finds out first, for all whose call has thrown, what that
 * call has stored: until then no other object of the process can have signed the same field.
 *
 * <p>A role can be taken away from an owner that may be alive. The field alone would not tell that owner, as its process can sign
 * again through another object. So some fields have a count beside them: how often the role was taken from an owner that had
 * not given it back. Whoever signs notes the count, and looks at the field once more as soon as it is another one. A process that
 * was robbed before it had counted counts when it goes on: then the field names the one who has noted the count still.
 */
public final class RoleSignature {

    /** What is thrown where a role cannot be had. */
    public interface Refusal {

        /** {@return what to throw where somebody has a role who may be alive} */
        RuntimeException occupied(String message);

        /** {@return what to throw where something is as only who overwrites the memory can have made it} */
        RuntimeException overwritten(String what);

        /** {@return what to throw where somebody has taken a role away} */
        RuntimeException lost(String message);

        /** {@return whether the command line has such roles, and takes them over} */
        default boolean hasCommands() {
            return false;
        }
    }

    private static final int NONE = 0;
    static final int HELD = 1;

    /** The field is being changed, or something was thrown when it was. */
    static final int UNSURE = 2;

    private static final int MOST_ROUNDS = 1000;

    /** In place of an offset: the role is never taken away. */
    private static final long NO_COUNT = -1;

    final long offset;
    private final long countOffset;
    private final long self;
    private final Signers process;
    volatile int state = NONE;

    /**
     * Where the field is, while that is unsure; otherwise null, as the memory may go before this object. Nor does an object that is
     * unsure keep the memory: the process knows it for as long as it is.
     */
    WeakReference<MemorySegment> memory;

    RoleSignature nextUnsure;

    /** Whether the role was taken from an owner that had not given it back, which is to be counted. */
    private boolean uncounted;

    /** What the count was when the object had signed, or when it has last found out that it has its role still. */
    private long count;

    /** Whether the role was taken from an owner that may be alive, which has not been waited for. */
    private boolean unwaited;

    /** An owner that cannot be seen, in whose place the object has signed, until it is sure that it had not come back. */
    private long unconfirmed = Owner.NOBODY;

    /** The number of the signature: no object of the process has another one with it. */
    long signing;

    /** What was signed. */
    Signers.Field field;

    /**
     * Makes the signature of an object that has not signed, for a role that is never taken away.
     *
     * @param offset where the field is
     * @param self how this process signs
     */
    public RoleSignature(long offset, long self) {
        this(offset, NO_COUNT, self);
    }

    /**
     * Makes the signature of an object that has not signed.
     *
     * @param offset where the field is
     * @param countOffset where it is counted how often the role was taken from an owner that had not given it back
     * @param self how this process signs
     */
    public RoleSignature(long offset, long countOffset, long self) {
        this.offset = offset;
        this.countOffset = countOffset;
        this.self = self;
        this.process = Signers.of(self);
    }

    /** Links what this class calls, where there is stack for it. */
    public static void prepare() {
        TakeOver.prepare();
        Signers.prepare();
    }

    public long offset() {
        return offset;
    }

    /** {@return whether the object may have signed} */
    public boolean mayBeHeld() {
        return state != NONE;
    }

    /**
     * Finds out whether the object has signed, also after something was thrown, and does the rest of it: only a role that was
     * counted is held.
     */
    public boolean isHeld(MemorySegment memory) {
        if (state == UNSURE) {
            synchronized (process) {
                if (state == UNSURE) {
                    becomeSure(isSigned(memory) && settle(memory));
                }
            }
        }
        return state == HELD;
    }

    /**
     * Does what there is to do once the field names the object: makes sure that it has come in the place of nobody who is back,
     * counts if this is to be counted, and notes the count.
     *
     * @return whether the field names it still
     */
    private boolean settle(MemorySegment memory) {
        if (unconfirmed != Owner.NOBODY) {
            // An owner that cannot be seen may have attached the memory between the first count of attachments and the change of the
            // field, and have signed as it had before. If it has not done so by now, the field has not named it since.
            if (!Owner.isGone(unconfirmed, false, memory)) {
                LONG.compareAndExchange(memory, offset, self, unconfirmed);
                return false;
            }
            unconfirmed = Owner.NOBODY;
        }
        if (countOffset == NO_COUNT) {
            return true;
        }
        if (uncounted) {
            // SYNC POINT count: with the reads in RoleSignature.settle, RoleSignature.isLost, RoleSignature.noteAgain,
            // ReadCursor.hasLostRole, SpscWriteCursor.hasLostRole, LatestValueWriter.requireRole and BroadcastProducer.requireRole.
            // The field names us already.
            LONG.getAndAdd(memory, countOffset, 1L);
            uncounted = false;
        }
        // SYNC POINT count: with the increment in RoleSignature.settle. Whoever takes the role away has signed before that.
        count = (long) LONG.getAcquire(memory, countOffset);
        return isSigned(memory);
    }

    /** {@return whether the field names this process still, as it does unless somebody has overwritten it} */
    public boolean isSigned(MemorySegment memory) {
        return (long) LONG.getAcquire(memory, offset) == self;
    }

    /**
     * Signs in place of nobody.
     *
     * @return {@link Owner#NOBODY} if the object has signed, or else who is there
     */
    public long sign(MemorySegment memory) {
        return sign(memory, Owner.NOBODY, false);
    }

    /**
     * Signs in place of an owner.
     *
     * @param owner who has to be there: nobody, or a process that is gone
     * @param unseen whether only the number of attachments says that it is gone
     * @return who was there, or is by now if the object has been robbed at once; if that is the owner, {@link #isHeld} says whether
     *     the object has signed
     */
    public long sign(MemorySegment memory, long owner, boolean unseen) {
        synchronized (process) {
            // If it is this process already, it is so through another object, and stays so if something is thrown.
            long found = (long) LONG.getAcquire(memory, offset);
            if (found == owner) {
                Signers.Field next = Signers.field(memory, offset);
                process.reconcileAll(next, offset);
                field = next;
                becomeUnsure(memory);
                unconfirmed = unseen ? owner : Owner.NOBODY;
                if (countOffset != NO_COUNT) {
                    process.number(this);
                }
                found = (long) LONG.compareAndExchange(memory, offset, owner, self);
                boolean held = found == owner && settle(memory);
                becomeSure(held);
                if (found == owner && !held) {
                    found = (long) LONG.getAcquire(memory, offset);
                }
            }
            return found;
        }
    }

    private void becomeUnsure(MemorySegment memory) {
        // Made first: there may be no memory for it.
        WeakReference<MemorySegment> where = new WeakReference<>(memory);
        process.remove(this);
        this.memory = where;
        process.add(this);
        state = UNSURE;
    }

    /** Takes note of what the field is, without a call before the state says it. */
    void becomeSure(boolean held) {
        state = held ? HELD : NONE;
        process.remove(this);
        memory = null;
        unconfirmed = Owner.NOBODY;
        if (!held) {
            process.drop(this);
        }
    }

    /**
     * Signs for a role that only one can have, if nobody has it who may be alive.
     *
     * @param sharesNamespaces whether the pids in the memory mean something here
     * @param structure what the memory holds
     * @param role what the role is called
     * @param refusal what is thrown if the role cannot be had
     */
    public void take(
            MemorySegment memory, boolean sharesNamespaces, String structure, String role, Refusal refusal) {
        take(memory, sharesNamespaces, structure, role, refusal, false);
        awaitNotice();
    }

    /**
     * Signs for a role that only one can have, whoever has it, but for another object of this process. Returns when an owner
     * that is running and has lost the role has finished what it had begun.
     *
     * @param sharesNamespaces whether the pids in the memory mean something here
     * @param structure what the memory holds
     * @param role what the role is called
     * @param refusal what is thrown if the role cannot be had
     */
    public void takeOver(
            MemorySegment memory, boolean sharesNamespaces, String structure, String role, Refusal refusal) {
        take(memory, sharesNamespaces, structure, role, refusal, true);
        awaitNotice();
    }

    /** Waits for an owner that may be alive, also if something was thrown when it was to be waited for the first time. */
    private void awaitNotice() {
        if (unwaited) {
            TakeOver.awaitNotice();
            unwaited = false;
        }
    }

    private void take(
            MemorySegment memory,
            boolean sharesNamespaces,
            String structure,
            String role,
            Refusal refusal,
            boolean fromAnybody) {
        if (isHeld(memory) && !isLost(memory)) {
            // Something was thrown when it had signed.
            return;
        }
        long owner = Owner.NOBODY;
        boolean gone = false;
        // Each further round means that the owner has changed between two of our steps.
        for (int round = 0; round < MOST_ROUNDS; round++) {
            uncounted = owner != Owner.NOBODY;
            // By the time that it has signed, an owner that cannot be seen may be back.
            unwaited = uncounted && (!gone || fromAnybody && Owner.isUnseen(owner, sharesNamespaces));
            long found = sign(memory, owner, gone && !fromAnybody && Owner.isUnseen(owner, sharesNamespaces));
            if (found == owner && isHeld(memory)) {
                if (owner != Owner.NOBODY) {
                    Events.succeeded(memory, structure, role, owner, !gone);
                }
                return;
            }
            gone = Owner.isGone(found, sharesNamespaces, memory);
            if (found != Owner.NOBODY && !gone && (found == self || !fromAnybody)) {
                throw refusal.occupied("the " + structure + " has a " + role + " already: "
                        + (found == self ? "this process, " + Owner.pid(self) + ", through another object"
                                : Owner.describe(found, sharesNamespaces)
                                        + wayOut(found, sharesNamespaces, role, refusal)));
            }
            owner = found;
        }
        throw refusal.overwritten("the " + role + " changes all the time");
    }

    /** {@return how the role can be had from an owner of which nobody here can see whether it is alive} */
    private String wayOut(long owner, boolean sharesNamespaces, String role, Refusal refusal) {
        if (!Owner.isUnseen(owner, sharesNamespaces)) {
            return "";
        }
        return ", of which nobody can see here whether it is running; the role can be had once no other process has the"
                + " memory attached, nor this one by other means than this library"
                + (countOffset == NO_COUNT
                        ? ""
                        : ", or at once with takeOver" + Character.toUpperCase(role.charAt(0)) + role.substring(1)
                                + (refusal.hasCommands() ? " or --take-over" : "")
                                + ", if it is known that it has terminated");
    }

    /** {@return the number of the signature, which is another one each time that the object signs} */
    public long signing() {
        return signing;
    }

    /** {@return what the count is for as long as the object has its role, and nobody counts late} */
    public long count() {
        return count;
    }

    /** {@return whether somebody has taken the role away since the object has signed} */
    public boolean isLost(MemorySegment memory) {
        // SYNC POINT count: with the increment in RoleSignature.settle.
        return countOffset != NO_COUNT && (long) LONG.getAcquire(memory, countOffset) != count && !noteAgain(memory);
    }

    /**
     * {@return what the count is for as long as an object that has signed with a number has its role; nothing if somebody has taken
     * it away}
     *
     * @param number the number: the object may have signed again since, for another one that has the role
     */
    public OptionalLong count(MemorySegment memory, long number) {
        synchronized (process) {
            return signing != number || isLost(memory) ? OptionalLong.empty() : OptionalLong.of(count);
        }
    }

    /**
     * Notes the count again, if it was not for a robbery of this object that it was changed: who was robbed before it had counted
     * counts when it goes on.
     *
     * @return whether the object has its role still
     */
    private boolean noteAgain(MemorySegment memory) {
        synchronized (process) {
            // SYNC POINT count: with the increment in RoleSignature.settle. Whoever takes the role away has signed before that.
            long now = (long) LONG.getAcquire(memory, countOffset);
            // Another object of this process would have signed in the same way.
            boolean held = isSigned(memory) && process.isLatest(this);
            if (held) {
                count = now;
            }
            return held;
        }
    }

    /** {@return what to throw in the place of an object that has lost its role} */
    public RuntimeException lost(
            MemorySegment memory, boolean sharesNamespaces, String structure, String role, Refusal refusal) {
        long owner = (long) LONG.getAcquire(memory, offset);
        return refusal.lost("this " + role + " has lost its role: "
                + (owner == Owner.NOBODY ? "another process has taken it over and given it back since"
                        : owner == self ? "another process had taken it over, and this process, " + Owner.pid(self)
                                + ", has it through another object"
                        : Owner.describe(owner, sharesNamespaces) + ", has taken it over")
                + "; ask the " + structure + " for a new " + role + " if this process is to have the role again");
    }

    /** Gives the role back if the object has it. */
    public void giveBack(MemorySegment memory) {
        if (!isHeld(memory)) {
            return;
        }
        if (unwaited && !isLost(memory)) {
            // Whoever has the role next comes in the place of nobody, and does not wait.
            awaitNotice();
        }
        synchronized (process) {
            if (isLost(memory)) {
                // The field may name this process through another object.
                becomeSure(false);
                return;
            }
            becomeUnsure(memory);
            // Somebody else may have signed since.
            LONG.compareAndExchangeRelease(memory, offset, self, Owner.NOBODY);
            becomeSure(false);
        }
    }

    /**
     * Takes note that somebody else has the role.
     *
     * @param number with what the object has signed that has lost it: what was signed since is another one's
     */
    public void forget(long number) {
        synchronized (process) {
            if (signing == number && state != NONE) {
                becomeSure(false);
            }
        }
    }
}
