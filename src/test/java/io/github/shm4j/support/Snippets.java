package io.github.shm4j.support;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/** Compiles the code that documents show. */
public final class Snippets {

    /** Declarations of names that a snippet may use because the text around it introduces them. */
    private static final Map<String, String> CONTEXT = new TreeMap<>(Map.ofEntries(
            Map.entry("key", "ShmKey key = ShmKey.random();"),
            Map.entry("file", "Path file = Path.of(\".\");"),
            Map.entry("number", "int number = 1;"),
            Map.entry("word", "String word = \"word\";"),
            Map.entry("arena", "Arena arena = Arena.global();"),
            Map.entry("received", "List<String> received = new ArrayList<>();"),
            Map.entry("messages", "List<MemorySegment> messages = List.of();"),
            Map.entry("ring", "SpscRingBuffer ring = SpscRingBuffer.open(key, Arena.global());"),
            Map.entry("read", "String read;")));

    private static final String CONSTANTS = """
                static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
                static final long SEQUENCE = 0;
                static final long FIELDS = 8;
                static final int FIELD_COUNT = 6;
                static final int TYPE = 1;
            """;

    private static final String IMPORTS = """
            import static java.nio.charset.StandardCharsets.UTF_8;
            import io.github.shm4j.*;
            import io.github.shm4j.ring.*;
            import io.github.shm4j.shmop.*;
            import java.lang.foreign.*;
            import java.lang.invoke.*;
            import java.nio.file.*;
            import java.time.*;
            import java.util.*;
            """;

    private Snippets() {}

    /** Makes a file of a program, of methods, or of statements. */
    public static String asFile(String name, String code) {
        if (Pattern.compile("^class ", Pattern.MULTILINE).matcher(code).find()) {
            return code;
        }
        String members = code.stripLeading().matches("(?s)(/\\*\\*|static ).*") ? code : method(code);
        return IMPORTS + "class " + name + " {\n" + CONSTANTS + members + "}\n";
    }

    /** Compiles files, given by names without an ending. Returns the output of the compiler. */
    public static String compile(Map<String, String> files, Path directory) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--release", "22", "-proc:none", "-d", directory.toString(), "-cp",
                System.getProperty("shm4j.test.classes")));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path source = directory.resolve(file.getKey() + ".java");
            arguments.add(Files.writeString(source, file.getValue()).toString());
        }
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        ToolProvider.findFirst("javac").orElseThrow().run(out, out, arguments.toArray(String[]::new));
        return said.toString();
    }

    private static String method(String statements) {
        String context = CONTEXT.entrySet().stream()
                .filter(variable -> uses(statements, variable.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.joining("\n"));
        String end = statements.contains("return ") ? "" : "return null;\n";
        return "static Object snippet() throws Exception {\n" + context + "\n" + statements + end + "}\n";
    }

    /** Whether statements have a name in them that they do not declare. */
    private static boolean uses(String statements, String name) {
        return Pattern.compile("\\b" + name + "\\b").matcher(statements).find()
                && !Pattern.compile("\\w>? " + name + " =").matcher(statements).find()
                || name.equals("key") && uses(statements, "ring");
    }
}
