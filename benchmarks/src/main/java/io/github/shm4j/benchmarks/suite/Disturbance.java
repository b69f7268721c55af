package io.github.shm4j.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How much of the processors went to others while something was measured: to other programs on this machine and, on a
 * virtual one, to other machines on the same host.
 */
final class Disturbance {

    /** Columns of {@code /proc/stat}; "iowait" beside "idle" is no work either. */
    private static final int IDLE = 3;

    private static final int IOWAIT = 4;
    private static final int STEAL = 7;
    private static final int COLUMNS = 8;

    /** Fields of {@code /proc/self/stat} after the name: time of this process, and of the children it has waited for. */
    private static final int UTIME = 11;

    private static final int CSTIME = 14;
    private static final int NICE = 16;

    private final long[] machine = machine();
    private final long own = own();

    Disturbance() throws IOException {}

    /**
     * The share of the processors' time since this was made.
     *
     * @param others that other programs used, from 0 to 1
     * @param stolen that the host did not give to this machine, from 0 to 1
     */
    record Shares(double others, double stolen) {}

    Shares shares() throws IOException {
        long[] now = machine();
        double all = 0;
        double busy = 0;
        for (int column = 0; column < COLUMNS; column++) {
            long ticks = now[column] - machine[column];
            all += ticks;
            if (column != IDLE && column != IOWAIT && column != STEAL) {
                busy += ticks;
            }
        }
        return new Shares(Math.max(0, busy - (own() - own)) / all, (now[STEAL] - machine[STEAL]) / all);
    }

    private static long[] machine() throws IOException {
        String all = Files.readAllLines(Path.of("/proc/stat")).getFirst();
        return Arrays.stream(all.replaceFirst("cpu +", "").split(" ")).limit(COLUMNS).mapToLong(Long::parseLong)
                .toArray();
    }

    private static long own() throws IOException {
        return Arrays.stream(self(), UTIME, CSTIME + 1).mapToLong(Long::parseLong).sum();
    }

    /** {@return the priority of this process} */
    static int nice() throws IOException {
        return Integer.parseInt(self()[NICE]);
    }

    private static String[] self() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        // The name stands in parentheses and may contain anything.
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    }
}
