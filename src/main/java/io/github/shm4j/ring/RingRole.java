package io.github.shm4j.ring;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.structure.RoleSignature;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A role in a ring that one object of one process has at a time: the consumer's, or that of the only producer. An object of the
 * ring gives it to one object after the other.
 *
 * @param <R> what has the role
 */
final class RingRole<R> {

    final RoleSignature signature;

    private final RingBuffer ring;
    private final String name;
    private final Predicate<R> isOpen;
    private final Consumer<R> begin;
    private final Consumer<R> leave;

    /** The last one that had the role. */
    private R last;

    /**
     * Makes a role that nobody has by this object.
     *
     * @param name what the role is called
     * @param offset where the field is that names the process
     * @param countOffset where it is counted how often the role was taken from an owner that had not given it back
     * @param isOpen whether an object was not closed, and has the role
     * @param begin lets an object begin, once the role is taken
     * @param leave lets an object that is not open give back what it may have still, as something was thrown when it was closed
     */
    RingRole(
            RingBuffer ring,
            String name,
            long offset,
            long countOffset,
            Predicate<R> isOpen,
            Consumer<R> begin,
            Consumer<R> leave) {
        this.ring = ring;
        this.name = name;
        this.signature = new RoleSignature(offset, countOffset, ring.self);
        this.isOpen = isOpen;
        this.begin = begin;
        this.leave = leave;
    }

    /** Gives the role to an object that has not begun, if nobody has it who may be alive. */
    R take(R next) {
        return take(next, false);
    }

    /** Gives the role to an object that has not begun, whoever has it, but for another object of this process. */
    R takeOver(R next) {
        return take(next, true);
    }

    private R take(R next, boolean fromAnybody) {
        ring.requireWritable();
        MemorySegment memory = ring.memory;
        synchronized (signature) {
            if (last != null) {
                if (isOpen.test(last)) {
                    throw new RingOccupiedException("the ring has a " + name + " already: this process, "
                            + Owner.pid(ring.self) + ", through the same object; close that " + name + " first");
                }
                leave.accept(last);
            }
            last = null;
            if (fromAnybody) {
                signature.takeOver(memory, ring.sharesNamespaces, "ring", name, RingFormat.ANY);
            } else {
                signature.take(memory, ring.sharesNamespaces, "ring", name, RingFormat.ANY);
            }
            try {
                begin.accept(next);
            } catch (Throwable failure) {
                try {
                    signature.giveBack(memory);
                } catch (Throwable again) {
                    // The next call finds out whether this process has the role still.
                    failure.addSuppressed(again);
                }
                throw failure;
            }
            last = next;
            return next;
        }
    }

    /** {@return what an object throws that has lost the role} */
    RuntimeException lost() {
        return signature.lost(ring.memory, ring.sharesNamespaces, "ring", name, RingFormat.ANY);
    }
}
