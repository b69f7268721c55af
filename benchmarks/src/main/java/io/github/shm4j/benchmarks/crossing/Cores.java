package io.github.shm4j.benchmarks.crossing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The two cores that the processes are pinned to.
 *
 * @param first the measuring side's
 * @param second the answering side's
 */
public record Cores(int first, int second) {

    /** {@return two cores that this process may use and that are not two threads of one, if there are such} */
    public static Cores choose() throws IOException {
        List<Integer> allowed = list(status("Cpus_allowed_list:"));
        if (allowed.size() < 2) {
            throw new IllegalStateException("messages between processes need two cores; this process may only use core "
                    + allowed.getFirst());
        }
        int first = allowed.getFirst();
        List<Integer> siblings = siblings(first);
        for (int other : allowed) {
            if (other != first && !siblings.contains(other)) {
                return new Cores(first, other);
            }
        }
        return new Cores(first, allowed.get(1));
    }

    /** {@return a command that runs pinned to the first core} */
    public List<String> first(List<String> command) {
        return pinned(first, command);
    }

    /** {@return a command that runs pinned to the second core} */
    public List<String> second(List<String> command) {
        return pinned(second, command);
    }

    /** {@return whether the two are threads of one core} */
    public boolean sameCore() throws IOException {
        return siblings(first).contains(second);
    }

    private static List<String> pinned(int core, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
        pinned.addAll(command);
        return pinned;
    }

    private static List<Integer> siblings(int core) throws IOException {
        Path file = Path.of("/sys/devices/system/cpu/cpu" + core + "/topology/thread_siblings_list");
        return Files.exists(file) ? list(Files.readString(file).strip()) : List.of(core);
    }

    private static String status(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(field)) {
                return line.substring(field.length()).strip();
            }
        }
        throw new IllegalStateException("/proc/self/status has no " + field);
    }

    /** Reads the kernel's notation, such as {@code 0-3,8}. */
    private static List<Integer> list(String text) {
        List<Integer> cores = new ArrayList<>();
        for (String range : text.split(",")) {
            String[] ends = range.split("-");
            for (int core = Integer.parseInt(ends[0]); core <= Integer.parseInt(ends[ends.length - 1]); core++) {
                cores.add(core);
            }
        }
        return cores;
    }
}
