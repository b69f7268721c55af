package io.github.shm4j.support;

import io.github.shm4j.SharedMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What {@code /proc/PID/maps} says about a block: the kernel's own view of who has it mapped and how. */
public final class Mappings {

    // 7f0000000000-7f0000001000 rw-s 00000000 00:01 32768                      /SYSV33010024 (deleted)
    private static final Pattern LINE =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (\\S{4}) \\S+ \\S+ (\\d+) +/SYSV[0-9a-f]{8}.*");

    private Mappings() {}

    /**
     * One mapping.
     *
     * @param protection four letters such as {@code "rw-s"}
     */
    public record Mapping(long start, long end, String protection) {}

    /** The mappings of a block in this process. */
    public static List<Mapping> of(SharedMemory memory) {
        return of(memory, ProcessHandle.current().pid());
    }

    /** The mappings of a block in any process. */
    public static List<Mapping> of(SharedMemory memory, long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "maps")).stream()
                    .map(LINE::matcher)
                    .filter(Matcher::matches)
                    .filter(line -> line.group(4).equals(Integer.toString(memory.id())))
                    .map(line -> new Mapping(
                            Long.parseUnsignedLong(line.group(1), 16), Long.parseUnsignedLong(line.group(2), 16),
                            line.group(3)))
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Whether a process or one of its descendants has a block mapped, whatever other processes have. */
    public static boolean isMappedBelow(SharedMemory memory, long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .anyMatch(process -> {
                    try {
                        return !of(memory, process.pid()).isEmpty();
                    } catch (UncheckedIOException ended) {
                        return false;
                    }
                });
    }
}
