package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Of which files and blocks the memory of this process is a part, as the kernel lists it at one moment. */
public final class MappedPlaces {

    /**
     * A place, which can be mapped at several addresses.
     *
     * @param device the device of a file; {@link #BLOCK}, or {@link #MEMORY} for all that is neither
     * @param inode the inode of a file, or the id of a block
     * @param offset where in it
     */
    public record Place(String device, String inode, long offset) {

        /** {@return whether it is the same one} By hand, as the JVM would have to generate what a record has of itself. */
        public boolean isSameAs(Place other) {
            return device.equals(other.device) && inode.equals(other.inode) && offset == other.offset;
        }
    }

    private static final String BLOCK = "block";
    private static final String MEMORY = "memory";

    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final String NO_INODE = "0";

    private final List<String> lines;

    private MappedPlaces(List<String> lines) {
        this.lines = lines;
    }

    /** Initializes the classes here now: one that could not be, on an exhausted stack for one, is of no use for ever. */
    public static void prepare() {
        new Place(MEMORY, NO_INODE, 0);
    }

    /** {@return what is mapped now; nothing if the kernel does not say} */
    public static MappedPlaces now() {
        try {
            return new MappedPlaces(Files.readAllLines(MAPS, StandardCharsets.ISO_8859_1));
        } catch (IOException unreadable) {
            return new MappedPlaces(List.of());
        }
    }

    /** {@return a place in a block, by the block's id} */
    public static Place inBlock(int id, long offset) {
        return new Place(BLOCK, Integer.toString(id), offset);
    }

    /** {@return which place an address is; null if nothing is mapped there} */
    public Place of(long address) {
        for (String line : lines) {
            // "begin-end permissions offset device inode name"; the inode of a block is its id.
            String[] field = line.split(" +", 6);
            int hyphen = field[0].indexOf('-');
            long begin = Long.parseUnsignedLong(field[0], 0, hyphen, 16);
            long length = Long.parseUnsignedLong(field[0], hyphen + 1, field[0].length(), 16) - begin;
            if (address - begin >= 0 && address - begin < length) {
                if (field[4].equals(NO_INODE)) {
                    return new Place(MEMORY, NO_INODE, address);
                }
                boolean block = field.length == 6 && field[5].startsWith("/SYSV");
                return new Place(
                        block ? BLOCK : field[3], field[4], Long.parseUnsignedLong(field[2], 16) + address - begin);
            }
        }
        return null;
    }
}
