package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What jextract generated is what the C compiler of this machine makes of the system's headers: every constant, the
 * size and alignment of every structure, the offset and size of every field, the size of every function's result.
 */
class GeneratedBindingsIT {

    private static final Path HEADERS = Path.of(System.getProperty("shm4j.test.basedir"), "native-headers");
    private static final boolean ON_PPC64LE = System.getProperty("os.arch").equals("ppc64le");

    /** What C says, each value by the expression that has it. */
    private static Map<String, String> c;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void askTheCompiler() throws IOException, ReflectiveOperationException {
        Peers.require(Child.exists("cc"), "a C compiler");
        StringBuilder source = new StringBuilder("""
                #include "sysv_shm.h"
                #include "posix.h"
                #include <stddef.h>
                #include <stdio.h>
                // Prints the expression before macros in it are replaced, then its value.
                #define NUMBER(e) printf("%s=%lld\\n", #e, (long long) (e))

                int main(void) {
                """);
        for (String expression : generated().keySet()) {
            source.append("    NUMBER(").append(expression).append(");\n");
        }
        for (Errno errno : EnumSet.complementOf(EnumSet.of(Errno.UNKNOWN))) {
            source.append("    printf(\"text of %s=%s\\n\", \"" + errno + "\", strerror(" + errno + "));\n");
            source.append("    printf(\"number of %s=%d\\n\", \"" + errno + "\", " + errno + ");\n");
        }
        source.append("    return 0;\n}\n");
        Path file = Files.writeString(directory.resolve("bindings.c"), source);
        Path program = directory.resolve("bindings");
        // Functions are called in sizeof only, that is never, so null is as good an argument as any.
        Child.command("cc", "-Wall", "-Wno-nonnull", "-Werror", "-I", HEADERS, "-o", program, file)
                .run()
                .ok();
        c = Child.command("env", "LC_ALL=C", program)
                .run()
                .ok()
                .lines()
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(line -> line[0], line -> line[1]));
    }

    @Test
    void shouldAgreeWithTheCompilerAboutEverythingGenerated() throws ReflectiveOperationException, IOException {
        List<String> differences = new ArrayList<>();
        generated().forEach((expression, value) -> {
            if (!value.toString().equals(c.get(expression))) {
                differences.add(expression + " is " + c.get(expression) + " in C and " + value + " in Java");
            }
        });
        assertEquals(List.of(), differences);
    }

    @Test
    void shouldFindEverythingThatJextractWasToldToGenerate() throws IOException, ReflectiveOperationException {
        Set<String> told = new TreeSet<>();
        for (String arguments : List.of("sysv_shm.jextract", "posix.jextract")) {
            Files.readAllLines(HEADERS.resolve(arguments)).stream()
                    .filter(line -> line.startsWith("--include-"))
                    .map(line -> line.substring("--include-".length()))
                    .forEach(told::add);
        }
        Set<String> found = new TreeSet<>();
        for (Class<?> generated : classes()) {
            if (isStruct(generated)) {
                found.add("struct " + generated.getSimpleName());
            }
            constants(generated).forEach(constant -> found.add("constant " + constant.getName()));
            functions(generated).keySet().forEach(function -> found.add("function " + function));
        }
        assertEquals(told, found);
    }

    @Test
    void shouldHaveLookedAtAllClassesAndAtManyMembers() throws IOException, ReflectiveOperationException {
        assertEquals(
                Set.of("Posix", "SysVShm", "ipc_perm", "shm_info", "shmid_ds", "shminfo"),
                classes().stream().map(Class::getSimpleName).collect(Collectors.toSet()));
        Set<String> expressions = generated().keySet();
        assertTrue(expressions.contains("SHM_STAT_ANY") && expressions.contains("IPC_PRIVATE"), expressions::toString);
        assertTrue(expressions.contains("offsetof(struct shmid_ds, shm_nattch)"), expressions::toString);
        assertTrue(expressions.size() >= 120, () -> expressions.size() + " expressions");
        assertTrue(c.keySet().containsAll(expressions));
    }

    @Test
    void shouldPlaceTheFieldsOfALayoutAtTheOffsetsOfTheAccessors() throws ReflectiveOperationException, IOException {
        int fields = 0;
        for (Class<?> struct : classes()) {
            if (isStruct(struct)) {
                GroupLayout layout = layout(struct);
                Map<String, Long> offsets = offsets(struct);
                for (MemoryLayout member : layout.memberLayouts()) {
                    if (member.name().isPresent()) {
                        String field = member.name().get();
                        assertEquals(
                                layout.byteOffset(PathElement.groupElement(field)), offsets.remove(field),
                                struct + " " + field);
                        fields++;
                    }
                }
                assertEquals(Map.of(), offsets, struct + ": fields that the layout does not have");
            }
        }
        assertTrue(fields >= 30, fields + " fields");
    }

    @Test
    void shouldKnowTheNumbersAndTextsOfTheLibraryOfC() {
        for (Errno errno : EnumSet.complementOf(EnumSet.of(Errno.UNKNOWN))) {
            assertEquals(c.get("number of " + errno), Integer.toString(errno.number()), errno.name());
            assertEquals(c.get("text of " + errno), errno.text(), errno.name());
        }
    }

    /** C expressions and the values that the generated classes have for them. */
    private static Map<String, Long> generated() throws ReflectiveOperationException, IOException {
        Map<String, Long> values = new LinkedHashMap<>();
        for (Class<?> generated : classes()) {
            if (isStruct(generated)) {
                String struct = "struct " + generated.getSimpleName();
                GroupLayout layout = layout(generated);
                values.put("sizeof(" + struct + ")", layout.byteSize());
                values.put("_Alignof(" + struct + ")", layout.byteAlignment());
                for (Map.Entry<String, Long> field : offsets(generated).entrySet()) {
                    values.put("offsetof(" + struct + ", " + field.getKey() + ")", field.getValue());
                    MemoryLayout fieldLayout =
                            (MemoryLayout) generated.getMethod(field.getKey() + "$layout").invoke(null);
                    values.put("sizeof(((" + struct + " *) 0)->" + field.getKey() + ")", fieldLayout.byteSize());
                }
            }
            for (Method constant : constants(generated)) {
                values.put(constant.getName(), ((Number) constant.invoke(null)).longValue());
            }
            functions(generated).forEach((function, descriptor) -> {
                // Not called: sizeof looks at the type only. The compiler refuses a wrong number of arguments.
                String zeros = String.join(
                        ", ",
                        Collections.nCopies(descriptor.argumentLayouts().size(), "0"));
                values.put(
                        "sizeof(" + function + "(" + zeros + "))",
                        descriptor.returnLayout().orElseThrow().byteSize());
            });
        }
        return values;
    }

    private static List<Class<?>> classes() throws IOException, ReflectiveOperationException {
        Path root = Path.of(System.getProperty("shm4j.test.classes"));
        try (Stream<Path> files = Stream.concat(
                Files.list(root.resolve("io/github/shm4j/internal/sysv")),
                Files.list(root.resolve("io/github/shm4j/internal/posix")))) {
            List<String> names = files.map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.contains("$"))
                    .map(file -> file.replace(".class", "").replace('/', '.'))
                    .sorted()
                    .toList();
            List<Class<?>> classes = new ArrayList<>();
            for (String name : names) {
                boolean differs = ON_PPC64LE && (name.endsWith(".ipc_perm") || name.endsWith(".shmid_ds"));
                classes.add(Class.forName(differs ? name.replace(".sysv.", ".ppc64le.") : name));
            }
            return classes;
        }
    }

    private static boolean isStruct(Class<?> generated) {
        return Arrays.stream(generated.getMethods()).anyMatch(method -> method.getName().equals("layout"));
    }

    private static GroupLayout layout(Class<?> struct) throws ReflectiveOperationException {
        return (GroupLayout) struct.getMethod("layout").invoke(null);
    }

    /** Constants are methods without parameters that return a number, and no function has the name. */
    private static List<Method> constants(Class<?> generated) throws ReflectiveOperationException {
        Set<String> functions = functions(generated).keySet();
        return Arrays.stream(generated.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && Modifier.isStatic(method.getModifiers()))
                .filter(method -> method.getParameterCount() == 0)
                .filter(method -> method.getReturnType() == int.class || method.getReturnType() == long.class)
                .filter(method -> !method.getName().contains("$") && !method.getName().equals("sizeof"))
                .filter(method -> !functions.contains(method.getName()))
                .toList();
    }

    private static Map<String, FunctionDescriptor> functions(Class<?> generated) throws ReflectiveOperationException {
        Map<String, FunctionDescriptor> functions = new TreeMap<>();
        for (Method method : generated.getDeclaredMethods()) {
            if (method.getName().endsWith("$descriptor")) {
                functions.put(method.getName().replace("$descriptor", ""), (FunctionDescriptor) method.invoke(null));
            }
        }
        return functions;
    }

    private static Map<String, Long> offsets(Class<?> struct) throws ReflectiveOperationException {
        Map<String, Long> offsets = new TreeMap<>();
        for (Method method : struct.getDeclaredMethods()) {
            if (method.getName().endsWith("$offset")) {
                offsets.put(method.getName().replace("$offset", ""), (Long) method.invoke(null));
            }
        }
        return offsets;
    }
}
