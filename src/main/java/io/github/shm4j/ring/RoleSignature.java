package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;

import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The signature of one object in a field of its ring that names the owner of a role: the consumer, the only producer, or a
 * producer with a slot.
 *
 * <p>The field names a process, and several objects of it can have the ring open. So if signing or giving back ends with
 * something thrown, at whatever instruction, a field that names this process is this object's only as long as no other
 * object of the process was about to sign anything since.
 */
final class RoleSignature {

    private static final int NONE = 0;
    private static final int HELD = 1;

    /** The field is being changed, or something was thrown when it was. */
    private static final int UNSURE = 2;

    private static final int MOST_ROUNDS = 1000;

    /** How often objects of this process were about to sign. */
    private static final AtomicLong SIGNED = new AtomicLong();

    private final long offset;
    private final long self;
    private int state = NONE;

    /** What {@link #SIGNED} was when the state became unsure. */
    private long signedWhenUnsure;

    /**
     * Makes the signature of an object that has not signed.
     *
     * @param offset where the field is
     * @param self how this process signs
     */
    RoleSignature(long offset, long self) {
        this.offset = offset;
        this.self = self;
    }

    long offset() {
        return offset;
    }

    /** {@return whether the object may have signed} */
    boolean mayBeHeld() {
        return state != NONE;
    }

    /** Finds out whether the object has signed, also after something was thrown. */
    boolean isHeld(MemorySegment memory) {
        if (state == UNSURE) {
            state = isStillOurs(memory) ? HELD : NONE;
        }
        return state == HELD;
    }

    private boolean isStillOurs(MemorySegment memory) {
        // In this order: another object's signature comes after its being counted.
        return isSigned(memory) && SIGNED.get() == signedWhenUnsure;
    }

    /** {@return whether the field names this process still, as it does unless somebody has overwritten it} */
    boolean isSigned(MemorySegment memory) {
        return (long) LONG.getAcquire(memory, offset) == self;
    }

    /**
     * Signs in place of an owner.
     *
     * @param owner who has to be there: nobody, or a process that has terminated
     * @return the owner if the object has signed, or else who is there
     */
    long sign(MemorySegment memory, long owner) {
        signedWhenUnsure = SIGNED.incrementAndGet();
        state = UNSURE;
        long found = (long) LONG.compareAndExchange(memory, offset, owner, self);
        state = found == owner ? HELD : NONE;
        return found;
    }

    /**
     * Signs for a role that only one can have.
     *
     * @param sharesNamespaces whether the pids in the ring mean something here
     * @param role what the role is called
     * @throws RingOccupiedException if somebody has it who may be alive
     */
    void take(MemorySegment memory, boolean sharesNamespaces, String role) {
        if (isHeld(memory)) {
            return;
        }
        long owner = Owner.NOBODY;
        // Each further round means that the owner has changed between two of our steps.
        for (int round = 0; round < MOST_ROUNDS; round++) {
            long found = sign(memory, owner);
            if (found == owner) {
                return;
            }
            if (found != Owner.NOBODY && !Owner.isTerminated(found, sharesNamespaces)) {
                throw new RingOccupiedException("the ring has a " + role + " already: "
                        + (found == self ? "this process, " + Owner.pid(self) + ", through another object"
                                : Owner.describe(found, sharesNamespaces)));
            }
            owner = found;
        }
        throw RingCorruptedException.overwritten("the " + role + " changes all the time");
    }

    /** Gives the role back if the object has it. */
    void giveBack(MemorySegment memory) {
        if (!isHeld(memory)) {
            return;
        }
        signedWhenUnsure = SIGNED.get();
        state = UNSURE;
        LONG.setRelease(memory, offset, Owner.NOBODY);
        state = NONE;
    }

    /** Takes note that somebody else has the role. */
    void forget() {
        state = NONE;
    }
}
