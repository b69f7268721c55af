package io.github.shm4j.state;

import io.github.shm4j.structure.Header;
import io.github.shm4j.structure.RoleSignature;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** The role of the writer, as one {@link LatestValue} gives it: to one {@link LatestValueWriter} at a time. */
final class WriterRole {

    private final LatestValue value;
    private final boolean sharesNamespaces;
    private final RoleSignature signature;

    /** The last one that was made. */
    private LatestValueWriter last;

    WriterRole(LatestValue value, Header header) {
        this.value = value;
        this.sharesNamespaces = header.sharesNamespaces();
        this.signature = new RoleSignature(LatestValueFormat.WRITER_OFFSET, header.self());
    }

    /** Makes the next writer, once the last one has given the role back. */
    synchronized LatestValueWriter take() {
        if (last != null) {
            if (last.isOpen()) {
                throw new ValueOccupiedException(
                        "the latest value has a writer already: this process, through the same object; close that"
                                + " writer first");
            }
            // Something may have been thrown when it was closed.
            giveBack(last);
        }
        last = null;
        LatestValueWriter next = new LatestValueWriter(value, this);
        LatestValueFormat format = LatestValueFormat.INSTANCE;
        signature.take(value.memory, sharesNamespaces, format.name(), "writer", format);
        last = next;
        return next;
    }

    /** Gives the role back, unless that was done: all writers of one object share its signature, and it may be the next one's. */
    synchronized void giveBack(LatestValueWriter writer) {
        if (writer == last) {
            writer.closes();
            signature.giveBack(value.memory);
        }
    }

    /** {@return what gives the role back when the memory has gone, without a reference to that memory} */
    Consumer<MemorySegment> beforeDetach() {
        return signature::giveBack;
    }
}
