package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Document;
import io.github.shm4j.support.ProjectDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Follows the tutorial in two real {@code jshell}s, line by line, and compares what they answer with what it says. */
class TutorialIT {

    private static final String PROMPT = "jshell> ";
    private static final String END = "end of the answer";

    private ProjectDirectory directory;

    @BeforeEach
    void makeDirectory(@TempDir Path empty) throws IOException {
        directory = new ProjectDirectory(empty);
    }

    @AfterEach
    void removeDirectory() throws IOException {
        directory.close();
    }

    @Test
    void shouldAnswerAsTheTutorialSays() throws IOException {
        Document tutorial = Document.read(PROJECT.resolve("docs/tutorial.md"));
        String start = "exec " + tutorial.commands("jshell");
        try (Child.Running first = directory.shell(start).start();
                Child.Running second = directory.shell(start).start()) {
            List<Child.Running> terminals = List.of();
            int steps = 0;
            String[] lines = tutorial.text().split("\\R");
            for (int i = 0; i < lines.length; i++) {
                boolean inFirst = lines[i].contains("n the first terminal") || lines[i].contains("n both terminals");
                boolean inSecond = lines[i].contains("n the second terminal") || lines[i].contains("n both terminals");
                if (inFirst || inSecond) {
                    terminals = new ArrayList<>();
                    if (inFirst) {
                        terminals.add(first);
                    }
                    if (inSecond) {
                        terminals.add(second);
                    }
                }
                if (lines[i].startsWith(PROMPT)) {
                    String input = lines[i].substring(PROMPT.length());
                    List<String> expected = new ArrayList<>();
                    while (!lines[i + 1].startsWith(PROMPT) && !lines[i + 1].startsWith("```")) {
                        expected.add(lines[++i]);
                    }
                    for (Child.Running terminal : terminals) {
                        requireAnswer(input, expected, answer(terminal, input));
                        steps++;
                    }
                }
            }
            assertTrue(steps > 15, steps + " steps");
        }
        assertEquals(List.of(), directory.blocks());
    }

    private static List<String> answer(Child.Running terminal, String input) {
        terminal.send(input);
        terminal.send("System.out.println(\"" + END + "\")");
        List<String> answer = new ArrayList<>();
        while (true) {
            String line = terminal.line().replace(PROMPT, "").stripTrailing();
            if (line.equals(END)) {
                return answer;
            }
            // Welcome, and where in jshell an exception was thrown.
            if (!line.isEmpty() && !line.matches("\\|  (?:Welcome|For an introduction).*|\\|        at .*")) {
                answer.add(line);
            }
        }
    }

    /** Numbers differ from one run to the next, and the tutorial leaves out the end of long messages. */
    private static void requireAnswer(String input, List<String> expected, List<String> actual) {
        assertEquals(expected.size(), actual.size(), () -> input + ": " + actual);
        for (int i = 0; i < expected.size(); i++) {
            String line = withoutNumbers(expected.get(i));
            boolean isBeginning = line.endsWith("…");
            String beginning = isBeginning ? line.substring(0, line.length() - 1) : line;
            String said = withoutNumbers(actual.get(i));
            assertTrue(isBeginning ? said.startsWith(beginning) : said.equals(line), () -> input + ": " + actual);
        }
    }

    private static String withoutNumbers(String line) {
        return line.replaceAll("0x[0-9a-f]+|@[0-9a-f]+|\\d+", "N");
    }
}
