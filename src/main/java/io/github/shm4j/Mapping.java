package io.github.shm4j;

import io.github.shm4j.internal.Attachments;
import io.github.shm4j.internal.BeforeDetach;
import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.Pages;
import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.Restricted;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A mapping of a block. It is detached when its arena ends, unless a failure of attach has detached it already. */
final class Mapping implements Consumer<MemorySegment> {

    private final int id;
    private final AtomicBoolean done = new AtomicBoolean();
    private final Attachments.Attachment attachment;

    /** What shmat has returned: where the block is attached, unless it is an error. */
    private long address;

    private Mapping(int id) {
        this.id = id;
        this.attachment = new Attachments.Attachment(id);
    }

    /** Maps a block: see {@link SharedMemory#attach(AttachMode, Arena, AttachOption...)}. */
    static MemorySegment attach(SharedMemory block, AttachMode mode, Arena arena, AttachOption... options)
            throws ShmException {
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(arena, "arena");
        Objects.requireNonNull(options, "options");
        Platform.require();
        Restricted.requireUsable(arena);
        boolean readOnly = mode == AttachMode.READ_ONLY;
        // Made first, as nothing may be made or called between shmat and the try: heap or stack may be exhausted.
        Mapping mapping = new Mapping(block.id());
        long address = mapping.address = ShmCalls.shmat(mapping.id, readOnly ? SysVShm.SHM_RDONLY() : 0);
        try {
            if (ShmCalls.isError(address)) {
                throw Failures.attach(mapping.id, mode, (int) -address);
            }
            // Asked after attaching: from then on the kernel keeps the block, and its id cannot become another block's.
            long size = block.status().size();
            mapping.attachment.begin(address, size);
            boolean removeOnLastDetach = false;
            for (AttachOption option : options) {
                switch (option) {
                    case PRE_TOUCH -> preTouch(mapping.id, address, size, readOnly);
                    case REMOVE_ON_LAST_DETACH -> removeOnLastDetach = true;
                }
            }
            MemorySegment mapped = Restricted.map(address, size, arena, mapping);
            MemorySegment segment = readOnly ? mapped.asReadOnly() : mapped;
            Events.attached(mapping.id, size, readOnly);
            if (removeOnLastDetach) {
                // Last of all: a later failure would detach, which would destroy the block.
                block.remove();
            }
            return segment;
        } catch (Throwable failure) {
            try {
                mapping.detachOnce();
            } catch (ShmException alsoFailed) {
                failure.addSuppressed(alsoFailed);
            }
            throw failure;
        }
    }

    static void preTouch(int id, long address, long size, boolean readOnly) throws ShmException {
        int result = Pages.touch(address, size, readOnly);
        if (result < 0) {
            throw Failures.touch(id, readOnly, -result);
        }
    }

    private void detachOnce() throws ShmException {
        // Another block may have been attached at the same address since a first shmdt.
        if (!ShmCalls.isError(address) && done.compareAndSet(false, true)) {
            attachment.end();
            int result = ShmCalls.shmdt(address);
            attachment.forget();
            if (result < 0) {
                throw Failures.detach(id, address, -result);
            }
            Events.detached(id);
        }
    }

    @Override
    public void accept(MemorySegment mapped) {
        try {
            // The action for this address is not this mapping's any more once that was detached: see detachOnce().
            if (!done.get()) {
                BeforeDetach.run(mapped);
            }
        } finally {
            detach();
        }
    }

    private void detach() {
        try {
            detachOnce();
        } catch (ShmException failure) {
            // The cleaner of automatic arenas drops exceptions: there the log is the only trace.
            System.getLogger("io.github.shm4j").log(System.Logger.Level.ERROR, failure.getMessage(), failure);
            throw new UncheckedIOException(failure);
        }
    }
}
