package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells processes apart for as long as the machine runs: a number alone is used again, a number with a start time is not.
 *
 * <p>Start times are those of {@code /proc/PID/stat}, in clock ticks since the machine was started. Numbers mean something
 * within one pid namespace only, and start times within one time namespace, so both namespaces go along with them.
 */
public final class ProcessIdentity {

    private static final Path PROC = Path.of("/proc");

    private static final long PID = ProcessHandle.current().pid();

    /** Whether /proc shows the numbers that this process knows: it may have been mounted for another pid namespace. */
    private static final boolean PROC_IS_OURS = readLink("self").equals(Long.toString(PID));

    /** Whether a process without a directory in /proc is certainly none. */
    private static final boolean PROC_SHOWS_ALL = PROC_IS_OURS && !hidesProcesses();

    private static final long START_TIME = PROC_IS_OURS ? startTime(stat(PID)) : 0;
    private static final long PID_NAMESPACE = namespace("pid");
    private static final long TIME_NAMESPACE = namespace("time");

    private ProcessIdentity() {}

    /** {@return this process's number} */
    public static long pid() {
        return PID;
    }

    /** {@return when this process was started, in clock ticks; 0 if that cannot be known} */
    public static long startTime() {
        return START_TIME;
    }

    /** {@return the inode number of this process's pid namespace; 0 if that cannot be known} */
    public static long pidNamespace() {
        return PID_NAMESPACE;
    }

    /** {@return the inode number of this process's time namespace; 0 if that cannot be known} */
    public static long timeNamespace() {
        return TIME_NAMESPACE;
    }

    /**
     * {@return whether a process has certainly ended}
     *
     * <p>That is so if nothing has the number, if only a zombie without threads has it, or if what has it now was started
     * at another time. A process that cannot be seen from here may be alive.
     *
     * @param pid its number in the pid namespace of this process
     * @param startTime when it was started, in clock ticks as this process's time namespace counts them
     */
    public static boolean hasEnded(long pid, long startTime) {
        if (!PROC_IS_OURS || pid <= 0 || startTime <= 0) {
            return false;
        }
        String stat = stat(pid);
        return stat == null ? isGone(pid) : isZombie(stat) || startTime(stat) != startTime;
    }

    /**
     * {@return whether a process may still be alive of which only a moment is known by which it had been started}
     *
     * <p>That is not so if nothing has the number, if only a zombie without threads has it, or if what has it now was
     * started after the moment. A process that cannot be seen from here may be alive; pid 0 stands for one of another pid
     * namespace.
     *
     * @param pid its number in the pid namespace of this process
     * @param startedBy the moment, in seconds since the epoch
     */
    public static boolean mayBeAlive(long pid, long startedBy) {
        if (!PROC_IS_OURS || pid <= 0) {
            return true;
        }
        String stat = stat(pid);
        if (stat == null) {
            return !isGone(pid);
        }
        if (isZombie(stat)) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        Optional<Instant> started = process.isEmpty() ? Optional.empty() : process.get().info().startInstant();
        // Start times count in hundredths of seconds from a boot time known to the second: allow for both roundings.
        return started.isEmpty() || started.get().getEpochSecond() <= startedBy + 2;
    }

    private static boolean isGone(long pid) {
        return PROC_SHOWS_ALL && Files.notExists(PROC.resolve(Long.toString(pid)));
    }

    /** A process whose first thread has ended is shown as a zombie too, while its other threads run on. */
    private static boolean isZombie(String stat) {
        String state = field(stat, 3);
        return (state.equals("Z") || state.equals("X")) && Long.parseLong(field(stat, 20)) <= 1;
    }

    private static long startTime(String stat) {
        return stat == null ? 0 : Long.parseLong(field(stat, 22));
    }

    /** Returns a field of proc_pid_stat(5), counted from 1 as there. */
    private static String field(String stat, int number) {
        // The name in the second field may hold anything, even parentheses: the third begins after the last one.
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[number - 3];
    }

    private static String stat(long pid) {
        try {
            return Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException goneOrHidden) {
            return null;
        }
    }

    private static boolean hidesProcesses() {
        try {
            for (String mount : Files.readAllLines(PROC.resolve("self/mounts"), StandardCharsets.ISO_8859_1)) {
                String[] field = mount.split(" ");
                if (field[1].equals("/proc") && field[3].contains("hidepid=") && !field[3].contains("hidepid=off")) {
                    return true;
                }
            }
            return false;
        } catch (IOException unreadable) {
            return true;
        }
    }

    private static long namespace(String kind) {
        // The link reads like "pid:[4026531836]".
        String link = readLink("self/ns/" + kind);
        int open = link.indexOf('[');
        return open < 0 ? 0 : Long.parseLong(link.substring(open + 1, link.length() - 1));
    }

    private static String readLink(String name) {
        try {
            return Files.readSymbolicLink(PROC.resolve(name)).toString();
        } catch (IOException unreadable) {
            return "";
        }
    }
}
