package io.github.shm4j.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Whether processes and their descendants are active, and the processor time that they use, as {@code /proc} shows it.
 *
 * <p>A thread that waits for a processor or for a disk counts as active: on a busy machine it may wait for a long time.
 */
final class Activity {

    private static final Path PROC = Path.of("/proc");

    /** The kernel counts processor time for user space in hundredths of a second, on all architectures. */
    private static final long MILLIS_PER_TICK = 10;

    private final Map<Long, Long> millisOf = new HashMap<>();
    private long usedMillis;

    /** Adds up processor time, and returns whether any thread of the processes or their descendants is active. */
    boolean look(Collection<Long> roots) {
        Set<Long> processes = new HashSet<>(roots);
        for (long root : roots) {
            ProcessHandle.of(root)
                    .ifPresent(process -> process.descendants().forEach(each -> processes.add(each.pid())));
        }
        String self = ownThread();
        boolean active = false;
        boolean first = millisOf.isEmpty();
        for (long process : processes) {
            Path directory = PROC.resolve(Long.toString(process));
            long millis = millis(stat(directory));
            // A new process has used all of its time since the last look.
            Long before = millisOf.put(process, millis);
            usedMillis += first ? 0 : Math.max(0, millis - (before == null ? 0 : before));
            active |= hasActiveThread(directory, self);
        }
        return active;
    }

    /** The processor time used since the first look. That of a terminated process may be counted twice. */
    long usedMillis() {
        return usedMillis;
    }

    /** The processor time that a thread of this process has used, as {@link #ownThread} names it. */
    static long millisOfThread(String thread) {
        String[] fields = stat(PROC.resolve(thread));
        return fields.length == 0 ? 0 : MILLIS_PER_TICK * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
    }

    /** The calling thread below {@code /proc}. */
    static String ownThread() {
        try {
            return Files.readSymbolicLink(PROC.resolve("thread-self")).toString();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static boolean hasActiveThread(Path process, String except) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path thread : threads) {
                String[] fields = stat(thread);
                boolean active = fields.length > 0 && (fields[0].equals("R") || fields[0].equals("D"));
                if (active && !PROC.relativize(thread).toString().equals(except)) {
                    return true;
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException ended) {
            return false;
        }
    }

    /** User and system time, also of children that have terminated. */
    private static long millis(String[] fields) {
        long ticks = 0;
        for (int i = 11; i < fields.length && i <= 14; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks * MILLIS_PER_TICK;
    }

    /** The fields of a stat file from the state on; none if the process or thread has terminated. */
    private static String[] stat(Path directory) {
        try {
            String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        } catch (IOException ended) {
            return new String[0];
        }
    }
}
