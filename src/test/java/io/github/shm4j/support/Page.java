package io.github.shm4j.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page in Markdown whose fences are held to what they show: {@code java FILE#region}, and {@code c} and {@code python} likewise,
 * to a part of a file, {@code console} to the output of commands, and {@code jshell} to the answers of a live session.
 *
 * <p>In the output that a page shows, {@code [..]} stands for anything within a line, and a line {@code ...} for any lines.
 */
public final class Page {

    private static final String FENCE = "```";
    private static final Pattern REGION = Pattern.compile("\\s*(?://|#) (?:@start )?region[ =]\"?([\\w-]+)\"?");
    private static final Pattern END =
            Pattern.compile("\\s*(?://|#) (?:@end|endregion)(?: (?:region=)?\"?([\\w-]+)\"?)?");

    private final Path file;
    private final List<String> lines;

    private Page(Path file) throws IOException {
        this.file = file;
        this.lines = new ArrayList<>(Files.readAllLines(file));
    }

    /** Reads a page. */
    public static Page read(Path file) throws IOException {
        return new Page(file);
    }

    /**
     * A fenced part of a page.
     *
     * @param start the index of its first line in the page
     * @param language the first word behind the fence, {@code ""} if there is none
     * @param source the second word
     * @param lines what is in it
     */
    public record Fence(int start, String language, String source, List<String> lines) {

        /** The inputs behind a prompt, such as {@code "$ "}, each with the output that the page shows. */
        public List<Shown> inputs(String prompt) {
            List<Shown> inputs = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).startsWith(prompt)) {
                    inputs.add(new Shown(start + i + 1, lines.get(i).substring(prompt.length()), new ArrayList<>()));
                } else if (inputs.isEmpty()) {
                    throw new AssertionError("there is no " + prompt + "before " + lines);
                } else {
                    inputs.getLast().output.add(lines.get(i));
                }
            }
            return inputs;
        }
    }

    /**
     * What a page shows of a command or an input.
     *
     * @param start the index in the page of the first line of the output
     * @param input the command
     * @param output the lines behind it
     */
    public record Shown(int start, String input, List<String> output) {

        /** Whether output is as the page shows it. */
        public boolean matches(List<String> actual) {
            String pattern = output.stream()
                    .map(line -> line.equals("...") ? "(?:.*\n)*" : pattern(line) + "\n")
                    .collect(Collectors.joining());
            return (String.join("\n", actual) + (actual.isEmpty() ? "" : "\n")).matches(pattern);
        }

        /** The actual output, but where a line is as the page shows it, the page's. */
        List<String> merged(List<String> actual) {
            List<String> merged = new ArrayList<>();
            int from = 0;
            for (String line : actual) {
                String found = line;
                for (int i = from; i < output.size(); i++) {
                    if (line.matches(pattern(output.get(i)))) {
                        found = output.get(i);
                        from = i + 1;
                        break;
                    }
                }
                merged.add(found);
            }
            return merged;
        }

        private static String pattern(String line) {
            return Arrays.stream(line.split("\\[\\.\\.]", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        }
    }

    /** The fences in a language, or all if it is {@code null}. */
    public List<Fence> fences(String language) {
        List<Fence> fences = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(FENCE)) {
                String[] words = (lines.get(i).substring(FENCE.length()) + " ").split(" ", 2);
                int start = i + 1;
                do {
                    i++;
                } while (!lines.get(i).equals(FENCE));
                if (language == null || words[0].equals(language)) {
                    fences.add(new Fence(start, words[0], words[1].strip(), List.copyOf(lines.subList(start, i))));
                }
            }
        }
        return fences;
    }

    /** The part of a file that a fence names as {@code FILE#region}, or the whole file, without the marks of regions. */
    public List<String> source(Fence fence) throws IOException {
        String[] name = fence.source.split("#", 2);
        List<String> all = Files.readAllLines(file.resolveSibling(name[0]));
        List<String> part = new ArrayList<>();
        boolean inside = name.length == 1;
        boolean found = inside;
        for (String line : all) {
            Matcher region = REGION.matcher(line);
            Matcher end = END.matcher(line);
            if (region.matches()) {
                inside |= name.length > 1 && region.group(1).equals(name[1]);
                found |= inside;
            } else if (end.matches()) {
                // One region may lie inside of another.
                inside &= name.length == 1 || end.group(1) != null && !end.group(1).equals(name[1]);
            } else if (inside) {
                part.add(line);
            }
        }
        if (!found) {
            throw new AssertionError(file + ": there is no " + fence.source);
        }
        int indent = part.stream().filter(line -> !line.isBlank())
                .mapToInt(line -> line.length() - line.stripLeading().length()).min().orElse(0);
        return part.stream().map(line -> line.isBlank() ? "" : line.substring(indent)).toList();
    }

    /** Writes a page anew with other lines in the place of some. */
    public static void write(Path page, int start, int count, List<String> actual) {
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(page));
            lines.subList(start, start + count).clear();
            lines.addAll(start, actual);
            Files.write(page, lines);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Writes a page anew with the output of a command. */
    public static void write(Path page, Shown shown, List<String> actual) {
        write(page, shown.start, shown.output.size(), shown.merged(actual));
    }

    /** The lines outside of fences. */
    public List<String> prose() {
        List<String> prose = new ArrayList<>(lines);
        for (Fence fence : fences(null).reversed()) {
            prose.subList(fence.start - 1, fence.start + fence.lines.size() + 1).clear();
        }
        return prose;
    }

    /** The anchors of its headings, as GitHub makes them. */
    public List<String> anchors() {
        return prose().stream()
                .filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
