package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code /proc/sysvipc/shm}, the kernel's own list of the blocks of an IPC namespace.
 *
 * <p>It shows every user's blocks, without any native call, and says more than {@code shmctl} does: how much of a block
 * is in memory and how much is swapped out.
 */
public final class ProcSysvipc {

    private static final Path SHM = Path.of("/proc/sysvipc/shm");
    private static final int COLUMNS = 16;

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
            long swappedBytes) {}

    /**
     * {@return one row for each block}
     *
     * @throws IOException if the file cannot be read, as where {@code /proc} is not mounted
     */
    public static List<Row> read() throws IOException {
        return parse(Files.readAllBytes(SHM));
    }

    static List<Row> parse(byte[] file) throws IOException {
        List<Row> rows = new ArrayList<>();
        long[] column = new long[COLUMNS];
        int at = endOfLine(file, 0) + 1;
        while (at < file.length) {
            int end = endOfLine(file, at);
            int found = 0;
            while (true) {
                while (at < end && file[at] == ' ') {
                    at++;
                }
                if (at == end || found == COLUMNS) {
                    break;
                }
                // The third column, the mode, is the only one that the kernel prints in octal.
                int base = found == 2 ? 8 : 10;
                boolean negative = file[at] == '-';
                long value = 0;
                for (at += negative ? 1 : 0; at < end && file[at] != ' '; at++) {
                    int digit = file[at] - '0';
                    if (digit < 0 || digit >= base) {
                        throw new IOException(SHM + ": not a number in column " + (found + 1));
                    }
                    value = value * base + digit;
                }
                column[found++] = negative ? -value : value;
            }
            if (found != COLUMNS) {
                throw new IOException(SHM + ": " + found + " columns instead of " + COLUMNS);
            }
            rows.add(row(column));
            at = end + 1;
        }
        return rows;
    }

    private static int endOfLine(byte[] file, int from) {
        int at = from;
        while (at < file.length && file[at] != '\n') {
            at++;
        }
        return at;
    }

    private static Row row(long[] c) {
        return new Row(
                (int) c[0], (int) c[1], (int) c[2], c[3], (int) c[4], (int) c[5], c[6], c[7], c[8], c[9], c[10], c[11],
                c[12], c[13], c[14], c[15]);
    }
}
