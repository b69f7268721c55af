package io.github.shm4j.structure;

import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A role in a structure that one object of one process has at a time, as one object of the structure gives it. */
public final class SoleRole {

    /** What has the role, from when it was taken until it is given back. */
    public static final class Hold {

        private boolean closed;

        private long signing;
        private long count;

        /** {@return what is counted beside the field for as long as nobody has taken the role away, or counts late} */
        public long count() {
            return count;
        }

        /** {@return whether nobody has begun to give the role back} */
        public boolean isOpen() {
            return !closed;
        }
    }

    private final Format format;
    private final String name;
    private final boolean sharesNamespaces;
    private final RoleSignature signature;

    /** The last one that had the role. */
    private Hold last;

    /**
     * Makes a role, which nobody has taken by this object.
     *
     * @param offset where the field is that names the process
     * @param countOffset where it is counted how often the role was taken from an owner that had not given it back
     * @param name what the role is called
     */
    public SoleRole(Format format, Header header, long offset, long countOffset, String name) {
        this.format = format;
        this.name = name;
        this.sharesNamespaces = header.sharesNamespaces();
        this.signature = new RoleSignature(offset, countOffset, header.self());
    }

    /** Links what this class calls, where there is stack for it. */
    public static void prepare() {
        Owner.prepare();
        Events.prepare();
        RoleSignature.prepare();
    }

    /**
     * Gives the role to the next one, once the last one has given it back or has lost it. Whoever is to have it is there before it is
     * taken. If something is thrown between, the next call finds out whether it was.
     */
    public synchronized void take(Hold next, MemorySegment memory) {
        leaveLast(memory);
        signature.take(memory, sharesNamespaces, format.name(), name, format);
        hold(next);
    }

    /** As {@link #take}, whoever has the role, but for another object of this process. */
    public synchronized void takeOver(Hold next, MemorySegment memory) {
        leaveLast(memory);
        signature.takeOver(memory, sharesNamespaces, format.name(), name, format);
        hold(next);
    }

    private void hold(Hold next) {
        next.signing = signature.signing();
        next.count = signature.count();
        last = next;
    }

    /** {@return whether somebody has taken the role away: to be asked where the count is not that of the hold} */
    public boolean isLost(Hold hold, MemorySegment memory) {
        OptionalLong count = signature.count(memory, hold.signing);
        hold.count = count.orElse(hold.count);
        return count.isEmpty();
    }

    /** {@return what to throw in the place of an object that has lost the role} */
    public RuntimeException lost(MemorySegment memory) {
        return signature.lost(memory, sharesNamespaces, format.name(), name, format);
    }

    private void leaveLast(MemorySegment memory) {
        if (last != null) {
            if (last.isOpen()) {
                // Whoever takes the role away signs before he counts.
                if (signature.isLost(memory) || !signature.isSigned(memory)) {
                    // It was not closed: it goes on saying that it has lost its role, and asks for that once more.
                    last.count = ~last.count;
                    signature.giveBack(memory);
                    last = null;
                    return;
                }
                throw format.occupied("the " + format.name() + " has a " + name
                        + " already: this process, through the same object; close that " + name + " first");
            }
            // Something may have been thrown when it was closed.
            giveBack(last, memory);
        }
        last = null;
    }

    /** Gives the role back, unless that was done: all that one object gives share its signature, and it may be the next one's. */
    public synchronized void giveBack(Hold hold, MemorySegment memory) {
        if (hold == last) {
            hold.closed = true;
            signature.giveBack(memory);
        }
    }

    /** {@return whether the field names this process, as it does unless somebody else has taken the role from it} */
    public boolean isSigned(MemorySegment memory) {
        return signature.isSigned(memory);
    }

    /** {@return what gives the role back when the memory has gone, without a reference to that memory} */
    public Consumer<MemorySegment> beforeDetach() {
        return signature::giveBack;
    }
}
