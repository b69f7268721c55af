package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The texts that the build has made are those that the parser would show now. */
class HelpTextsTest {

    private static List<String[]> commands() {
        List<String[]> commands = new ArrayList<>();
        commands.add(new String[0]);
        Main.complete().getSubcommands().forEach((name, command) -> {
            commands.add(new String[] {name});
            command.getSubcommands().keySet().forEach(below -> commands.add(new String[] {name, below}));
        });
        return commands;
    }

    /** {@return what the parser shows, set up as for these words} */
    private static String shown(Ansi ansi, String... words) {
        CommandLine command = Main.forPicocli(words);
        for (String word : words) {
            command = command.getSubcommands().get(word);
        }
        return command.getUsageMessage(Main.styles(ansi));
    }

    @Test
    void shouldBeThatOfEachCommand() throws IOException {
        List<String[]> commands = commands();
        assertTrue(commands.size() > 15, () -> "commands: " + commands.size());
        for (String[] words : commands) {
            assertEquals(shown(Ansi.OFF, words), HelpTexts.of("/dev/null", words), () -> String.join(" ", words));
            assertEquals(shown(Ansi.OFF, words), HelpTexts.withoutStyles(shown(Ansi.ON, words)));
        }
    }

    @Test
    void shouldKeepStylesForTerminals() throws IOException {
        try (var text = HelpTexts.class.getResourceAsStream("help/ring-send")) {
            String styled = new String(text.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(shown(Ansi.ON, "ring", "send"), styled);
            assertTrue(styled.contains("\033[1m--timeout"), styled);
        }
    }

    /** Yellow, which the parser has for options of its own accord, cannot be read on white. */
    @Test
    void shouldHaveNoColours() {
        for (String[] words : commands()) {
            String styled = shown(Ansi.ON, words);
            assertFalse(Pattern.compile("\033\\[[34][0-8]").matcher(styled).find(), styled);
            CommandLine command = Main.forPicocli(words);
            for (String word : words) {
                command = command.getSubcommands().get(word);
            }
            assertEquals(Main.styles(Ansi.AUTO), command.getColorScheme());
        }
    }

    @Test
    void shouldBeWantedOfEachCommandInEachWay() {
        for (String[] words : commands()) {
            for (String option : new String[] {"--help", "-h"}) {
                String[] behind = Arrays.copyOf(words, words.length + 1);
                behind[words.length] = option;
                assertArrayEquals(words, HelpTexts.wanted(behind));
            }
            String[] after = new String[words.length + 1];
            after[0] = "help";
            System.arraycopy(words, 0, after, 1, words.length);
            assertArrayEquals(words, HelpTexts.wanted(after));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "list --help --json", "ring send 0x1 --help", "help ring-send", "help ../help/list",
        "help lst", "help ring recieve", "help list send", "help --lst", "lst --help", "ring list --help", "-hV",
        "--helpp",
        "read -- --help", "write 0x1 --help", "help ring send send"})
    void shouldLeaveToTheParser(String line) {
        assertNull(HelpTexts.wanted(line.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({"'', true", "ring, true", "list, false", "ring send, false", "ring --debug, false"})
    void shouldKnowWhereACommandIsMissing(String line, boolean missing) {
        assertEquals(missing, HelpTexts.lackCommand(line.isEmpty() ? new String[0] : line.split(" ")));
    }
}
