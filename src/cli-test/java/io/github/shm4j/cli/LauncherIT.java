package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Mappings;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script {@code shm4j} finds a Java, builds what is missing, and starts quickly. */
class LauncherIT {

    @TempDir
    private Path directory;

    private LauncherProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = new LauncherProject(directory);
    }

    @Test
    void shouldRunTheJarWithTheJavaOfJavaHome() {
        assertTrue(project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "--version").run().ok()
                .startsWith("shm4j "));
    }

    @Test
    void shouldPassArgumentsAsTheyAre() throws IOException {
        Path java = project.fakeJava("new", "22.0.1");
        List<String> lines =
                project.launch(java.toString(), LauncherProject.SYSTEM_PATH, "a b", "", "*", "$HOME").run().lines();
        assertEquals("new", lines.get(0));
        assertEquals(List.of("-jar", project.jar().toString(), "a b", "", "*", "$HOME"),
                lines.subList(lines.indexOf("-jar"),
                        lines.size()));
    }

    @Test
    void shouldBuildOnFirstUseAndAfterChangesOnly() throws IOException {
        Path java = project.fakeJava("new", "25");
        Child.Result first = project.launch(java.toString(), LauncherProject.SYSTEM_PATH).run();
        assertEquals("", first.err());
        assertFalse(Files.exists(project.home().resolve("calls")));

        Path source = Files.writeString(project.home().resolve("src/main/Changed.java"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
        Files.setLastModifiedTime(project.jar(), FileTime.from(Instant.now().minusSeconds(5)));
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().minusSeconds(3)));
        Child.Result changed = project.launch(java.toString(), LauncherProject.SYSTEM_PATH).run();
        assertTrue(changed.err().contains("building"), changed.err());
        assertEquals("new", changed.lines().get(0));
        assertEquals("", project.launch(java.toString(), LauncherProject.SYSTEM_PATH).run().err());

        Files.delete(project.jar());
        assertTrue(project.launch(java.toString(), LauncherProject.SYSTEM_PATH).run().err().contains("building"));
        assertEquals("called\ncalled\n", Files.readString(project.home().resolve("calls")));
    }

    @Test
    void shouldShowWhyABuildFailed() throws IOException {
        Files.delete(project.jar());
        project.build("echo 'cannot find symbol'; exit 1");
        Child.Result result =
                project.launch(project.fakeJava("new", "25").toString(), LauncherProject.SYSTEM_PATH, "list").run();
        assertEquals(1, result.exit());
        assertEquals("", result.out());
        assertTrue(result.err().contains("cannot find symbol") && result.err().contains("the build failed"),
                result.err());
    }

    @Test
    void shouldHandTheBuildWhatItNeedsAndNothingOfTheCommands() throws IOException {
        Path java = project.fakeJava("new", "25", "javac");
        LauncherProject.writeScript(java.resolve("bin/java"), "cat");
        Files.delete(project.jar());
        project.build(
                "{ echo \"$JAVA_HOME\"; echo \"$HOME\"; echo \"$LC_ALL\"; echo \"$MAVEN_OPTS\"; pwd; cat; } >seen;"
                        + " cp built target/shm4j-1-cli.jar");
        String input = Child.command("sh", "-c", "cd / && echo input | env -i PATH=" + LauncherProject.SYSTEM_PATH
                + " JAVA_HOME='" + java + "' LC_ALL=POSIX MAVEN_OPTS=-Da=b '" + project.script() + "' list").run().ok();
        assertEquals("input", input);
        List<String> seen = Files.readAllLines(project.home().resolve("seen"));
        assertEquals(List.of(java.toString(), System.getProperty("user.home"), "C.UTF-8", "-Da=b",
                project.home().toString()), seen);
    }

    @Test
    void shouldSayThatItCannotBuildWhereItCannotWrite() throws IOException {
        Peers.requireOrdinaryUser();
        Path java = project.fakeJava("new", "25", "javac");
        Files.delete(project.jar());
        closeToAll();
        Child.Result result = Child.command("env", "-i", "PATH=" + LauncherProject.SYSTEM_PATH, "JAVA_HOME=" + java,
                project.script(), "list").asOrdinaryUser().run();
        assertEquals(1, result.exit());
        assertTrue(result.err().contains(project.target() + " cannot be written"), result.err());
        assertFalse(Files.exists(project.home().resolve("calls")));
    }

    /** Lets everybody read what lies in the directory, and nobody but root write. */
    private void closeToAll() {
        Child.command("chmod", "-R", "a-w,go+rX", directory).run().ok();
    }

    @Test
    void shouldSayThatJavaCannotRunBelowAColon() throws IOException {
        LauncherProject below = new LauncherProject(Files.createDirectory(directory.resolve("a:b")));
        Child.Result result = below.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "list").run();
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("colon"), result.err());
    }

    @Test
    void shouldBuildOnceForTwoFirstUsesAtTheSameTime() throws IOException {
        Peers.require(Child.exists("flock"), "flock");
        Files.delete(project.jar());
        project.build("echo called >>calls; sleep 1; cp built target/shm4j-1-cli.jar; touch target/shm4j-1-cli.jar");
        String java = project.fakeJava("new", "25").toString();
        try (Child.Running one = project.launch(java, LauncherProject.SYSTEM_PATH).start();
                Child.Running two = project.launch(java, LauncherProject.SYSTEM_PATH).start()) {
            assertTrue(one.await().ok().startsWith("new") && two.await().ok().startsWith("new"));
        }
        assertEquals("called\n", Files.readString(project.home().resolve("calls")));
    }

    @Test
    void shouldMakeAnArchiveOfClassesOnceAndAnewForANewJar() throws IOException {
        Child list = project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "list", "--json");
        // Root's umask is 077 on some machines.
        list.under("sh", "-c", "umask 077; exec \"$@\"", "sh").run().ok();
        Path archive = LauncherProject.archives(project.target()).get(0);
        FileTime made = Files.getLastModifiedTime(archive);
        assertTrue(Files.size(archive) > 1_000_000, "size of the archive");
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)));
        Child.Result second = project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "--version").run();
        assertTrue(second.ok().startsWith("shm4j"));
        assertEquals("", second.err());
        assertEquals(made, Files.getLastModifiedTime(archive));

        Files.setLastModifiedTime(project.jar(), FileTime.from(Instant.now().plusSeconds(2)));
        project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "--version").run().ok();
        assertTrue(Files.getLastModifiedTime(archive).compareTo(made) > 0);
        assertEquals(1, LauncherProject.archives(project.target()).size());
    }

    @Test
    void shouldKeepWhatTheJvmPrintsOutOfTheData() throws IOException {
        try (Blocks blocks = new Blocks();
                TestRing ring = TestRing.mpsc(blocks, 1 << 12);
                Child.Running receiving = project.launch(
                        Cli.javaHome(), LauncherProject.SYSTEM_PATH, "ring", "receive", ring)
                        .start()) {
            ring.awaitConsumer(receiving);
            receiving.signal("QUIT");
            receiving.signal("TERM");
            Child.Result result = receiving.await();
            assertEquals("", result.out());
            assertTrue(result.err().contains("Full thread dump"), result.err());
        }
    }

    @Test
    void shouldTakeClassesFromTheArchive() throws IOException {
        try (Blocks blocks = new Blocks()) {
            SharedMemory memory = blocks.create(10);
            // Attaches, and then waits for standard input.
            try (Child.Running writing =
                    project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "write", "id:" + memory.id()).start()) {
                Patience patience = Patience.with(writing);
                while (!Mappings.isMappedBelow(memory, writing.pid()) && writing.isAlive()) {
                    patience.pause(() -> "it does not attach");
                }
                String archive = LauncherProject.archives(project.target()).get(0).toString();
                assertTrue(Files.readString(Path.of("/proc/" + writing.pid() + "/maps")).contains(archive),
                        "the JVM has mapped the archive");
            }
        }
    }

    @Test
    void shouldPutTheArchiveElsewhereWhereTheProjectIsReadOnly() throws IOException {
        Peers.requireOrdinaryUser();
        Path cache = Files.createDirectory(directory.resolve("cache"));
        closeToAll();
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        Child.Result result =
                Child.command("env", "-i", "PATH=" + LauncherProject.SYSTEM_PATH, "JAVA_HOME=" + Cli.javaHome(),
                        "XDG_CACHE_HOME=" + cache, project.script(), "--version").asOrdinaryUser().run();
        assertTrue(result.ok().startsWith("shm4j "), result::toString);
        assertEquals(1, LauncherProject.archives(cache.resolve("shm4j")).size());
        assertEquals(0, LauncherProject.archives(project.target()).size());

        Child.Result nowhere =
                Child.command("env", "-i", "PATH=" + LauncherProject.SYSTEM_PATH, "JAVA_HOME=" + Cli.javaHome(),
                        "XDG_CACHE_HOME=/proc/none", project.script(), "--version").asOrdinaryUser().run();
        assertTrue(nowhere.ok().startsWith("shm4j "), nowhere::toString);
        assertEquals("", nowhere.err());
    }

    @Test
    void shouldDoWithoutAnArchiveWhereNoneCanBeWritten() throws IOException {
        Peers.requireOrdinaryUser();
        Path home = Files.createDirectory(directory.resolve("home"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("r-xr-xr-x"));
        Path cache = Files.createDirectories(directory.resolve("cache/shm4j"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("r-xr-xr-x"));
        closeToAll();
        for (String place : new String[] {"HOME=" + home, "XDG_CACHE_HOME=" + cache.getParent(), "XDG_CACHE_HOME=here",
            "HOME="}) {
            Child.Result result = Child.command("env", "-i", "-C", directory, "PATH=" + LauncherProject.SYSTEM_PATH,
                    "JAVA_HOME=" + Cli.javaHome(), place, project.script(), "--version").asOrdinaryUser().run();
            assertTrue(result.ok().startsWith("shm4j "), result::toString);
            assertEquals("", result.err(), place);
        }
    }

    @Test
    void shouldNotKeepAnArchiveThatTheDiskHadNoRoomFor() throws IOException {
        Peers.requireNamespaces("-m");
        String out = Child.command("sh", "-c", "cd '" + project.home()
                + "' && mount -t tmpfs -o size=40m none target && cp built target/shm4j-1-cli.jar"
                + " && head -c 38m /dev/zero >target/.filling && ./shm4j --version && ls target"
                + " && rm target/.filling && ./shm4j --version && ls target")
                .under(Child.unshare("-m")).run().ok();
        String version = out.lines().findFirst().orElseThrow();
        assertTrue(out.startsWith(version + "\nshm4j-1-cli.jar\n" + version + "\nshm4j-1-cli.jar\nshm4j-"), out);
        assertTrue(out.endsWith(".jsa"), out);
    }

    @Test
    void shouldNotKeepAnArchiveOfAJvmThatFailed() throws IOException {
        Path java = project.fakeJava("new", "25");
        LauncherProject.writeScript(java.resolve("bin/java"),
                "case $* in *ArchiveClassesAtExit*) exit 1 ;; esac; echo ran");
        assertEquals("ran", project.launch(java.toString(), LauncherProject.SYSTEM_PATH).run().ok());
        assertEquals(List.of(), LauncherProject.archives(project.target()));
        LauncherProject.writeScript(java.resolve("bin/java"), "echo \"$@\" >>'" + directory + "/calls'");
        project.launch(java.toString(), LauncherProject.SYSTEM_PATH).run().ok();
        project.launch(java.toString(), LauncherProject.SYSTEM_PATH).run().ok();
        assertEquals(3, Files.readAllLines(directory.resolve("calls")).size(), "one that makes none is asked once");
    }

    @Test
    void shouldStartWithAnArchiveThatIsTruncated() throws IOException {
        Child version = project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "--version");
        String expected = version.run().ok();
        Path archive = LauncherProject.archives(project.target()).get(0);
        byte[] whole = Files.readAllBytes(archive);
        Files.delete(archive);
        for (int length : new int[] {1, 100, 100_000, whole.length / 2}) {
            Files.write(archive, Arrays.copyOf(whole, length));
            Child.Result result = version.run();
            assertEquals(expected, result.ok());
            assertEquals("", result.err());
        }
    }

    @Test
    void shouldMakeOneArchiveInTwoFirstUsesAtTheSameTime() throws IOException {
        Child version = project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "--version");
        try (Child.Running one = version.start(); Child.Running two = version.start()) {
            assertTrue(one.await().ok().startsWith("shm4j ") && two.await().ok().startsWith("shm4j "));
        }
        List<Path> archives = LauncherProject.archives(project.target());
        assertEquals(1, archives.size(), archives::toString);
        assertTrue(Files.size(archives.get(0)) > 1_000_000, "size of the archive");
    }

    @ParameterizedTest
    @CsvSource({"-v, 1000000", "-d, 60000"})
    void shouldNameTheLimitThatKeepsJavaFromStarting(String option, int kibibytes) throws IOException {
        Child.Result result = launchWithin("ulimit " + option + " " + kibibytes + "; cd '" + directory + "'");
        assertEquals(1, result.exit(), result::toString);
        assertEquals("", result.out());
        String[] lines = result.err().split("\n", 2);
        assertTrue(
                lines[0].startsWith("shm4j: Java cannot start within the limit on this process's memory: raise ulimit "
                        + option + ", which is " + kibibytes + " KiB. "),
                result::toString);
        assertTrue(lines[1].contains("VM") || lines[1].contains("Java Runtime Environment"), result::toString);
        try (var files = Files.list(directory)) {
            assertEquals(List.of(), files.filter(file -> file.toString().contains("hs_err")).toList());
        }
    }

    @Test
    void shouldRunWithinALimitThatSuffices() {
        Child.Result result = launchWithin("ulimit -v 8000000; ulimit -d 4000000");
        assertTrue(result.ok().startsWith("shm4j "));
        assertEquals("", result.err());
    }

    private Child.Result launchWithin(String limits) {
        return project.launch(Cli.javaHome(), LauncherProject.SYSTEM_PATH, "--version")
                .under("sh", "-c", limits + "; exec \"$@\"", "sh").run();
    }

    @Test
    void shouldLeaveTheInputToTheCommand() throws IOException {
        try (Blocks blocks = new Blocks()) {
            SharedMemory memory = blocks.create(5);
            Child.command("sh", "-c", "echo hell | \"$@\"", "sh", project.script(), "write", "id:" + memory.id()).run()
                    .ok();
            assertEquals("hell", Child.command(project.script(), "read", "--text", "id:" + memory.id()).run().ok()
                    .replace("\\n", ""));
        }
    }

    @Test
    void shouldPassShellcheck() {
        Peers.require(Child.exists("shellcheck"), "shellcheck");
        Child.command("shellcheck", "-x", project.script()).run().ok();
    }
}
