package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Document;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds each figure about speed to {@code docs/benchmarks.md}, which {@code benchmarks/run} writes from what it has measured. */
class FiguresTest {

    /** Where a page says how long something takes, or how much faster it is. */
    private static final Pattern SPEED = Pattern.compile(
            "\\d(?: [nµm]s\\b| [MG]B/s| (?:×|times) (?:as|the|Agrona)| million messages)|\\b(?:twice|half) as (?:many|fast|long)\\b");

    private static final String RING = "ring, 64 B, messages per second: to Agrona 1:1";

    /** Columns of the table of targets, of which the first one has number 0. */
    private static final int MEASURED = 2;

    private static final int C_IN_ITS_PLACE = 4;

    private static String benchmarks;

    /**
     * What a page says.
     *
     * @param page where it says so
     * @param words what it says, with {@code {}} in the place of each figure
     * @param measured the figures
     */
    private record Claim(String page, String words, String... measured) {

        /** The parts of the page that say so, each with its figures as groups. */
        Matcher in(String text) {
            return Pattern.compile("\\Q" + words.replace("{}", "\\E([0-9.,]+)\\Q") + "\\E").matcher(text);
        }

        @Override
        public String toString() {
            return page + ": " + words;
        }
    }

    @BeforeAll
    static void readBenchmarks() throws IOException {
        benchmarks = Files.readString(PROJECT.resolve("docs/benchmarks.md")).replace('\u00a0', ' ');
    }

    private static List<Claim> claims() throws IOException {
        readBenchmarks();
        List<Claim> claims = new ArrayList<>();
        for (String page : List.of("README.md", "site/index.md")) {
            claims.add(new Claim(page, "| 64 bytes | {} | {} |", target(RING), inC(RING)));
            String batches = "ring, 64 B, batches of 256, messages per second: to Agrona 1:1";
            claims.add(new Claim(page, "| 64 bytes, in batches | {} | {} |", target(batches), inC(batches)));
            String kibibyte = "ring, 1 KiB, messages per second: to Agrona 1:1";
            claims.add(new Claim(page, "| 1 KiB | {} | {} |", target(kibibyte), inC(kibibyte)));
            String large = "ring, 64 KiB, messages per second: to Agrona 1:1";
            claims.add(new Claim(page, "| 64 KiB | {} | {} |", target(large), inC(large)));
        }
        String far = target(RING + ", cores far from each other");
        String aeron = target("ring, 64 B, messages per second: to Aeron IPC");
        String thereAndBack = target("ring, 64 B there and back, p50: to Agrona 1:1");
        claims.add(new Claim("README.md", "A message and its answer take {} times as long as", thereAndBack));
        claims.add(new Claim("README.md", "it carries {} times as many small messages as Agrona's.", far));
        claims.add(new Claim("docs/compared.md",
                "carries {} times as many small messages as Agrona's, and {} times as many as Aeron IPC.", target(RING),
                aeron));
        claims.add(new Claim("docs/compared.md", "Its round trip takes {} times as long as Agrona's.", thereAndBack));
        String cWithVectors = ratio(cell("### In one direction, 64 KiB", "C, vectors only", 4));
        claims.add(new Claim("docs/explanation.md", "carries {} times as many messages of 64 KiB", cWithVectors));
        for (String[] way : new String[][] {
            {"shm4j, both sides spin", "**shm4j**"},
            {"C, the same steps", "C"},
            {"a mapped file, the same steps", "mapped file, tmpfs"},
            {"a file", "file, disk"},
            {"a Unix domain socket, whose reader sleeps", "Unix domain socket"},
            {"a TCP socket, likewise", "TCP, loopback"},
        }) {
            String[] time = cell("### Round trip, 64 B", way[1], 1).split(" ");
            claims.add(new Claim("site/index.md", "| " + way[0] + " | {} " + time[1] + " |", time[0]));
        }
        return claims;
    }

    /** A page may round a figure, and may not say it twice: the second place would be held by nobody. */
    @ParameterizedTest
    @MethodSource("claims")
    void shouldSayWhatWasMeasured(Claim claim) throws IOException {
        Matcher said = claim.in(Files.readString(PROJECT.resolve(claim.page)));
        assertTrue(said.find(), () -> claim + " is not there");
        List<String> figures = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < claim.measured.length; i++) {
            String figure = said.group(i + 1);
            figures.add(figure);
            expected.add(new BigDecimal(claim.measured[i])
                    .setScale(new BigDecimal(figure).scale(), RoundingMode.HALF_UP)
                    .toString());
        }
        assertEquals(expected, figures);
        assertTrue(!said.find(), () -> claim + " is there twice");
    }

    /** A figure that somebody types in is right on that day. */
    @Test
    void shouldNotSpeakOfSpeedBesideThat() throws IOException {
        List<Claim> claims = claims();
        List<String> unheld = new ArrayList<>();
        List<Path> pages = new ArrayList<>(MarkdownTest.pages());
        // What these show is measured by the reader, or are times for which the protocols wait.
        pages.removeIf(page -> PROJECT.relativize(page)
                .toString()
                .matches("docs/benchmarks\\.md|docs/.*-protocol\\.md|benchmarks/.*|course/02-.*"));
        for (Path page : pages) {
            String name = PROJECT.relativize(page).toString();
            for (String line : withoutCode(Files.readString(page)).split("\n")) {
                String rest = line;
                for (Claim claim : claims) {
                    rest = claim.page.equals(name) ? claim.in(rest).replaceAll("") : rest;
                }
                if (SPEED.matcher(rest).find()) {
                    unheld.add(name + ": " + line);
                }
            }
        }
        assertEquals(List.of(), unheld);
    }

    @Test
    void shouldRecogniseWhatSpeaksOfSpeed() {
        for (String speed : List.of("takes 60 ns", "1.4 × as many", "2 times the time of", "twice as fast")) {
            assertTrue(SPEED.matcher(speed).find(), speed);
        }
    }

    /** Words that are as good as a figure. */
    @Test
    void shouldBeRightWhereItComparesInWords() throws IOException {
        String compared = Files.readString(PROJECT.resolve("docs/compared.md"));
        assertTrue(compared.contains("A message goes there and back in somewhat [less time]"));
        assertTrue(Double.parseDouble(target("ring, 64 B there and back, p50: to Agrona 1:1")) > 1);
        String pitfalls = Files.readString(PROJECT.resolve("docs/pitfalls.md"));
        assertTrue(pitfalls.contains("takes [tens of microseconds](benchmarks.md#arenas)"));
        String nanoseconds = cell("### Arenas", "open and close the arena alone", 2).replace(",", "");
        assertTrue(nanoseconds.matches("[1-9]\\d{4} .*"), nanoseconds);
    }

    private static String withoutCode(String page) {
        return new Document(page).withoutBlocks();
    }

    private static String target(String label) {
        return ratio(cell("## What was to be reached", label, MEASURED));
    }

    private static String inC(String label) {
        return ratio(cell("## What was to be reached", label, C_IN_ITS_PLACE));
    }

    private static String ratio(String cell) {
        assertTrue(cell.matches("[0-9.,]+ ×"), cell);
        return cell.replaceAll(" ×|,", "");
    }

    private static String cell(String heading, String label, int column) {
        int section = benchmarks.indexOf("\n" + heading + "\n");
        int row = benchmarks.indexOf("\n| " + label + " |", section);
        assertTrue(section > 0 && row > section, () -> label + " below " + heading);
        String[] cells = benchmarks.substring(row + 1).lines().findFirst().orElseThrow().split("\\|");
        return Arrays.stream(cells).map(String::strip).skip(1).toList().get(column);
    }
}
