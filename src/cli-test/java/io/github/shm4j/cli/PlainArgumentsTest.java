package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.cli.command.Subcommand;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** What is parsed without picocli comes to the same as with it. */
class PlainArgumentsTest {

    private static final Map<String, List<String>> VALUES = Map.ofEntries(
            Map.entry("KEY|ID", List.of("0x33010024", "17", "id:17", "id:-1", "0")),
            Map.entry("KEY", List.of("0x33010024", "010", "0", "key")),
            Map.entry("SIZE", List.of("4096", "4K", "1.5M", "4096x", "-1")),
            Map.entry("PAGESIZE", List.of("2M", "")),
            Map.entry("AGE", List.of("30s", "1h30m", "30")),
            Map.entry("TIME", List.of("500ms", "30s", "5")),
            Map.entry("USER", List.of("root", "0", "4294967295")),
            Map.entry("USER[:GROUP]", List.of("root", "root:0", ":")),
            Map.entry("COLUMN", List.of("KEY", "key,id", "SIZE,,ID", "size,", "none", ",")),
            Map.entry("COLUMN[:desc]", List.of("SIZE", "size:desc", "sizes")),
            Map.entry("KIND", List.of("spsc", "MPSC", "ring")),
            Map.entry("MODE", List.of("640", "rw-r-----", "0888")),
            Map.entry("FILE", List.of("/etc/passwd", "a\u0000b", " ")),
            Map.entry("PATH", List.of("/etc/passwd", "")),
            Map.entry("PROJECT", List.of("j", "", "äö")),
            Map.entry("TEXT", List.of("text", "-", "a=b", "--", "\"quoted\"", "@file", "${sys:user.home}")),
            Map.entry("MESSAGE", List.of("message", "-text", "'a b'")),
            Map.entry("I", List.of("3", "-1")),
            Map.entry("N", List.of("5", "0", "-1", "0x10", "007", "12345678901", "five")));

    /** Options of all commands that picocli itself answers, or that are for failures. */
    private static final Set<String> PICOCLIS = Set.of("--help", "--version", "--debug");

    private static List<CommandSpec> commands() {
        List<CommandSpec> commands = new ArrayList<>();
        for (CommandLine line : Main.complete().getSubcommands().values()) {
            Collection<CommandLine> below = line.getSubcommands().values();
            for (CommandLine command : below.isEmpty() ? List.of(line) : below) {
                if (!(command.getCommandSpec().userObject() instanceof HelpCommand)) {
                    commands.add(command.getCommandSpec());
                }
            }
        }
        return commands;
    }

    private static List<String> path(CommandSpec command) {
        return new ArrayList<>(Arrays.asList(command.qualifiedName().split(" "))).subList(1,
                command.qualifiedName().split(" ").length);
    }

    private static List<OptionSpec> options(CommandSpec command) {
        return command.options().stream().filter(option -> !PICOCLIS.contains(option.longestName())).toList();
    }

    private static List<String> values(String label) {
        return VALUES.getOrDefault(label, List.of());
    }

    private static String good(String label) {
        assertTrue(VALUES.containsKey(label), () -> "no value for " + label);
        return values(label).get(0);
    }

