package io.github.shm4j.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A document in Markdown, as a reader takes it: texts, and code to copy.
 *
 * @param text all of it
 */
public record Document(String text) {

    private static final Pattern BLOCK =
            Pattern.compile("^```(\\w*)[^\\r\\n]*\\R(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

    /** Reads a file. */
    public static Document read(Path file) throws IOException {
        return new Document(Files.readString(file));
    }

    /** The blocks of code in a language, such as {@code "java"} or {@code "sh"}. */
    public List<String> blocks(String language) {
        return BLOCK.matcher(text)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    /** The one block of shell commands that contains a text. */
    public String commands(String part) {
        List<String> found =
                blocks("sh").stream().filter(block -> block.contains(part)).toList();
        if (found.size() != 1) {
            throw new AssertionError("\"" + part + "\" should be in one block of commands: " + found);
        }
        return found.getFirst();
    }

    /** What is no code to copy. */
    public String withoutBlocks() {
        return BLOCK.matcher(text).replaceAll("");
    }

    /** The sentences outside of code and tables; the items of a list are sentences, too. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        for (String line : withoutBlocks().split("\\R")) {
            if (!line.startsWith("|")) {
                sentences.addAll(Arrays.asList(line.split("(?<=[.:;!?])\\s+")));
            }
        }
        return sentences;
    }
}
