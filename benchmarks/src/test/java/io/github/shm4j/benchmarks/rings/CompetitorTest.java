package io.github.shm4j.benchmarks.rings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the libraries need is said where processes are started, and where threads take their place. */
class CompetitorTest {

    private static final Pattern OPTION =
            Pattern.compile("--(?:add-opens|add-exports|sun-misc-unsafe-memory-access)=\\S+");

    @Test
    void shouldGiveThreadsTheOptionsOfTheProcessesWhosePlaceTheyTake() throws IOException {
        Set<String> ofProcesses = options(String.join(" ", Competitor.OPTIONS));
        Set<String> ofThreads = options(Files.readString(Path.of("run")));

        assertEquals(ofProcesses, ofThreads);
    }

    private static Set<String> options(String text) {
        Set<String> options = new TreeSet<>();
        OPTION.matcher(text).results().forEach(found -> options.add(found.group()));
        return options;
    }
}
