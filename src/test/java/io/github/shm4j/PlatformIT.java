package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.shmop.Shmop;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the library says where the JVM denies native access or the system is not supported. */
class PlatformIT {

    /** The options that make native access an error, which before Java 24 takes enabling it for somebody else. */
    private static final String[] DENY = Runtime.version().feature() >= 24
            ? new String[] {"--illegal-native-access=deny"}
            : new String[] {"--enable-native-access=java.base"};

    /** Keeps {@link Child} from enabling native access, and does nothing else. */
    private static final String NO_FLAG = "-Dno-native-access-flag";

    private static final String SUPPORTED =
            "shm4j supports 64-bit Linux with glibc on x86_64, aarch64, riscv64, s390x and ppc64le; found ";

    /** What the library reads from the kernel's files, where there are any, and makes no native call for. */
    private static final Set<String> FROM_FILES = Set.of(
            "ShmKey.ftok(Path, int)", "Shmop.ftok(Path, String)", "SharedMemory.list()", "ShmLimits.current()",
            "ShmLimits.pageSize()");

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // J22
    @Test
    void shouldNameTheFlagInEveryCallWhenNativeAccessIsDenied() {
        assertEveryEntrySays(
                Child.java(EveryEntry.class).jvm(DENY).run(),
                FROM_FILES,
                "IllegalCallerException: The JVM denies native access to shm4j: start it with"
                        + " --enable-native-access=ALL-UNNAMED (in an executable jar: the manifest entry"
                        + " Enable-Native-Access: ALL-UNNAMED)");
    }

    @ParameterizedTest
    @CsvSource({
        "os.arch=ppc64, Linux on ppc64",
        "os.arch=x86, Linux on x86",
        "os.name=Mac OS X, Mac OS X on ",
        "os.name=Windows 11, Windows 11 on "
    })
    void shouldNameTheSystemInEveryCallWhenItIsNotSupported(String property, String found) {
        String system = found.endsWith("on ") || found.endsWith("on") ? found.strip() + " " + arch() : found;
        assertEveryEntrySays(
                Child.java(EveryEntry.class).jvm("-D" + property).run(),
                Set.of(),
                "UnsupportedOperationException: " + SUPPORTED + system);
    }

    private static String arch() {
        return System.getProperty("os.arch");
    }

