package io.github.shm4j.ring;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The comments that name both sides of each exchange between processes: {@code SYNC POINT name: with the release in
 * Class.method}. Each side names the others, in methods that exist, and the protocol has the point, too.
 */
class SyncPointsTest {

    private static final Path LIBRARY = PROJECT.resolve("src/main/java/io/github/shm4j");
    private static final Pattern METHOD = Pattern.compile("^ {4}(?=\\S)(?:[\\w<>\\[\\], .?@]+ )?(\\w+)\\((?!.*;$).*");
    private static final Pattern POINT = Pattern.compile("// SYNC POINT ([a-z ]+): with the (.*)");
    private static final Pattern SIDE = Pattern.compile("\\b([A-Z]\\w+\\.[a-z]\\w+)\\b");

    /** One side of a point: where it stands, and with which others it goes. */
    private record Side(String point, String method, Set<String> others) {}

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String part : List.of("broadcast", "internal", "ring", "state", "structure")) {
            try (Stream<Path> sources = Files.list(LIBRARY.resolve(part))) {
                sources.filter(file -> file.toString().endsWith(".java")).sorted().forEach(files::add);
            }
        }
        return files;
    }

    private static List<Side> sides(Set<String> methods) throws IOException {
        List<Side> sides = new ArrayList<>();
        for (Path file : files()) {
            String type = file.getFileName().toString().replace(".java", "");
            List<String> lines = Files.readAllLines(file);
            String method = null;
            for (int i = 0; i < lines.size(); i++) {
                Matcher declared = METHOD.matcher(lines.get(i));
                if (declared.matches()) {
                    method = type + "." + declared.group(1);
                    methods.add(method);
                }
                if (lines.get(i).contains("SYNC POINT")) {
                    Matcher point = POINT.matcher(lines.get(i));
                    assertTrue(point.find(), file + ": " + lines.get(i));
                    String text = point.group(2);
                    for (int next = i + 1; lines.get(next).strip().startsWith("//"); next++) {
                        text += " " + lines.get(next).strip().substring(2).strip();
                    }
                    Matcher named = SIDE.matcher(text);
                    Set<String> others = new TreeSet<>();
                    while (named.find()) {
                        others.add(named.group(1));
                    }
                    sides.add(new Side(point.group(1), method, others));
                }
            }
        }
        return sides;
    }

    @Test
    void shouldNameBothSidesInMethodsThatExist() throws IOException {
        Set<String> methods = new TreeSet<>();
        List<Side> sides = sides(methods);
        assertTrue(sides.size() > 20, sides::toString);
        List<String> wrong = new ArrayList<>();
        for (Side side : sides) {
            if (side.others().isEmpty()) {
                wrong.add(side + " names no other side");
            }
            for (String other : side.others()) {
                if (!methods.contains(other)) {
                    wrong.add(side + " names " + other + ", which is no method");
                } else if (sides.stream().noneMatch(back -> back.point().equals(side.point())
                        && back.method().equals(other)
                        && back.others().contains(side.method()))) {
                    wrong.add(side + " names " + other + ", which does not name it");
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void shouldBeThePointsOfTheProtocols() throws IOException {
        Set<String> points = sides(new TreeSet<>()).stream().map(Side::point).collect(Collectors.toCollection(
                TreeSet::new));
        Set<String> documented = new TreeSet<>();
        for (String protocol : List.of(
                "docs/ring-protocol.md",
                "docs/lock-protocol.md",
                "docs/latest-value-protocol.md",
                "docs/broadcast-protocol.md")) {
            Matcher named = Pattern.compile("SYNC POINT ([a-z]+(?: position)?)")
                    .matcher(Files.readString(PROJECT.resolve(protocol)));
            while (named.find()) {
                documented.add(named.group(1));
            }
        }
        assertEquals(points, documented);
    }
}
