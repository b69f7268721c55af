package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/conformance.md} and the tests together: each row names its tests, and each test its rows. */
class ConformanceTest {

    private static final Path PROJECT = Path.of(System.getProperty("shm4j.test.basedir"));
    private static final Path PAGE = PROJECT.resolve("docs/conformance.md");

    private static final String ID = "(?:[A-Z]\\d\\d|(?:fault|security) \\d+)";
    private static final Pattern ROW = Pattern.compile("^\\| (" + ID + ") \\|.*\\| (\\[.*) \\|$", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("\\[(\\w+\\.\\w+)\\]\\(\\.\\./([^)]+)\\)");
    private static final Pattern COMMENT_OR_METHOD =
            Pattern.compile("^    (?:// (" + ID + "(?:, " + ID + ")*)|(?:static )?void (\\w+)\\(.*)$",
                    Pattern.MULTILINE);

    @Test
    void shouldNameInEachRowTheTestsThatNameIt() throws IOException {
        Map<String, Set<String>> rows = rows();
        assertTrue(rows.size() > 100, () -> rows.size() + " rows");
        Map<String, Set<String>> tests = tests();
        assertEquals(without(tests, rows), without(rows, tests),
                "what the comments say, and what the page says instead");
    }

    /** Leaves what both say out of the message. */
    private static Map<String, Set<String>> without(Map<String, Set<String>> some, Map<String, Set<String>> others) {
        Map<String, Set<String>> rest = new TreeMap<>(some);
        rest.entrySet().removeAll(others.entrySet());
        return rest;
    }

    @Test
    void shouldLinkEachTestToItsSource() throws IOException {
        Matcher link = LINK.matcher(Files.readString(PAGE));
        int links = 0;
        while (link.find()) {
            links++;
            String source = Files.readString(PROJECT.resolve(link.group(2)));
            String[] test = link.group(1).split("\\.");
            assertTrue(link.group(2).endsWith("/" + test[0] + ".java"), link::group);
            assertTrue(source.contains("void " + test[1] + "("), link::group);
        }
        assertTrue(links > 150, links + " links");
    }

    /** Returns the tests of each row of the page. */
    private static Map<String, Set<String>> rows() throws IOException {
        Map<String, Set<String>> rows = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(PAGE));
        while (row.find()) {
            Set<String> tests = new TreeSet<>();
            Matcher link = LINK.matcher(row.group(2));
            while (link.find()) {
                tests.add(link.group(1));
            }
            assertEquals(null, rows.put(row.group(1), tests), () -> "two rows " + row.group(1));
        }
        return rows;
    }

    /** Returns the tests below each comment that names rows. */
    private static Map<String, Set<String>> tests() throws IOException {
        Map<String, Set<String>> tests = new TreeMap<>();
        for (String root : new String[] {"src/test/java", "src/cli-test/java"}) {
            try (Stream<Path> files = Files.walk(PROJECT.resolve(root))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file -> collect(file, tests));
            }
        }
        return tests;
    }

    private static void collect(Path file, Map<String, Set<String>> tests) {
        String source;
        try {
            source = Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        String test = file.getFileName().toString().replace(".java", ".");
        String[] ids = {};
        Matcher line = COMMENT_OR_METHOD.matcher(source);
        while (line.find()) {
            if (line.group(1) != null) {
                assertEquals(0, ids.length, () -> file + ": no test below a comment that names rows");
                ids = line.group(1).split(", ");
            } else {
                for (String id : ids) {
                    tests.computeIfAbsent(id, _ -> new TreeSet<>()).add(test + line.group(2));
                }
                ids = new String[0];
            }
        }
    }
}
