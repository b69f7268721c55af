package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Page;
import io.github.shm4j.support.Page.Fence;
import io.github.shm4j.support.Page.Shown;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds pages to the code that they quote and to what they link to. {@link MarkdownIT} runs their commands.
 *
 * <p>{@code -Dshm4j.pages.write=true} writes into the pages what is there.
 */
class MarkdownTest {

    static final boolean WRITE = Boolean.getBoolean("shm4j.pages.write");

    /** The languages whose fences can name what they quote. */
    private static final List<String> QUOTED = List.of("java", "c", "python", "php");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    private static final Pattern PICTURE = Pattern.compile("\\b(?:src|srcset)=\"([^\"]+)\"");

    private static final Pattern METHOD = Pattern.compile("\\[`([A-Z]\\w+)\\.(?!java`)(\\w+)`\\]\\(([^)]+\\.java)\\)");

    /** All pages of the repository, but for what others have written. */
    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (String directory : List.of("", "docs", "native-headers", "benchmarks", "peers", "site")) {
            try (Stream<Path> files = Files.list(PROJECT.resolve(directory))) {
                pages.addAll(files.filter(MarkdownTest::isPage).sorted().toList());
            }
        }
        pages.addAll(coursePages());
        pages.addAll(demoPages());
        return pages;
    }

    static List<Path> demoPages() throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT.resolve("demos"), 2)) {
            return files.filter(MarkdownTest::isPage).sorted().toList();
        }
    }

    static List<Path> coursePages() throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT.resolve("course"), 2)) {
            return files.filter(MarkdownTest::isPage).sorted().toList();
        }
    }

    private static boolean isPage(Path file) {
        return file.toString().endsWith(".md");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void shouldQuoteCodeAsItIs(Path page) throws IOException {
        for (Fence fence : Page.read(page).fences(null).reversed()) {
            if (QUOTED.contains(fence.language()) && !fence.source().isEmpty()) {
                List<String> source = Page.read(page).source(fence);
                if (WRITE && !source.equals(fence.lines())) {
                    Page.write(page, fence.start(), fence.lines().size(), source);
                } else {
                    assertEquals(String.join("\n", source), String.join("\n", fence.lines()), fence.source());
                }
            }
        }
    }

    /** Who reads these copies what stands there. Code that is part of no program has been run by nobody. */
    @Test
    void shouldQuoteOnlyProgramsInTheReadmeTheCourseAndTheDemonstrations() throws IOException {
        int quoted = 0;
        List<Path> pages = new ArrayList<>(coursePages());
        pages.addAll(demoPages());
        pages.add(PROJECT.resolve("README.md"));
        for (Path page : pages) {
            for (Fence fence : Page.read(page).fences("java")) {
                assertTrue(!fence.source().isEmpty(), page + ": " + fence.lines());
                quoted++;
            }
        }
        assertTrue(quoted > 10, quoted + " pieces of code");
    }

    @ParameterizedTest
    @MethodSource("pages")
    void shouldLinkToWhatIsThere(Path page) throws IOException {
        List<String> broken = new ArrayList<>();
        for (String line : Page.read(page).prose()) {
            for (MatchResult link : LINK.matcher(line.replaceAll("`[^`]*`", "")).results().toList()) {
                if (!leadsSomewhere(page, URI.create(link.group(1)))) {
                    broken.add(link.group(1));
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void shouldShowPicturesThatAreThere(Path page) throws IOException {
        List<String> missing = new ArrayList<>();
        for (String line : Page.read(page).prose()) {
            for (MatchResult picture : PICTURE.matcher(line).results().toList()) {
                if (!Files.exists(page.resolveSibling(picture.group(1)))) {
                    missing.add(picture.group(1));
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    /** A link to a method leads to the file: the line would be another one soon. */
    @ParameterizedTest
    @MethodSource("pages")
    void shouldNameMethodsThatAreInTheFilesItLinksTo(Path page) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String line : Page.read(page).prose()) {
            for (MatchResult method : METHOD.matcher(line).results().toList()) {
                Path file = page.resolveSibling(method.group(3));
                if (!file.getFileName().toString().equals(method.group(1) + ".java")
                        || !Files.readString(file).matches("(?s).* " + method.group(2) + "\\(.*")) {
                    wrong.add(method.group());
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static boolean leadsSomewhere(Path page, URI link) throws IOException {
        if (link.getScheme() != null) {
            return link.getScheme().equals("https");
        }
        Path target = link.getPath().isEmpty() ? page : page.resolveSibling(link.getPath());
        return Files.exists(target)
                && (link.getFragment() == null || Page.read(target).anchors().contains(link.getFragment()));
    }

    @Test
    void shouldFindARegionInsideOfAnother(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("A.java"), """
                before
                // @start region="outer"
                a
                    // @start region="inner"
                    b
                    // @end region="inner"
                c
                // @end region="outer"
                behind
                """);
        Path page = Files.writeString(directory.resolve("page.md"), "");
        Map<String, List<String>> regions = Map.of(
                "A.java#outer", List.of("a", "    b", "c"),
                "A.java#inner", List.of("b"),
                "A.java", List.of("before", "a", "    b", "c", "behind"));
        for (Map.Entry<String, List<String>> region : regions.entrySet()) {
            Fence fence = new Fence(0, "java", region.getKey(), List.of());
            assertEquals(region.getValue(), Page.read(page).source(fence), region.getKey());
        }
    }

    @Test
    void shouldTakeTheMarksForWhatDiffers() {
        Shown shown = new Shown(0, "x", List.of("a [..] c", "...", "end (1)"));
        assertTrue(shown.matches(List.of("a b c", "end (1)")));
        assertTrue(shown.matches(List.of("a b c", "1", "2", "end (1)")));
        for (List<String> other : List.of(
                List.of("a b d", "end (1)"), List.of("a b c", "end (2)"), List.of("a b c", "end (1)", ""),
                List.<String>of())) {
            assertTrue(!shown.matches(other), other::toString);
        }
        assertTrue(new Shown(0, "x", List.of()).matches(List.of()));
    }
}
