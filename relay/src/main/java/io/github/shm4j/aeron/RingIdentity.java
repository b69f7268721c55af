package io.github.shm4j.aeron;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingSignatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What tells a ring from all others, also from one that was made anew under the same key, and from those of other machines.
 *
 * <p>The boot id is a random number that the kernel draws when it starts: no two machines have the same. Containers of one
 * machine do have the same. Two of them that start together may also run programs with the same pid in the same tick, which
 * create rings in blocks with the same id, as each IPC namespace counts its blocks from 0 on. So the namespace is a part of it.
 * A kernel without namespaces counts all blocks of the machine together.
 *
 * <p>Machines that go on from one snapshot of a machine that ran have the same boot id: what was in memory then is the same ring
 * in all of them.
 *
 * @param boot when the machine was started that the ring lies in
 * @param creator the process that has created the ring, as it has signed there
 * @param block the id of the block that the ring lies in
 * @param namespace the number of the IPC namespace that the block lies in; 0 if the kernel has no namespaces
 */
record RingIdentity(UUID boot, long creator, int block, int namespace) {

    private static final Path PROC = Path.of("/proc");
    private static final Path BOOT_ID = Path.of("sys", "kernel", "random", "boot_id");

    /** That of no ring. */
    static final RingIdentity NONE = new RingIdentity(new UUID(0, 0), 0, 0, 0);

    static RingIdentity of(RingBuffer ring) {
        return of(ring, PROC);
    }

    static RingIdentity of(RingBuffer ring, Path proc) {
        return new RingIdentity(
                boot(proc.resolve(BOOT_ID)),
                RingSignatures.of(ring).creator(),
                ring.block().id(),
                (int) Namespaces.number(proc, "ipc"));
    }

    /** Puts together what a frame or a journal holds, the last word of which is {@link #place()}. */
    static RingIdentity of(long boot, long restOfBoot, long creator, long place) {
        return new RingIdentity(new UUID(boot, restOfBoot), creator, (int) place, (int) (place >>> Integer.SIZE));
    }

    private static UUID boot(Path file) {
        String text = "";
        try {
            text = Files.readString(file).strip();
            return UUID.fromString(text);
        } catch (IOException unreadable) {
            throw new RelayException(
                    "the kernel's boot id, which tells rings of different machines apart, cannot be read from "
                            + file + ": " + unreadable + ". Mount /proc there",
                    unreadable);
        } catch (IllegalArgumentException none) {
            throw new RelayException("the kernel's boot id, which tells rings of different machines apart, is '" + text
                    + "' in " + file + ", which is none. Mount /proc there", none);
        }
    }

    /** {@return the block and its namespace in one word} */
    long place() {
        return Integer.toUnsignedLong(block) | (long) namespace << Integer.SIZE;
    }

    /** {@return a number that stands for it in each frame; 0 for no ring alone} */
    long number() {
        if (equals(NONE)) {
            return 0;
        }
        long mixed = mix(boot.getMostSignificantBits()) + 31 * mix(boot.getLeastSignificantBits())
                + 961 * mix(creator) + 29791 * mix(place());
        return mixed == 0 ? 1 : mixed;
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }

    @Override
    public String toString() {
        return "ring in block " + block + " of IPC namespace " + Integer.toUnsignedString(namespace) + " of boot "
                + boot
                + ", signed " + Long.toHexString(creator) + " by its creator";
    }
}
