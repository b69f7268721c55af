package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Tells processes apart for as long as the machine runs, and judges whether they have terminated. The kernel reuses a pid,
 * but no pid with the same start time.
 *
 * <p>Start times are those of {@code /proc/PID/task/PID/stat}, in clock ticks since the machine was started. A pid has a
 * meaning within one pid namespace only, and a start time within one time namespace, so an identity includes both namespaces.
 * No judgement compares wall clock times: the clock can be set.
 *
 * <p>{@code /proc/PID/stat} has the same field, but not for a process that runs under qemu-user, as all processes of an image
 * for another processor do: qemu itself answers for {@code /proc/self/stat}, with another start time in each thread.
 *
 * <p>kill(2) tells whether a pid is in use, whatever {@code /proc} is mounted. That {@code /proc} shows no such process counts
 * only if it belongs to this process's pid namespace. That is checked each time, because {@code /proc} can be mounted anew at
 * any time, and it is checked last, because it costs more than to see that a process is alive.
 */
public final class ProcessIdentity {

    private static final Path PROC = Path.of("/proc");

    private static final long PID = ProcessHandle.current().pid();

    // The link "self" leads to this process also in a /proc that shows it with another pid.
    private static final long START_TIME = startTime(stat(readLink("self")));
    private static final long PID_NAMESPACE = namespace("pid");
    private static final long TIME_NAMESPACE = namespace("time");

    private ProcessIdentity() {}

    /** Links what {@link #hasTerminated} calls, where there is stack for it. */
    public static void prepare() {
        ProcessCalls.prepare();
    }

    /** {@return the pid of this process} */
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
     * {@return whether a process has certainly terminated}
     *
     * <p>It has if no process has the pid, if only a zombie without threads has it, or if the process that has it was
     * started at another time. If none of this can be found out, the process may be alive.
     *
     * @param pid its pid in the pid namespace of this process
     * @param startTime when it was started, in clock ticks as this process's time namespace counts them
     */
    public static boolean hasTerminated(long pid, long startTime) {
        if (!isPid(pid) || startTime <= 0) {
            return false;
        }
        if (isGone(pid)) {
            return true;
        }
        String stat = stat(Long.toString(pid));
        return stat != null && (isZombie(stat) || startTime(stat) != startTime) && isProcOurs();
    }

    /**
     * {@return whether a process of which only the pid is known may be alive}
     *
     * <p>It is not if no process has the pid, or if only a zombie without threads has it. If another process has the pid by
     * now, the process seems to be alive.
     *
     * @param pid its pid in the pid namespace of this process; 0 stands for a process of another pid namespace
     */
    public static boolean mayBeAlive(long pid) {
        return !isPid(pid) || !isGone(pid) && !(isZombie(pid) && isProcOurs());
    }

    private static boolean isPid(long pid) {
        return pid > 0 && pid <= Integer.MAX_VALUE;
    }

    private static boolean isGone(long pid) {
        if (ProcessCalls.isAvailable()) {
            return ProcessCalls.isMissing((int) pid);
        }
        return showsAll() && Files.notExists(PROC.resolve(Long.toString(pid)));
    }

    /** {@return whether {@code /proc} shows that a pid belongs to a zombie} */
    static boolean isZombie(long pid) {
        String stat = stat(Long.toString(pid));
        return stat != null && isZombie(stat);
    }

    /** {@return whether {@code /proc} has a directory for each process of this process's pid namespace} */
    static boolean showsAll() {
        return isProcOurs() && !hidesProcesses();
    }

    /** Whether /proc belongs to the pid namespace of this process. */
    private static boolean isProcOurs() {
        return readLink("self").equals(Long.toString(PID)) && hasOneNumber();
    }

    /**
     * Whether /proc shows this process with one pid only. In the /proc of an outer pid namespace, a process of an inner one
     * has a pid for each level, and the first may happen to be equal to the last.
     */
    private static boolean hasOneNumber() {
        try {
            return hasOneNumber(Files.readAllLines(PROC.resolve("self/status"), StandardCharsets.ISO_8859_1));
        } catch (IOException unreadable) {
            return false;
        }
    }

    static boolean hasOneNumber(List<String> status) {
        for (String line : status) {
            if (line.startsWith("NSpid:")) {
                return line.substring("NSpid:".length()).strip().indexOf('\t') < 0;
            }
        }
        // Kernels before 4.1 have no such line.
        return true;
    }

    /** The kernel shows a process whose main thread has terminated as a zombie too, while its other threads run on. */
    static boolean isZombie(String stat) {
        String state = field(stat, 3);
        return (state.equals("Z") || state.equals("X")) && Long.parseLong(field(stat, 20)) <= 1;
    }

    static long startTime(String stat) {
        return stat == null ? 0 : Long.parseLong(field(stat, 22));
    }

    /** Returns a field of proc_pid_stat(5), counted from 1 as there. */
    private static String field(String stat, int number) {
        // The name in the second field may hold anything, even parentheses: the third begins after the last one.
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", number - 1)[number - 3];
    }

    private static String stat(String process) {
        try {
            Path file = PROC.resolve(Path.of(process, "task", process, "stat"));
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException goneOrHidden) {
            return null;
        }
    }

    /** If it cannot be found out, /proc counts as hiding processes. */
    private static boolean hidesProcesses() {
        try {
            return hidesProcesses(Files.readAllLines(PROC.resolve("self/mounts"), StandardCharsets.ISO_8859_1));
        } catch (IOException unreadable) {
            return true;
        }
    }

    static boolean hidesProcesses(List<String> mounts) {
        boolean mounted = false;
        for (String mount : mounts) {
            String[] field = mount.split(" ");
            if (field[1].equals("/proc")) {
                mounted = field[2].equals("proc");
                if (field[3].contains("hidepid=") && !field[3].contains("hidepid=off")) {
                    return true;
                }
            }
        }
        return !mounted;
    }

    private static long namespace(String kind) {
        return inode(readLink("self/ns/" + kind));
    }

    static long inode(String link) {
        // The link reads like "pid:[4026531836]".
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