    private static void assertEveryEntrySays(Child.Result result, Set<String> done, String outcome) {
        assertEquals(0, result.exit(), result::toString);
        List<String> expected = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            EveryEntry.calls().keySet()
                    .forEach(entry -> expected.add(entry + ": " + (done.contains(entry) ? "ok" : outcome)));
        }
        assertEquals(String.join("\n", expected), result.out().strip());
        assertEquals("", result.err());
    }

    @Test
    void shouldHaveTriedEveryPublicMethodThatIsNotAPureFunction() {
        Set<String> known = new TreeSet<>(EveryEntry.calls().keySet());
        known.addAll(Set.of(
                "SharedMemory.equals(Object)",
                "SharedMemory.hashCode()",
                "SharedMemory.id()",
                "SharedMemory.ofId(int)",
                "SharedMemory.toString()",
                "ShmKey.of(int)",
                "ShmKey.parse(String)",
                "ShmKey.random()"));
        Set<String> present = new TreeSet<>();
        for (Class<?> type : List.of(SharedMemory.class, ShmKey.class, ShmLimits.class, ShmUsage.class, ShmStatus.class,
                Shmop.class)) {
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers()))
                    // The instance methods of the others need an instance, which one of these calls has made.
                    .filter(method -> type == SharedMemory.class || Modifier.isStatic(method.getModifiers()))
                    .map(PlatformIT::signature)
                    .forEach(present::add);
        }
        assertEquals(present, known);
    }

    private static String signature(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    /** Makes every call of the library that asks the kernel, twice, and prints what each throws. */
    static final class EveryEntry {

        private EveryEntry() {}

        private interface Call {
            void run() throws Exception;
        }

        static Map<String, Call> calls() {
            ShmKey key = ShmKey.of(0x33010024);
            ShmPermissions permissions = ShmPermissions.OWNER_ONLY;
            ShmTrust trust = ShmTrust.callerOrRoot();
            SharedMemory memory = SharedMemory.ofId(0);
            Path file = Path.of("/");
            Map<String, Call> calls = new LinkedHashMap<>();
            calls.put("ShmKey.ftok(Path, int)", () -> ShmKey.ftok(file, 'j'));
            calls.put("SharedMemory.create(ShmKey, long)", () -> SharedMemory.create(key, 1000));
            calls.put(
                    "SharedMemory.create(ShmKey, long, ShmPermissions, CreateOption[])",
                    () -> SharedMemory.create(key, 1000, permissions, CreateOption.NO_RESERVE,
                            CreateOption.HUGE_PAGES));
            calls.put("SharedMemory.createPrivate(long)", () -> SharedMemory.createPrivate(1000));
            calls.put(
                    "SharedMemory.createPrivate(long, ShmPermissions, CreateOption[])",
                    () -> SharedMemory.createPrivate(1000, permissions, CreateOption.NO_RESERVE));
            calls.put("SharedMemory.open(ShmKey)", () -> SharedMemory.open(key));
            calls.put("SharedMemory.open(ShmKey, long)", () -> SharedMemory.open(key, 1000));
            calls.put("SharedMemory.open(ShmKey, ShmTrust)", () -> SharedMemory.open(key, trust));
            calls.put("SharedMemory.openOrCreate(ShmKey, long)", () -> SharedMemory.openOrCreate(key, 1000));
            calls.put(
                    "SharedMemory.openOrCreate(ShmKey, long, ShmPermissions, ShmTrust, CreateOption[])",
                    () -> SharedMemory.openOrCreate(key, 1000, permissions, trust, CreateOption.HUGE_PAGES));
            calls.put("SharedMemory.list()", SharedMemory::list);
            calls.put(
                    "SharedMemory.attach(AttachMode, Arena)",
                    () -> memory.attach(AttachMode.READ_ONLY, Arena.ofAuto()));
            calls.put(
                    "SharedMemory.attach(AttachMode, Arena, AttachOption[])",
                    () -> memory.attach(AttachMode.READ_WRITE, Arena.global(), AttachOption.PRE_TOUCH));
            calls.put("SharedMemory.status()", memory::status);
            calls.put("SharedMemory.setPermissions(ShmPermissions)", () -> memory.setPermissions(permissions));
            calls.put("SharedMemory.setOwner(long, long)", () -> memory.setOwner(0, 0));
            calls.put("SharedMemory.lockInMemory()", memory::lockInMemory);
            calls.put("SharedMemory.unlockFromMemory()", memory::unlockFromMemory);
            calls.put("SharedMemory.wipe()", memory::wipe);
            calls.put("SharedMemory.remove()", memory::remove);
            calls.put("ShmLimits.current()", ShmLimits::current);
            calls.put("ShmLimits.pageSize()", ShmLimits::pageSize);
            calls.put("ShmUsage.current()", ShmUsage::current);
            calls.put("Shmop.open(ShmKey, String)", () -> Shmop.open(key, "a"));
            calls.put(
                    "Shmop.open(ShmKey, String, ShmPermissions, long)", () -> Shmop.open(key, "n", permissions, 1000));
            calls.put(
                    "Shmop.open(ShmKey, String, ShmPermissions, long, ShmTrust)",
                    () -> Shmop.open(key, "c", permissions, 1000, trust));
            calls.put("Shmop.ftok(Path, String)", () -> Shmop.ftok(file, "j"));
            return calls;
        }

        public static void main(String[] arguments) {
            for (int round = 0; round < 2; round++) {
                calls().forEach((entry, call) -> System.out.println(entry + ": " + outcome(call)));
            }
        }

        private static String outcome(Call call) {
            try {
                call.run();
                return "ok";
            } catch (Throwable thrown) {
                return thrown.getClass().getSimpleName() + ": " + thrown.getMessage();
            }
        }
    }

    // J22
    @Test
    void shouldComputePureValuesWhereNoNativeCallCanBeMade() {
        for (String[] options : List.of(DENY, new String[] {"-Dos.arch=ppc64"},
                new String[] {"-Dos.name=Mac OS X"})) {
            Child.Result result = Child.java(PureValues.class).jvm(options).run();
            assertEquals(PureValues.text(), result.ok(), () -> Arrays.toString(options));
            assertEquals("", result.err());
        }
    }

    /** Prints values that need no kernel. */
    static final class PureValues {

        private PureValues() {}

        static String text() {
            return Stream.of(
                    ShmKey.of(-1),
                    ShmKey.parse("0x33010024").value(),
                    ShmKey.random().equals(ShmKey.PRIVATE),
                    ShmPermissions.of(0640),
                    ShmPermissions.of(0640).toLetters(),
                    ShmPermissions.OWNER_ONLY.toSet(),
                    CreateOption.HUGE_PAGES,
                    CreateOption.NO_RESERVE,
                    CreateOption.hugePages(2L << 20),
                    Arrays.toString(AttachOption.values()),
                    Arrays.toString(AttachMode.values()),
                    ShmTrust.callerOrRoot().withoutOtherWriters(),
                    ShmTrust.users(1000),
                    SharedMemory.ofId(0),
                    SharedMemory.ofId(7).equals(SharedMemory.ofId(7)))
                    .map(Object::toString)
                    .collect(Collectors.joining("\n"));
        }

        public static void main(String[] arguments) {
            System.out.println(text());
        }
    }

    // J22
    @Test
    void shouldWorkWithAWarningOfTheJvmWhereNothingIsSaidAboutNativeAccess() throws ShmException {
        Child.Result result = Child.java(Works.class, blocks.freeKey()).jvm(NO_FLAG).run();
        assertEquals("works", result.ok());
        List<String> warnings =
                result.err().lines().filter(line -> line.startsWith("WARNING:")).toList();
        assertTrue(result.err().contains("--enable-native-access=ALL-UNNAMED"), result.err());
        assertEquals(
                1, warnings.stream().filter(line -> line.contains("restricted method")).count(), result.err());
        assertEquals(warnings.size(), result.err().lines().filter(line -> !line.isBlank()).count(), result.err());
    }

    // J22
    @Test
    void shouldWorkSilentlyWithTheFlagThatTheMessageNames() throws ShmException {
        List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
        if (Runtime.version().feature() >= 24) {
            options.addAll(List.of(DENY));
        }
        Child.Result result =
                Child.java(Works.class, blocks.freeKey()).jvm(options.toArray(String[]::new)).run();
        assertEquals("works", result.ok());
        assertEquals("", result.err());
    }

    /** Makes, uses and removes a block. */
    static final class Works {

        private Works() {}

        public static void main(String[] arguments) throws ShmException {
            SharedMemory memory = SharedMemory.create(ShmKey.parse(arguments[0]), 1000);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
                segment.set(ValueLayout.JAVA_BYTE, 999, (byte) 3);
                System.out.println(memory.status().attachCount() == 1 ? "works" : memory.status());
            } finally {
                memory.remove();
            }
        }
    }

    // J22
    @Test
    void shouldWorkSilentlyFromAJarWithTheManifestEntryThatTheMessageNames(@TempDir Path directory) throws IOException {
        Path manifest = Files.writeString(
                directory.resolve("manifest"),
                "Main-Class: " + Works.class.getName() + "\nEnable-Native-Access: ALL-UNNAMED\n");
        Path jar = directory.resolve("program.jar");
        String classes = System.getProperty("shm4j.test.classes");
        String works = Works.class.getName().replace('.', '/') + ".class";
        jar("--create", "--file", jar, "--manifest", manifest, "-C", classes, "io", "-C", testClasses(), works);
        List<Object> command = new ArrayList<>(List.of(tool("java")));
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of(DENY));
        }
        command.addAll(List.of("-jar", jar, blocks.freeKey()));
        Child.Result result = Child.command(command.toArray()).run();
        assertEquals("works", result.ok());
        assertEquals("", result.err());
    }

    // J22
    @Test
    void shouldNameItsModuleWhereItIsOne(@TempDir Path directory) throws IOException {
        Path program = Files.writeString(directory.resolve("Program.java"), """
                import io.github.shm4j.*;

                class Program {
                    public static void main(String[] arguments) throws Exception {
                        System.out.println(SharedMemory.class.getModule());
                        for (int i = 0; i < 2; i++) {
                            try {
                                SharedMemory memory = SharedMemory.create(ShmKey.parse(arguments[0]), 1000);
                                System.out.println(memory.status().size());
                                memory.remove();
                            } catch (IllegalCallerException denied) {
                                System.out.println(denied.getMessage());
                            }
                        }
                    }
                }
                """);
        Path jar = directory.resolve("shm4j.jar");
        jar("--create", "--file", jar, "-C", System.getProperty("shm4j.test.classes"), ".");
        String denied = "The JVM denies native access to shm4j: start it with --enable-native-access=io.github.shm4j ";
        for (Object modules : List.of(System.getProperty("shm4j.test.classes"), jar)) {
            List<String> refused = module(modules, program, DENY).ok().lines().toList();
            assertEquals("module io.github.shm4j", refused.get(0));
            assertTrue(refused.get(1).startsWith(denied), refused.get(1));
            assertEquals(refused.get(1), refused.get(2));
        }

        // The flag for the class path is not the one for a module.
        String other =
                module(jar, program, "--enable-native-access=ALL-UNNAMED", DENY[0].replace("java.base", "java.sql"))
                        .ok();
        assertTrue(other.contains(denied), other);

        Child.Result allowed = module(jar, program, "--enable-native-access=io.github.shm4j");
        assertEquals("module io.github.shm4j\n1000\n1000", allowed.ok());
        assertEquals("", allowed.err());
    }

    private Child.Result module(Object modules, Path program, String... options) throws ShmException {
        List<Object> command = new ArrayList<>(List.of(tool("java")));
        command.addAll(List.of(options));
        command.addAll(
                List.of("--module-path", modules, "--add-modules", "io.github.shm4j", program, blocks.freeKey()));
        return Child.command(command.toArray()).run();
    }

    private static void jar(Object... arguments) {
        List<Object> command = new ArrayList<>(List.of(tool("jar")));
        command.addAll(List.of(arguments));
        Child.command(command.toArray()).run().ok();
    }

    private static Path tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name);
    }

    private static String testClasses() {
        return System.getProperty("shm4j.test.testClasses");
    }
}
