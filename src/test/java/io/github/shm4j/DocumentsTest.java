package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Document;
import io.github.shm4j.support.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the documents from saying what is no longer so. */
class DocumentsTest {

    /** A program of the JDK where a shell would run it, or at the beginning of a command in the middle of a text. */
    private static final Pattern BARE_TOOL = Pattern.compile(
            "(?:^[\\s*]*|[`|;&(]\\s*|\\bexec )(?:java|javac|jshell|jlink|jar|javadoc)\\s+(?:-|[\\w/]+\\.(?:java|jar)\\b)");

    private static final Pattern FIGURE = Pattern.compile("(?<![\\w.-])\\d[\\d.,]*(?![\\w-])");

    /** A link to a page, and behind it what to read there: {@code [Page](page.md): "One" and "another"}. */
    private static final Pattern RECOMMENDED =
            Pattern.compile("\\]\\(([^)#]+\\.md)\\): ((?:\"[^\"]+\"(?:, and |, | and )?)+)");

    private static final Pattern TITLE = Pattern.compile("\"([^\"]+)\"");

    /** {@link MarkdownTest} holds the code to that program, which is compiled and run. */
    @Test
    void shouldSayOfWhichProgramEachPieceOfCodeIs() throws IOException {
        List<String> loose = new ArrayList<>();
        int pieces = 0;
        for (Path page : MarkdownTest.pages()) {
            for (Page.Fence fence : Page.read(page).fences("java")) {
                pieces++;
                if (fence.source().isEmpty()) {
                    loose.add(PROJECT.relativize(page) + ": " + fence.lines().getFirst());
                }
            }
        }
        assertTrue(pieces > 10, "what the rule is able to see");
        assertEquals(List.of(), loose);
    }

    /** Who adds commands has a test run them, or says here why none does. */
    @Test
    void shouldHaveRunTheCommandsOfEachPage() throws IOException {
        // By how they begin.
        Map<String, String> runBy = Map.ofEntries(
                Map.entry("README.md: ipcs -m ", "DocumentsIT"),
                Map.entry("README.md: ./shm4j demo", ".ci/run"),
                Map.entry("README.md: ./mvnw -q ", "ExamplesIT runs all examples like that"),
                Map.entry("README.md: key=", "DocumentsIT"),
                Map.entry("RELEASING.md: version=", "release/dry-run, but for the tag"),
                Map.entry("RELEASING.md: git clone ", "release/dry-run, but for the upload"),
                Map.entry("RELEASING.md: release/version ", "nobody: it ends a release"),
                Map.entry("RELEASING.md: (cd ../shm4j-release && SHM4J_SITE_BASE=", "nobody: it pushes the site"),
                Map.entry("docs/benchmarks.md: benchmarks/run ", ".ci/run, with --smoke"),
                Map.entry("docs/benchmarks.md: ./shm4j java -jar ", "nobody: it is the command line of JMH"),
                Map.entry("docs/command-line.md: key=", "DocumentsIT"),
                Map.entry("docs/command-line.md: shm4j list --json | jq ", "DocumentsIT"),
                Map.entry("docs/command-line.md: install ", "DocumentsIT"),
                Map.entry("docs/how-to.md: docker ", "nobody, and the page says so"),
                Map.entry("docs/how-to.md: tail -f ", "DocumentsIT"),
                Map.entry("docs/how-to.md: watch ", "DocumentsIT"),
                Map.entry("docs/how-to.md: shm4j ring status --json | jq ", "DocumentsIT"),
                Map.entry("docs/how-to.md: ./mvnw -q ", "DocumentsIT"),
                Map.entry("docs/tutorial.md: ./shm4j jshell ", "MarkdownIT"),
                Map.entry("peers/README.md: cc ", "HeaderIT, with more options"),
                Map.entry("peers/README.md: python3 ", "PythonIT"),
                Map.entry("site/index.md: git clone ", "MarkdownIT, but for the clone"),
                Map.entry("course/README.md: git clone ", "CourseIT, but for the clone"),
                Map.entry("demos/painting/README.md: demos/painting/run ", "DemosIT"));
        Set<String> gone = new TreeSet<>(runBy.keySet());
        List<String> added = new ArrayList<>();
        for (Path page : MarkdownTest.pages()) {
            for (Page.Fence fence : Page.read(page).fences("sh")) {
                String commands = PROJECT.relativize(page) + ": " + fence.lines().getFirst();
                if (!gone.removeIf(commands::startsWith)) {
                    added.add(commands);
                }
            }
        }
        assertEquals(List.of(), added);
        assertEquals(Set.of(), gone);
    }

