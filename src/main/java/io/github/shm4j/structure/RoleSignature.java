package io.github.shm4j.structure;

import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The signature of one object in a field of shared memory that names the owner of a role, such as the consumer of a ring.
 *
 * <p>The field names a process, and several objects of it can have the memory open, through mappings of their own. If something
 * is thrown when it signs or gives back, at whatever instruction, the field alone does not say whether it is this object's.
 * So the objects of a process sign one after the other, and each finds out first, for all whose call has thrown, what that
 * call has stored: until then no other object of the process can have signed the same field.
 */
public final class RoleSignature {

    /** What is thrown where a role cannot be had. */
    public interface Refusal {

        /** {@return what to throw where somebody has a role who may be alive} */
        RuntimeException occupied(String message);

        /** {@return what to throw where something is as only who overwrites the memory can have made it} */
        RuntimeException overwritten(String what);
    }

    /** The objects of this process out of whose call something was thrown, the last one first. */
    private static final class Process {

        private static final Map<Long, Process> ALL = new ConcurrentHashMap<>();

        private RoleSignature unsure;

        /** {@return the process that signs in this way: there are two ways, one for memory of other namespaces} */
        static Process of(long self) {
            Process known = ALL.get(self);
            if (known == null) {
                known = new Process();
                Process other = ALL.putIfAbsent(self, known);
                return other != null ? other : known;
            }
            return known;
        }

        private void add(RoleSignature signature) {
            signature.nextUnsure = unsure;
            unsure = signature;
        }

        private void remove(RoleSignature signature) {
            if (unsure == signature) {
                unsure = signature.nextUnsure;
            } else {
                for (RoleSignature each = unsure; each != null; each = each.nextUnsure) {
                    if (each.nextUnsure == signature) {
                        each.nextUnsure = signature.nextUnsure;
                    }
                }
            }
        }

        /**
         * Finds out what the calls have stored out of which something was thrown, where the calling thread may look.
         *
         * @param offset where the field is that is to be signed next
         */
        private void reconcileAll(long offset) {
            RoleSignature next;
            for (RoleSignature each = unsure; each != null; each = next) {
                next = each.nextUnsure;
                boolean signed = each.state == HELD;
                try {
                    // It may be here still although it is known, as something was thrown then, too.
                    if (each.state == UNSURE) {
                        signed = each.isSigned(each.memory);
                    }
                } catch (WrongThreadException ofAnotherThread) {
                    if (each.offset != offset) {
                        // That thread finds out itself.
                        continue;
                    }
                    // It may be the same field, in another mapping: once that is signed, it says nothing about this signature. If it
                    // is another field that names this process, it does so until the process terminates.
                } catch (RuntimeException | InternalError gone) {
                    // The memory has gone: the field stays as it is until the process terminates.
                }
                each.becomeSure(signed);
            }
        }
    }

    private static final int NONE = 0;
    private static final int HELD = 1;

    /** The field is being changed, or something was thrown when it was. */
    private static final int UNSURE = 2;

    private static final int MOST_ROUNDS = 1000;

    private final long offset;
    private final long self;
    private final Process process;
    private volatile int state = NONE;

    /** Where the field is, while that is unsure; otherwise null, as the memory may go before this object. */
    private MemorySegment memory;

    private RoleSignature nextUnsure;

    /**
     * Makes the signature of an object that has not signed.
     *
     * @param offset where the field is
     * @param self how this process signs
     */
    public RoleSignature(long offset, long self) {
        this.offset = offset;
        this.self = self;
        this.process = Process.of(self);
    }

    public long offset() {
        return offset;
    }

    /** {@return whether the object may have signed} */
    public boolean mayBeHeld() {
        return state != NONE;
    }

    /** Finds out whether the object has signed, also after something was thrown. */
    public boolean isHeld(MemorySegment memory) {
        if (state == UNSURE) {
            synchronized (process) {
                if (state == UNSURE) {
                    becomeSure(isSigned(memory));
                }
            }
        }
        return state == HELD;
    }

    /** {@return whether the field names this process still, as it does unless somebody has overwritten it} */
    public boolean isSigned(MemorySegment memory) {
        return (long) LONG.getAcquire(memory, offset) == self;
    }

    /**
     * Signs in place of an owner.
     *
     * @param owner who has to be there: nobody, or a process that has terminated
     * @return the owner if the object has signed, or else who is there
     */
    public long sign(MemorySegment memory, long owner) {
        synchronized (process) {
            // If it is this process already, it is so through another object, and stays so if something is thrown.
            long found = (long) LONG.getAcquire(memory, offset);
            if (found == owner) {
                process.reconcileAll(offset);
                becomeUnsure(memory);
                found = (long) LONG.compareAndExchange(memory, offset, owner, self);
                becomeSure(found == owner);
            }
            return found;
        }
    }

    private void becomeUnsure(MemorySegment memory) {
        process.remove(this);
        this.memory = memory;
        process.add(this);
        state = UNSURE;
    }

    /** Takes note of what the field is, without a call before the state says it. */
    private void becomeSure(boolean held) {
        state = held ? HELD : NONE;
        process.remove(this);
        memory = null;
    }

    /**
     * Signs for a role that only one can have.
     *
     * @param sharesNamespaces whether the pids in the memory mean something here
     * @param structure what the memory holds
     * @param role what the role is called
     * @param refusal what is thrown if the role cannot be had
     */
    public void take(
            MemorySegment memory, boolean sharesNamespaces, String structure, String role, Refusal refusal) {
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
                throw refusal.occupied("the " + structure + " has a " + role + " already: "
                        + (found == self ? "this process, " + Owner.pid(self) + ", through another object"
                                : Owner.describe(found, sharesNamespaces)));
            }
            owner = found;
        }
        throw refusal.overwritten("the " + role + " changes all the time");
    }

    /** Gives the role back if the object has it. */
    public void giveBack(MemorySegment memory) {
        if (!isHeld(memory)) {
            return;
        }
        synchronized (process) {
            becomeUnsure(memory);
            LONG.setRelease(memory, offset, Owner.NOBODY);
            becomeSure(false);
        }
    }

    /** Takes note that somebody else has the role. */
    public void forget() {
        if (state != NONE) {
            synchronized (process) {
                becomeSure(false);
            }
        }
    }
}
