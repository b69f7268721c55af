package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is in the jars that are handed out: the library's, and the command line's, which has others' work in it. */
class JarsIT {

    private static final Path COMMAND_LINE = Path.of(System.getProperty("shm4j.test.cliJar"));
    private static final Path LIBRARY = COMMAND_LINE.resolveSibling(
            COMMAND_LINE.getFileName().toString().replace("-cli.jar", ".jar"));

    private static final Pattern JLINE = Pattern.compile("org/jline/[\\w/$]+");

    /** Whose classes there are, by the folder they are in, and the licence that goes with them. */
    private static final Map<String, String> LICENSES = Map.of(
            "io/github/shm4j/", "META-INF/LICENSE",
            "picocli/", "META-INF/licenses/picocli.txt",
            "org/jline/", "META-INF/licenses/jline.txt");

    /** A missing class would show only where it is used first, such as in the report of an error. */
    @Test
    void shouldHaveWhatItNeedsOfJLineAndNoMore() throws IOException {
        try (JarFile jar = new JarFile(COMMAND_LINE.toFile())) {
            Set<String> jline = classes(jar).stream().filter(type -> type.startsWith("org/jline/"))
                    .map(type -> type.replaceFirst("\\.class$", "")).collect(Collectors.toCollection(TreeSet::new));
            Set<String> needed = new TreeSet<>();
            for (String type : classes(jar)) {
                // Names in the constant pool of a class file are ASCII here.
                Matcher names = JLINE.matcher(text(jar, type, StandardCharsets.ISO_8859_1));
                while (names.find()) {
                    needed.add(names.group());
                }
            }
            assertEquals(jline, needed);
        }
    }

    @Test
    void shouldGiveTheLicenceOfEverythingInTheCommandLinesJar() throws IOException {
        try (JarFile jar = new JarFile(COMMAND_LINE.toFile())) {
            Set<String> needed = new TreeSet<>();
            for (String type : classes(jar)) {
                needed.add(LICENSES.entrySet().stream()
                        .filter(license -> type.startsWith(license.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse("no licence is known of " + type));
            }
            assertEquals(new TreeSet<>(LICENSES.values()), needed);

            String notice = text(jar, "META-INF/NOTICE");
            Map<String, String> beginnings = new TreeMap<>(Map.of(
                    "META-INF/LICENSE", "Apache License",
                    "META-INF/licenses/picocli.txt", "Apache License",
                    "META-INF/licenses/jline.txt", "the original author or authors"));
            for (Map.Entry<String, String> license : beginnings.entrySet()) {
                String text = text(jar, license.getKey());
                assertTrue(text.lines().limit(5).anyMatch(line -> line.contains(license.getValue())), text);
                assertTrue(license.getKey().endsWith("LICENSE") || notice.contains(license.getKey()), notice);
            }
            assertTrue(
                    text(jar, "META-INF/licenses/jline.txt").contains("Redistributions in binary form must reproduce"));
        }
    }

    @Test
    void shouldHaveNothingButTheLibraryInItsJar() throws IOException {
        try (JarFile jar = new JarFile(LIBRARY.toFile())) {
            Set<String> types = classes(jar);
            assertTrue(types.contains("io/github/shm4j/SharedMemory.class"), types::toString);
            assertEquals(
                    Set.of(),
                    types.stream()
                            .filter(type -> !type.startsWith("io/github/shm4j/")
                                    || type.startsWith("io/github/shm4j/cli/"))
                            .collect(Collectors.toSet()));
            try (InputStream in = jar.getInputStream(jar.getEntry("module-info.class"))) {
                ModuleDescriptor module = ModuleDescriptor.read(in);
                // A module of the JDK that may be missing when the library runs.
                assertEquals(
                        Set.of("java.base []", "jdk.jfr [STATIC]"),
                        module.requires().stream()
                                .map(required -> required.name() + " "
                                        + (required.name().equals("java.base") ? List.of() : required.modifiers()))
                                .collect(Collectors.toSet()));
                assertEquals(Set.of(), module.uses());
            }
            assertTrue(text(jar, "META-INF/LICENSE").contains("Apache License"));
        }
    }

    private static Set<String> classes(JarFile jar) {
        return jar.stream()
                .map(JarEntry::getName)
                .filter(name -> name.endsWith(".class") && !name.equals("module-info.class"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String text(JarFile jar, String name) throws IOException {
        return text(jar, name, StandardCharsets.UTF_8);
    }

    private static String text(JarFile jar, String name, Charset charset) throws IOException {
        JarEntry entry = jar.getJarEntry(name);
        assertTrue(entry != null, () -> jar.getName() + " has no " + name);
        try (InputStream in = jar.getInputStream(entry)) {
            return new String(in.readAllBytes(), charset);
        }
    }
}