    /** Whoever copies such a command runs the Java that stands first on the path, which may be too old. */
    @Test
    void shouldNameTheJdkWhoseProgramsItRuns() throws IOException {
        List<Path> texts = new ArrayList<>(MarkdownTest.pages());
        texts.addAll(list("examples", ".java"));
        for (String root : List.of("src/main/java", "src/cli/java")) {
            try (Stream<Path> files = Files.walk(PROJECT.resolve(root))) {
                texts.addAll(files.filter(file -> file.toString().endsWith(".java")).toList());
            }
        }
        List<String> bare = new ArrayList<>();
        for (Path text : texts) {
            for (String line : Files.readAllLines(text)) {
                if (!line.startsWith("```") && BARE_TOOL.matcher(line).find()) {
                    bare.add(PROJECT.relativize(text) + ": " + line.strip());
                }
            }
        }
        assertEquals(List.of(), bare);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java -jar x.jar",
                "  * java Main.java",
                "run `jshell --class-path x`",
                "x=$(java -version)",
                "cd y && javac -d z src/A.java"})
    void shouldRecogniseProgramsOfNoParticularJdk(String line) {
        assertTrue(BARE_TOOL.matcher(line).find());
    }

    @ParameterizedTest
    @ValueSource(strings = {"./shm4j java -jar x.jar", "\"$jdk/bin/javac\" -d z A.java", "the `java` on the path"})
    void shouldLetProgramsOfAParticularJdkPass(String line) {
        assertFalse(BARE_TOOL.matcher(line).find());
    }

    @Test
    void shouldSayForWhomEachPageIs() throws IOException {
        List<Path> pages = new ArrayList<>(list("docs", ".md"));
        for (String other : List.of("CONTRIBUTING.md", "RELEASING.md", "SECURITY.md", "benchmarks/README.md",
                "demos/README.md", "native-headers/README.md", "peers/README.md", "relay/README.md")) {
            pages.add(PROJECT.resolve(other));
        }
        for (Path page : pages) {
            List<String> lines = Files.readAllLines(page);
            assertTrue(lines.get(0).startsWith("# "), page::toString);
            assertTrue(lines.get(2).startsWith("For "), () -> page + " begins with: " + lines.get(2));
        }
    }

    /** A page that no list has is found by nobody; one that is in both lists is for nobody in particular. */
    @Test
    void shouldListEachPageForUsersOrForDevelopers() throws IOException {
        String readme = Files.readString(PROJECT.resolve("README.md"));
        String[] lists =
                readme.split("if you want to \\*\\*use\\*\\* shm4j:|If you want to \\*\\*change\\*\\* it,|## What it");
        assertEquals(4, lists.length);
        List<String> wrong = new ArrayList<>();
        for (Path page : list("docs", ".md")) {
            String link = "](docs/" + page.getFileName() + ")";
            if (lists[1].contains(link) == lists[2].contains(link)) {
                wrong.add(link);
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** The navigation of the site is written by hand. Pages in the root directory need not be there. */
    @Test
    void shouldShowEachPageInTheNavigationOfTheSite() throws IOException {
        String listed = Files.readString(PROJECT.resolve("site/pages.mjs"));
        List<String> missing = new ArrayList<>();
        for (Path page : MarkdownTest.pages()) {
            String name = PROJECT.relativize(page).toString();
            if (name.matches("(?:docs|course|demos)/.*") && !listed.contains("['" + name + "', ")) {
                missing.add(name);
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldHaveDependabotLookAtEachProject() throws IOException {
        String directories = Files.readString(PROJECT.resolve(".github/dependabot.yml"));
        List<Path> places = new ArrayList<>(List.of(PROJECT));
        places.addAll(list("", ""));
        places.addAll(list("release", ""));
        List<String> missing = new ArrayList<>();
        for (Path place : places) {
            String directory = "/" + PROJECT.relativize(place);
            if (Files.exists(place.resolve("pom.xml")) && !directories.matches("(?s).*[\\[ ]" + directory + "[],].*")) {
                missing.add(directory);
            }
        }
        assertEquals(List.of(), missing);
    }

    /** A title is a heading, or the bold beginning of a paragraph. */
    @Test
    void shouldRecommendWhatIsOnThePage() throws IOException {
        List<String> wrong = new ArrayList<>();
        int titles = 0;
        for (Path page : MarkdownTest.pages()) {
            for (MatchResult link : RECOMMENDED.matcher(Files.readString(page)).results().toList()) {
                List<String> lines = Files.readAllLines(page.resolveSibling(link.group(1)));
                for (MatchResult quoted : TITLE.matcher(link.group(2)).results().toList()) {
                    titles++;
                    String title = quoted.group(1);
                    if (lines.stream().noneMatch(line -> line.matches("#+ " + Pattern.quote(title))
                            || line.startsWith("**" + title + ".**"))) {
                        wrong.add(PROJECT.relativize(page) + ": " + title);
                    }
                }
            }
        }
        assertTrue(titles > 2, "what the rule is able to see");
        assertEquals(List.of(), wrong);
    }

    @Test
    void shouldExplainEachWordInItsOrderWithALink() throws IOException {
        List<String> words = new ArrayList<>();
        List<String> lines = Files.readAllLines(PROJECT.resolve("docs/glossary.md"));
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("## ")) {
                words.add(lines.get(i));
                String explained = lines.get(i + 2);
                assertTrue(explained.endsWith(")") && explained.contains("]("), explained);
            }
        }
        assertEquals(20, words.size());
        assertEquals(words.stream().sorted().toList(), words);
    }

    /** Whoever changes a picture changes its other one, too. */
    @Test
    void shouldShowTheSameInThePicturesForTheDark() throws IOException {
        int pictures = 0;
        for (Path light : list("docs/explanation", ".svg")) {
            if (!light.toString().endsWith("-dark.svg")) {
                Path dark = light.resolveSibling(light.getFileName().toString().replace(".svg", "-dark.svg"));
                assertEquals(withoutColors(light), withoutColors(dark));
                assertNotEquals(Files.readString(light), Files.readString(dark));
                pictures++;
            }
        }
        assertTrue(pictures > 0, "there are no pictures");
    }

    private static String withoutColors(Path picture) throws IOException {
        return Files.readString(picture).replaceAll("\"#[0-9a-f]{6}\"", "a color");
    }

    @Test
    void shouldNotBuryTheReaderOfTheReadmeUnderFigures() throws IOException {
        List<String> heavy = new ArrayList<>();
        for (String sentence : Document.read(PROJECT.resolve("README.md")).sentences()) {
            if (FIGURE.matcher(sentence).results().count() > 2) {
                heavy.add(sentence);
            }
        }
        assertEquals(List.of(), heavy);
    }

    private static List<Path> list(String directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(PROJECT.resolve(directory))) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }
}
