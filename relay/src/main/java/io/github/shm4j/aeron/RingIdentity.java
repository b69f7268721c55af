package io.github.shm4j.aeron;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingSignatures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * What tells a ring from all others, also from one that was made anew under the same key, and from those of other machines.
 *
 * @param boot when the machine was started that the ring lies in
 * @param creator the process that has created the ring, as it has signed there
 * @param block the id of the block that the ring lies in
 */
record RingIdentity(UUID boot, long creator, int block) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** That of no ring. */
    static final RingIdentity NONE = new RingIdentity(new UUID(0, 0), 0, 0);

    static RingIdentity of(RingBuffer ring) {
        try {
            UUID boot = UUID.fromString(Files.readString(BOOT_ID).strip());
            return new RingIdentity(boot, RingSignatures.of(ring).creator(), ring.block().id());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(
                    "the kernel's boot id, which tells rings of different machines apart, cannot be"
                            + " read from " + BOOT_ID,
                    unreadable);
        }
    }

    /** {@return a number that stands for it in each frame; 0 for no ring alone} */
    long number() {
        if (equals(NONE)) {
            return 0;
        }
        long mixed = mix(boot.getMostSignificantBits()) + 31 * mix(boot.getLeastSignificantBits())
                + 961 * mix(creator) + 29791 * mix(block);
        return mixed == 0 ? 1 : mixed;
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }

    @Override
    public String toString() {
        return "ring in block " + block + " of boot " + boot + ", signed " + Long.toHexString(creator)
                + " by its creator";
    }
}
