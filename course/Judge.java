import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the checks of the exercises have in common: they judge in one sentence, and look at the kernel. */
class Judge {

    private Judge() {}

    /** Ends the check unless something is so. */
    static void that(boolean so, String otherwise) {
        if (!so) {
            notYet(otherwise);
        }
    }

    /** Ends the check of an exercise that is not solved. */
    static void notYet(String why) {
        System.out.println("not yet: " + why);
        System.exit(1);
    }

    static void passed(String what) {
        System.out.println("passed: " + what);
    }

    /** A block, as the kernel lists it. */
    record Block(int key, int id, String permissions, long size, long creator, long attached,
            long uid, long gid) {

        static Optional<Block> withKey(int key) {
            return lines("/proc/sysvipc/shm").skip(1).map(Block::of).filter(block -> block.key == key).findFirst();
        }

        static Optional<Block> withId(int id) {
            return lines("/proc/sysvipc/shm").skip(1).map(Block::of).filter(block -> block.id == id).findFirst();
        }

        private static Block of(String line) {
            String[] columns = line.strip().split("\\s+");
            return new Block(Integer.parseInt(columns[0]), Integer.parseInt(columns[1]), columns[2],
                    Long.parseLong(columns[3]), Long.parseLong(columns[4]), Long.parseLong(columns[6]),
                    Long.parseLong(columns[7]), Long.parseLong(columns[8]));
        }
    }

    /** The line of {@code /proc/self/maps} that has an address in it. */
    static Optional<String> mapping(long address) {
        return lines("/proc/self/maps").filter(line -> {
            String[] range = line.split("[- ]", 3);
            return Long.compareUnsigned(Long.parseUnsignedLong(range[0], 16), address) <= 0
                    && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0;
        }).findFirst();
    }

    private static java.util.stream.Stream<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file)).stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
