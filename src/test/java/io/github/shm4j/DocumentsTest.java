package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the documents from saying what is no longer so. */
class DocumentsTest {

    private static final Path PROJECT = Path.of(System.getProperty("shm4j.test.basedir"));
    private static final Pattern JAVA_BLOCK =
            Pattern.compile("^```java\\R(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)(?:#[^)]*)?\\)");

    @Test
    void shouldQuoteExamplesInTheReadmeAsTheyAre() throws IOException {
        String examples = "";
        for (Path file : list("examples", ".java")) {
            examples += normalised(Files.readString(file));
        }
        List<String> quoted = JAVA_BLOCK
                .matcher(Files.readString(PROJECT.resolve("README.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertFalse(quoted.isEmpty());
        for (String block : quoted) {
            assertTrue(examples.contains(normalised(block)), "no example has this code:\n" + block);
        }
    }

    @Test
    void shouldLinkToFilesThatExist() throws IOException {
        List<Path> documents = new ArrayList<>(list("docs", ".md"));
        documents.add(PROJECT.resolve("README.md"));
        documents.add(PROJECT.resolve("CONTRIBUTING.md"));
        documents.add(PROJECT.resolve("native-headers/README.md"));
        List<String> broken = new ArrayList<>();
        for (Path document : documents) {
            for (MatchResult link : LINK.matcher(Files.readString(document)).results().toList()) {
                if (!Files.exists(document.resolveSibling(link.group(1)))) {
                    broken.add(document + ": " + link.group(1));
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    private static List<Path> list(String directory, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(PROJECT.resolve(directory))) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    /** The lines without indentation and without the marks of snippets. */
    private static String normalised(String code) {
        return code.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("// @"))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
