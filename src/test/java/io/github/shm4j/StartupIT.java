package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.shmop.Shmop;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program links the functions that it calls and no others.
 *
 * <p>Linking is what makes a first call slow, and it happens when the class that holds a function is initialised. The
 * JVM can log that.
 */
class StartupIT {

    // Initializing 'io/github/shm4j/internal/ShmCalls$Shmget' (0x00007f...) by thread "main"
    private static final Pattern INITIALIZING =
            Pattern.compile("Initializing '((?:io/github/shm4j|jdk/jfr|java/lang/runtime)/[^']*)'");

    /** What makes the methods of records that do not have their own. */
    private static final String METHODS_OF_RECORDS = "java/lang/runtime/ObjectMethods";

    private final Blocks blocks = new Blocks();

    @TempDir
    private Path directory;

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @Test
    void shouldLinkTwoFunctionsToCreateOpenAndRemove() throws IOException {
        Set<String> initialized = initializedBy(CreateAndOpen.class);
        assertEquals(Set.of("Shmget", "Shmctl"), linked(initialized));
        assertLinksNothingWithoutErrno(initialized);
        assertFalse(initialized.contains(METHODS_OF_RECORDS), initialized::toString);
    }

    @Test
    void shouldLinkFourFunctionsToAttachAndDetach() throws IOException {
        Set<String> initialized = initializedBy(Attach.class);
        assertEquals(Set.of("Shmget", "Shmctl", "Shmat", "Shmdt"), linked(initialized));
        assertLinksNothingWithoutErrno(initialized);
        assertFalse(initialized.contains(METHODS_OF_RECORDS), initialized::toString);
        // Where nothing is recorded, it is asked whether anything is, and no event is known.
        assertEquals(
                Set.of("jdk/jfr/FlightRecorder"),
                initialized.stream().filter(name -> name.startsWith("jdk/jfr/")).collect(Collectors.toSet()));
        assertTrue(initialized.stream().noneMatch(name -> name.contains("FlightRecorderEvents$")),
                initialized::toString);
    }

    @Test
    void shouldLinkNothingForWhatTheKernelHasFilesOf() throws IOException {
        Set<String> initialized = initializedBy(FilesOfTheKernel.class);
        assertTrue(initialized.contains("io/github/shm4j/internal/Platform"), initialized::toString);
        assertFalse(initialized.contains("io/github/shm4j/internal/Platform$Native"), initialized::toString);
        assertEquals(Set.of(), linked(initialized));
        assertEquals(Set.of(), generated(initialized));
    }

    @Test
    void shouldLinkNoMoreForAFailureThanForItsCall() throws IOException {
        Set<String> initialized = initializedBy(Fail.class);
        assertEquals(Set.of("Shmget"), linked(initialized));
        assertLinksNothingWithoutErrno(initialized);
    }

    @Test
    void shouldLinkNothingForPureValues() throws IOException {
        Set<String> initialized = initializedBy(PlatformIT.PureValues.class);
        assertTrue(initialized.contains("io/github/shm4j/ShmKey"), initialized::toString);
        Set<String> internal = initialized.stream()
                .filter(name -> name.startsWith("io/github/shm4j/internal"))
                .collect(Collectors.toSet());
        assertEquals(Set.of(), internal);
    }

    /** Opens a block that it has created, and removes it. */
    static final class CreateAndOpen {

        private CreateAndOpen() {}

        public static void main(String[] arguments) throws ShmException {
            ShmKey key = ShmKey.parse(arguments[0]);
            SharedMemory.create(key, 1000);
            SharedMemory.open(key).remove();
        }
    }

    /** Attaches a block in both ways. */
    static final class Attach {

        private Attach() {}

        public static void main(String[] arguments) throws ShmException {
            ShmKey key = ShmKey.parse(arguments[0]);
            SharedMemory memory = SharedMemory.create(key, 1000);
            try (Arena arena = Arena.ofConfined()) {
                memory.attach(AttachMode.READ_WRITE, arena).set(ValueLayout.JAVA_BYTE, 999, (byte) 1);
                try (Shmop shmop = Shmop.open(key, "w")) {
                    shmop.write(shmop.read(0, 0), 0);
                }
            } finally {
                memory.remove();
            }
        }
    }

    /** Computes a key from a file, draws one, and asks for the limits, the size of a page and all blocks. */
    static final class FilesOfTheKernel {

        private FilesOfTheKernel() {}

        public static void main(String[] arguments) throws ShmException {
            if (ShmKey.ftok(Path.of("/"), 'j').equals(ShmKey.PRIVATE) || ShmKey.random().equals(ShmKey.PRIVATE)) {
                throw new AssertionError("IPC_PRIVATE");
            }
            if (ShmLimits.current().minSize() != 1 || Long.bitCount(ShmLimits.pageSize()) != 1) {
                throw new AssertionError("limits");
            }
            SharedMemory.list();
        }
    }

    /** Opens a block that does not exist. */
    static final class Fail {

        private Fail() {}

        public static void main(String[] arguments) throws ShmException {
            try {
                SharedMemory.open(ShmKey.parse(arguments[0]));
            } catch (ShmNotFoundException expected) {
                if (!expected.getMessage().contains("ENOENT (2), No such file or directory")) {
                    throw expected;
                }
            }
        }
    }

    private Set<String> initializedBy(Class<?> program) throws IOException {
        Path log = directory.resolve("class-init.log");
        Child.java(program, blocks.freeKey())
                .jvm("-Xlog:class+init=info:file=" + log + "::filecount=0")
                .run()
                .ok();
        Set<String> initialized = new TreeSet<>();
        for (String line : Files.readAllLines(log)) {
            Matcher matcher = INITIALIZING.matcher(line);
            if (matcher.find()) {
                initialized.add(matcher.group(1));
            }
        }
        assertTrue(initialized.contains(program.getName().replace('.', '/')), () -> "not in the log: " + program);
        return initialized;
    }

    private static Set<String> linked(Set<String> initialized) {
        String holder = "io/github/shm4j/internal/ShmCalls$";
        return initialized.stream()
                .filter(name -> name.startsWith(holder))
                .map(name -> name.substring(holder.length()))
                .collect(Collectors.toSet());
    }

    private static void assertLinksNothingWithoutErrno(Set<String> initialized) {
        Set<String> functions = generated(initialized).stream()
                .filter(name -> name.contains("$"))
                .collect(Collectors.toSet());
        assertEquals(Set.of(), functions, "functions linked as jextract generated them");
    }

    private static Set<String> generated(Set<String> initialized) {
        return initialized.stream()
                .filter(name -> name.matches("io/github/shm4j/internal/(sysv|posix)/.*"))
                .collect(Collectors.toSet());
    }
}
