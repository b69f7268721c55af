package io.github.shm4j.structure;

import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The signature of one object in a field of shared memory that names who has a role there, such
 * as the writer.
 *
 * <p>The field names a process, and several objects of it can have the memory open. So if signing or giving back ends with
 * something thrown, at whatever instruction, a field that names this process is this object's only as long as no other
 * object of the process was about to sign anything since.
 */
public final class Role {

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
    public Role(long offset, long self) {
        this.offset = offset;
        this.self = self;
    }

    /** Finds out whether the object has signed, also after something was thrown. */
    public boolean isHeld(MemorySegment memory) {
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
    public boolean isSigned(MemorySegment memory) {
        return (long) LONG.getAcquire(memory, offset) == self;
    }

    /**
     * Signs in place of a holder.
     *
     * @param holder who has to be there: nobody, or a process that has ended
     * @return the holder if the object has signed, or else who is there
     */
    public long sign(MemorySegment memory, long holder) {
        signedWhenUnsure = SIGNED.incrementAndGet();
        state = UNSURE;
        long found = (long) LONG.compareAndExchange(memory, offset, holder, self);
        state = found == holder ? HELD : NONE;
        return found;
    }

    /**
     * Signs for a role that only one can have.
     *
     * @param sharesNamespaces whether the pids in the memory mean something here
     * @param format what is thrown if the role cannot be had
     * @param name what the role is called
     */
    public void take(MemorySegment memory, boolean sharesNamespaces, Format format, String name) {
        if (isHeld(memory)) {
            return;
        }
        long holder = Owner.NOBODY;
        // Each further round means that the holder has changed between two of our steps.
        for (int round = 0; round < MOST_ROUNDS; round++) {
            long found = sign(memory, holder);
            if (found == holder) {
                return;
            }
            if (found != Owner.NOBODY && !Owner.isTerminated(found, sharesNamespaces)) {
                throw format.occupied("the " + format.name + " has a " + name + " already: "
                        + (found == self ? "this process, " + Owner.pid(self) + ", through another object"
                                : Owner.describe(found, sharesNamespaces)));
            }
            holder = found;
        }
        throw format.corrupted("the " + name + " changes all the time: the memory was overwritten");
    }

    /** Gives the role back if the object has it. */
    public void giveBack(MemorySegment memory) {
        if (!isHeld(memory)) {
            return;
        }
        signedWhenUnsure = SIGNED.get();
        state = UNSURE;
        LONG.setRelease(memory, offset, Owner.NOBODY);
        state = NONE;
    }
}
