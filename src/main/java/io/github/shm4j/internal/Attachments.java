package io.github.shm4j.internal;

import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.shmid_ds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The blocks that the library has attached in this process, and what the kernel says of who else has them attached.
 *
 * <p>The kernel counts the attachments of a block in all processes of its IPC namespace, whatever pid namespace these are in. It
 * counts a mapping more than once while it is being made, or when it was split, and never too few.
 */
public final class Attachments {

    /** One attachment. The same object never stands for a second one. */
    public static final class Attachment {

        private final int id;
        private volatile long address;
        private volatile long size;

        /** Notes that a block is about to be attached. */
        public Attachment(int id) {
            this.id = id;
        }

        /** Notes that it is attached. */
        public void begin(long address, long size) {
            this.address = address;
            ALL.add(this);
            this.size = size;
        }

        /** Notes that it is about to be detached. Calls nothing, as the stack may be exhausted. */
        public void end() {
            size = 0;
        }

        /** Drops what is known of it. */
        public void forget() {
            ALL.remove(this);
        }

        private boolean isAttached() {
            return size != 0;
        }

        /** {@return whether a line of {@code /proc/PID/maps} shows the block at the address of this attachment} */
        private boolean isListed(String line) {
            // "begin-end permissions offset device inode name"; the inode of a block is its id.
            String[] field = line.split(" +", 6);
            return field.length == 6
                    && field[5].startsWith("/SYSV")
                    && field[4].equals(Integer.toString(id))
                    && Long.parseUnsignedLong(field[0], 0, field[0].indexOf('-'), 16) == address;
        }

        private boolean holds(long place) {
            return place - address >= 0 && place - address < size;
        }
    }

    private static final Path MAPS = Path.of("/proc/self/maps");

    private static final Set<Attachment> ALL = ConcurrentHashMap.newKeySet();

    private Attachments() {}

    /** Initializes the classes here now: one that could not be, on an exhausted stack for one, is of no use for ever. */
    public static void prepare() {
        new Place(0, 0);
    }

    /**
     * {@return whether nobody but this process has the block attached that some memory is a part of}
     *
     * <p>It is false if the library has not attached the memory, if this process has attached the block by other means, too, or
     * if the kernel does not say.
     */
    public static boolean isAttachedHereOnly(MemorySegment memory) {
        Attachment here = of(memory);
        if (here == null) {
            return false;
        }
        List<Attachment> ours = new ArrayList<>();
        for (Attachment each : ALL) {
            if (each.id == here.id && each.isAttached()) {
                ours.add(each);
            }
        }
        MemorySegment shmid = CallBuffers.struct();
        if (ShmCalls.shmctl(here.id, SysVShm.IPC_STAT(), shmid) < 0 || shmid_ds.shm_nattch(shmid) != ours.size()) {
            return false;
        }
        // Those that are attached still were so when the kernel counted.
        for (Attachment each : ours) {
            if (!each.isAttached()) {
                return false;
            }
        }
        return here.isAttached() && (ours.size() == 1 || areMapped(ours));
    }

    /**
     * {@return whether all of some attachments are mapped, as the kernel lists it}
     *
     * <p>Something else in the process may have unmapped one of them. The count would then be as great as it is expected to be
     * although another process has the block.
     */
    private static boolean areMapped(List<Attachment> attachments) {
        List<String> maps;
        try {
            maps = Files.readAllLines(MAPS, StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            return false;
        }
        for (Attachment each : attachments) {
            if (maps.stream().noneMatch(each::isListed)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Where some memory begins.
     *
     * @param id the block that it is a part of
     * @param offset where in the block it begins
     */
    public record Place(int id, long offset) {}

    /** {@return where some memory begins; null if the library has not attached it} */
    public static Place place(MemorySegment memory) {
        Attachment attachment = of(memory);
        return attachment == null ? null : new Place(attachment.id, memory.address() - attachment.address);
    }

    /** {@return the id of the block that some memory is a part of; -1 if the library has not attached it} */
    static int id(MemorySegment memory) {
        Attachment attachment = of(memory);
        return attachment == null ? -1 : attachment.id;
    }

    private static Attachment of(MemorySegment memory) {
        if (!memory.isNative()) {
            return null;
        }
        long address = memory.address();
        for (Attachment each : ALL) {
            if (each.holds(address)) {
                return each;
            }
        }
        return null;
    }
}