    /** The words that a command cannot do without, with those for its first so many parameters. */
    private static List<String> necessary(CommandSpec command, int parameters, OptionSpec but) {
        List<String> words = path(command);
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            if (parameter.required() || parameter.index().min() < parameters) {
                words.add(good(parameter.paramLabel()));
            }
        }
        for (OptionSpec option : command.options()) {
            // Of options that rule each other out, picocli calls each required.
            if (option.required() && option.group() == null && option != but) {
                words.addAll(List.of(option.longestName(), good(option.paramLabel())));
            }
        }
        return words;
    }

    /** {@return the command with picocli's values in its fields, or {@code null} if picocli refuses the words} */
    private static Object parsedByPicocli(String... words) {
        ParseResult parsed;
        try {
            parsed = Main.forPicocli(words).parseArgs(words);
        } catch (ParameterException refused) {
            return null;
        }
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        return parsed.isUsageHelpRequested() || parsed.isVersionHelpRequested() ? null
                : parsed.commandSpec().userObject();
    }

    private static Map<String, String> fields(Object object) {
        Map<String, String> fields = new TreeMap<>();
        collect(object, "", fields);
        return fields;
    }

    /** Collects the fields of a command and of its parts, but for those that only one of the two parsers needs. */
    private static void collect(Object object, String prefix, Map<String, String> fields) {
        try {
            for (Field field : object.getClass().getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || field.getType() == CommandSpec.class
                        || field.getAnnotations().length == 0) {
                    continue;
                }
                field.setAccessible(true);
                Object value = field.get(object);
                if (value != null && (field.isAnnotationPresent(CommandLine.Mixin.class)
                        || field.isAnnotationPresent(CommandLine.ArgGroup.class))) {
                    collect(value, prefix + field.getName() + ".", fields);
                } else {
                    fields.put(prefix + field.getName(), String.valueOf(value));
                }
            }
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void assertParsedAlike(List<String> words, Subcommand plain) {
        Object expected = parsedByPicocli(words.toArray(new String[0]));
        assertNotNull(expected, () -> "picocli refuses " + words);
        assertEquals(expected.getClass(), plain.getClass(), words::toString);
        assertEquals(fields(expected), fields(plain), words::toString);
    }

    private static void assertPlain(List<String> words) {
        Subcommand plain = Main.plain(words.toArray(new String[0]));
        assertNotNull(plain, () -> "left to picocli: " + words);
        assertParsedAlike(words, plain);
    }

    @Test
    void shouldTakeEachOptionAndEachParameterOfEachCommand() {
        int tried = 0;
        for (CommandSpec command : commands()) {
            for (int parameters = 0; parameters <= command.positionalParameters().size(); parameters++) {
                assertPlain(necessary(command, parameters, null));
            }
            for (OptionSpec option : options(command)) {
                for (String name : option.names()) {
                    List<String> words = necessary(command, 0, option);
                    if (option.arity().max() == 0) {
                        words.add(name);
                        assertPlain(words);
                    } else if (option.arity().min() == 0) {
                        words.add(path(command).size(), name);
                        assertPlain(words);
                        words.set(path(command).size(), name + "=" + good(option.paramLabel()));
                        assertPlain(words);
                    } else {
                        words.addAll(path(command).size(), List.of(name, good(option.paramLabel())));
                        assertPlain(words);
                        words.remove(path(command).size() + 1);
                        words.set(path(command).size(), name + "=" + good(option.paramLabel()));
                        if (name.startsWith("--")) {
                            assertPlain(words);
                        }
                    }
                    tried++;
                }
            }
        }
        assertTrue(tried > 90, "options tried: " + tried);
    }

    @Test
    void shouldLeaveToPicocliWhatPicocliRefusesOrReadsInAnotherWay() {
        Random random = new Random(17);
        int plain = 0;
        int refused = 0;
        List<CommandSpec> commands = commands();
        for (int i = 0; i < 1500; i++) {
            List<String> words = randomWords(commands.get(random.nextInt(commands.size())), random);
            Subcommand command = Main.plain(words.toArray(new String[0]));
            if (command != null) {
                assertParsedAlike(words, command);
                plain++;
            } else {
                refused++;
            }
        }
        assertTrue(plain > 150 && refused > 150, plain + " of them plain, " + refused + " refused");
    }

    private static List<String> randomWords(CommandSpec command, Random random) {
        List<String> words = necessary(command, random.nextInt(3), null);
        for (int left = random.nextInt(4); left > 0; left--) {
            int at = path(command).size() + random.nextInt(words.size() - path(command).size() + 1);
            words.addAll(at, randomArgument(command, random));
        }
        return words;
    }

    private static List<String> randomArgument(CommandSpec command, Random random) {
        List<OptionSpec> options = command.options();
        OptionSpec option = options.get(random.nextInt(options.size()));
        String name = option.names()[random.nextInt(option.names().length)];
        List<String> values = values(option.paramLabel());
        String value = values.isEmpty() ? "true" : values.get(random.nextInt(values.size()));
        return switch (random.nextInt(8)) {
            case 0 -> List.of(name + "=" + value);
            case 1 -> List.of(name + value);
            case 2 -> List.of("--");
            case 3 -> List.of(VALUES.get("TEXT").get(random.nextInt(VALUES.get("TEXT").size())));
            case 4 -> List.of(name.substring(0, name.length() - 1));
            default -> option.arity().max() == 0 ? List.of(name) : List.of(name, value);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--help", "--version", "help", "help list", "ring", "ring --help", "list --help",
        "--debug list", "list --debug", "lists", "ring lists", "create", "status", "list -Jn", "list -J --json",
        "list --json=true", "read 1 --raw --hex", "ring send 1 --timeout 1s --no-wait", "list --user", "list extra"})
    void shouldLeaveToPicocli(String line) {
        assertNull(Main.plain(line.isEmpty() ? new String[0] : line.split(" ")));
    }

    @Test
    void shouldTakeWhatLooksLikeAnOptionBehindTheEndOfOptions() {
        assertPlain(List.of("write", "id:17", "--", "-text"));
        assertPlain(List.of("ring", "send", "--", "id:17", "--no-wait", "--"));
    }

    @Test
    void shouldNotMistakeAFileForAnother() {
        assertEquals(Path.of("/etc/passwd").toString(),
                fields(Main.plain("ftok", "/etc/passwd")).get("file"));
    }
}
