package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code /proc/sysvipc/shm}, the kernel's own list of the blocks of an IPC namespace.
 *
 * <p>It shows every user's blocks and needs no native call. It has two columns that {@code shmctl} does not report: how much
 * of a block is in memory and how much is swapped out.
 */
public final class ProcSysvipc {

    private static final Path SHM = Path.of("/proc/sysvipc/shm");
    private static final int COLUMNS = 16;

    // SHM_DEST and SHM_LOCKED of the kernel's linux/shm.h. To read them from the generated classes would set up the linker.
    private static final int DEST = 01000;
    private static final int LOCKED = 02000;

    private ProcSysvipc() {}

    /**
     * One line of the file, its columns in the file's order.
     *
     * @param mode the permission bits and the kernel's {@code SHM_DEST} and {@code SHM_LOCKED}
     */
    public record Row(
            int key,
            int id,
            int mode,
            long size,
            int creatorPid,
            int lastPid,
            long attachCount,
            long uid,
            long gid,
            long creatorUid,
            long creatorGid,
            long attachSeconds,
            long detachSeconds,
            long changeSeconds,
            long residentBytes,
            long swappedBytes) {

        public boolean markedForRemoval() {
            return (mode & DEST) != 0;
        }

        public boolean locked() {
            return (mode & LOCKED) != 0;
        }
    }

    /**
     * {@return one row for each block}
     *
     * @throws IOException if the file cannot be read, as where {@code /proc} is not mounted, or is not the kernel's
     */
    public static List<Row> read() throws IOException {
        return parse(Files.readAllBytes(SHM));
    }

    static List<Row> parse(byte[] file) throws IOException {
        List<Row> rows = new ArrayList<>();
        if (file.length == 0) {
            // The kernel writes a first line, always: something else, as /dev/null, has been mounted over its list.
            throw new IOException(SHM + ": empty");
        }
        Scanner scanner = new Scanner(file);
        scanner.skipLine();
        long[] column = new long[COLUMNS];
        while (!scanner.atEnd()) {
            for (int i = 0; i < COLUMNS; i++) {
                column[i] = scanner.number(i);
            }
            rows.add(row(column));
            // A later kernel may have added columns.
            scanner.skipLine();
        }
        return rows;
    }

    private static Row row(long[] c) {
        return new Row(
                (int) c[0], (int) c[1], (int) c[2], c[3], (int) c[4], (int) c[5], c[6], c[7], c[8], c[9], c[10], c[11],
                c[12], c[13], c[14], c[15]);
    }

    /** Reads numbers from bytes, without an object for each of thousands of lines. */
    private static final class Scanner {

        private final byte[] file;
        private int at;

        Scanner(byte[] file) {
            this.file = file;
        }

        boolean atEnd() {
            return at >= file.length;
        }

        void skipLine() {
            while (!atEnd() && file[at] != '\n') {
                at++;
            }
            at++;
        }

        long number(int column) throws IOException {
            // The third column, the mode, is the only one that the kernel prints in octal.
            int base = column == 2 ? 8 : 10;
            while (!atEnd() && file[at] == ' ') {
                at++;
            }
            if (atEnd() || file[at] == '\n') {
                throw new IOException(SHM + ": " + column + " columns instead of " + COLUMNS);
            }
            boolean negative = file[at] == '-';
            if (negative) {
                at++;
            }
            int first = at;
            long value = 0;
            while (!atEnd() && file[at] != ' ' && file[at] != '\n') {
                int digit = file[at] - '0';
                if (digit < 0 || digit >= base || value > (Long.MAX_VALUE - digit) / base) {
                    throw notANumber(column);
                }
                value = value * base + digit;
                at++;
            }
            if (at == first) {
                throw notANumber(column);
            }
            return negative ? -value : value;
        }

        private static IOException notANumber(int column) {
            return new IOException(SHM + ": not a number in column " + (column + 1));
        }
    }
}
