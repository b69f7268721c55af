package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code shm4j} finds a Java, builds what is missing, and starts quickly. */
class LauncherIT {

    @TempDir
    private Path directory;

    private Path project;

    /** A project like this one, with the real script and jar, whose build only says that it was called. */
    @BeforeEach
    void makeProject() throws IOException {
        project = Files.createDirectory(directory.resolve("a project"));
        Path original = Path.of(System.getProperty("shm4j.test.basedir"), "shm4j");
        Files.copy(original, project.resolve("shm4j"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(project.resolve("src/main"));
        Files.createDirectories(project.resolve("src/cli"));
        Files.createDirectories(project.resolve("target"));
        Files.writeString(project.resolve("pom.xml"), "");
        Files.copy(Cli.jar(), jar());
        Files.copy(Cli.jar(), project.resolve("built"));
        script(project.resolve("mvnw"),
                "echo called >>calls; cp built target/shm4j-1-cli.jar; touch target/shm4j-1-cli.jar");
    }

    private Path jar() {
        return project.resolve("target/shm4j-1-cli.jar");
    }

    private static void script(Path file, String commands) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A directory that looks like a Java, and only says that it was called, and how. */
    private Path fakeJava(String name, String version) throws IOException {
        Path home = directory.resolve(name);
        script(home.resolve("bin/java"), "echo " + name + "; for word; do echo \"$word\"; done");
        Files.writeString(home.resolve("release"),
                "IMPLEMENTOR=\"Nobody\"\nJAVA_RUNTIME_VERSION=\"" + version + "+1\"\nJAVA_VERSION=\"" + version
                        + "\"\n");
        return home;
    }

    /** Runs the script with only these variables set. */
    private Child launch(String javaHome, String path, Object... arguments) {
        List<Object> words = new ArrayList<>(List.of("env", "-i", "HOME=" + directory.resolve("home"), "PATH=" + path));
        if (javaHome != null) {
            words.add("JAVA_HOME=" + javaHome);
        }
        words.add(project.resolve("shm4j"));
        words.addAll(List.of(arguments));
        return Child.command(words.toArray());
    }

    private static String systemPath() {
        return "/usr/bin:/bin";
    }

    @Test
    void shouldRunTheJarWithTheJavaOfJavaHome() {
        assertTrue(launch(Cli.javaHome(), systemPath(), "--version").run().ok().startsWith("shm4j "));
    }

    @Test
    void shouldPassArgumentsAsTheyAre() throws IOException {
        Path java = fakeJava("new", "22.0.1");
        List<String> lines = launch(java.toString(), systemPath(), "a b", "", "*", "$HOME").run().lines();
        assertEquals("new", lines.get(0));
        assertEquals(List.of("-jar", jar().toString(), "a b", "", "*", "$HOME"), lines.subList(lines.indexOf("-jar"),
                lines.size()));
    }

    @Test
    void shouldPassOverAJavaHomeThatIsTooOldOrNone() throws IOException {
        Path old = fakeJava("old", "17.0.15");
        Path ancient = fakeJava("ancient", "1.8.0_400");
        Path onPath = fakeJava("onpath", "25.0.1");
        String path = onPath.resolve("bin") + ":" + systemPath();
        for (String home : new String[] {old.toString(), ancient.toString(), "/no/such/java", ""}) {
            assertEquals("onpath", launch(home, path).run().lines().get(0), home);
        }
        assertEquals("onpath", launch(null, path).run().lines().get(0));
    }

    @Test
    void shouldFollowTheLinkOnThePathToItsJava() throws IOException {
        Path home = fakeJava("linked", "23");
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), home.resolve("bin/java"));
        assertEquals("linked", launch(null, bin + ":" + systemPath()).run().lines().get(0));
    }

    @Test
    void shouldTakeTheNewestOfTheUsualPlacesOtherwise() throws IOException {
        Path places = directory.resolve("home/.jdks");
        fakeJava("home/.jdks/a", "24");
        fakeJava("home/.jdks/b", "99.0.1");
        fakeJava("home/.jdks/c", "22");
        fakeJava("home/.jdks/d", "17");
        Files.createDirectories(places.resolve("empty"));
        Path old = fakeJava("old", "17");
        String path = old.resolve("bin") + ":" + systemPath();
        assertEquals("home/.jdks/b", launch(old.toString(), path).run().lines().get(0));
    }

    @Test
    void shouldSayWhatToInstallWhereThereIsNone() throws IOException {
        Path old = fakeJava("old", "21.0.9");
        Child.Result result = withoutUsualPlaces("env -i HOME=/nowhere JAVA_HOME='" + old + "' PATH='" + old
                + "/bin:/usr/bin:/bin' '" + project.resolve("shm4j") + "' list").run();
        assertEquals(1, result.exit());
        assertEquals("", result.out());
        assertTrue(result.err().contains("needs Java 22 or newer"), result.err());
        assertTrue(result.err().contains("Install one") && result.err().contains("JAVA_HOME"), result.err());
        assertEquals(2, result.err().lines().count(), result.err());
    }

    /** Prepares a command for which the directories with the machine's own Javas are empty. */
    private static Child withoutUsualPlaces(String command) {
        Peers.requireOtherUser();
        Child child = Child.command("unshare", "-m", "sh", "-c",
                "for base in /usr/lib/jvm /usr/java /opt; do [ ! -d $base ] || mount -t tmpfs none $base; done; "
                        + command);
        Peers.require(Child.command("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt").run().exit() == 0,
                "unshare -m with mount");
        return child;
    }

    @Test
    void shouldBuildOnFirstUseAndAfterChangesOnly() throws IOException {
        Path java = fakeJava("new", "25");
        Child.Result first = launch(java.toString(), systemPath()).run();
        assertEquals("", first.err());
        assertFalse(Files.exists(project.resolve("calls")));

        Path source = Files.writeString(project.resolve("src/main/Changed.java"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
        Files.setLastModifiedTime(jar(), FileTime.from(Instant.now().minusSeconds(5)));
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().minusSeconds(3)));
        Child.Result changed = launch(java.toString(), systemPath()).run();
        assertTrue(changed.err().contains("building"), changed.err());
        assertEquals("new", changed.lines().get(0));
        assertEquals("", launch(java.toString(), systemPath()).run().err());

        Files.delete(jar());
        assertTrue(launch(java.toString(), systemPath()).run().err().contains("building"));
        assertEquals("called\ncalled\n", Files.readString(project.resolve("calls")));
    }

    @Test
    void shouldShowWhyABuildFailed() throws IOException {
        Files.delete(jar());
        script(project.resolve("mvnw"), "echo 'cannot find symbol'; exit 1");
        Child.Result result = launch(fakeJava("new", "25").toString(), systemPath(), "list").run();
        assertEquals(1, result.exit());
        assertEquals("", result.out());
        assertTrue(result.err().contains("cannot find symbol") && result.err().contains("the build failed"),
                result.err());
    }

    @Test
    void shouldBuildOnceForTwoFirstUsesAtTheSameTime() throws IOException {
        Peers.require(Child.exists("flock"), "flock");
        Files.delete(jar());
        script(project.resolve("mvnw"),
                "echo called >>calls; sleep 1; cp built target/shm4j-1-cli.jar; touch target/shm4j-1-cli.jar");
        String java = fakeJava("new", "25").toString();
        try (Child.Running one = launch(java, systemPath()).start();
                Child.Running two = launch(java, systemPath()).start()) {
            assertTrue(one.await().ok().startsWith("new") && two.await().ok().startsWith("new"));
        }
        assertEquals("called\n", Files.readString(project.resolve("calls")));
    }

    @Test
    void shouldMakeAnArchiveOfClassesOnceAndAnewForANewJar() throws IOException {
        Child list = launch(Cli.javaHome(), systemPath(), "list", "--json");
        list.run().ok();
        Path archive = archives(project.resolve("target")).get(0);
        FileTime made = Files.getLastModifiedTime(archive);
        assertTrue(Files.size(archive) > 1_000_000, "size of the archive");
        Child.Result second = launch(Cli.javaHome(), systemPath(), "--version").run();
        assertTrue(second.ok().startsWith("shm4j"));
        assertEquals("", second.err());
        assertEquals(made, Files.getLastModifiedTime(archive));

        Files.setLastModifiedTime(jar(), FileTime.from(Instant.now().plusSeconds(2)));
        launch(Cli.javaHome(), systemPath(), "--version").run().ok();
        assertTrue(Files.getLastModifiedTime(archive).compareTo(made) > 0);
        assertEquals(1, archives(project.resolve("target")).size());
    }

    @Test
    void shouldTakeClassesFromTheArchive() throws IOException, InterruptedException {
        try (Blocks blocks = new Blocks()) {
            SharedMemory memory = blocks.create(10);
            // Attaches, and then waits for standard input.
            try (Child.Running writing = launch(Cli.javaHome(), systemPath(), "write", "id:" + memory.id()).start()) {
                while (memory.status().attachCount() == 0 && writing.isAlive()) {
                    Thread.sleep(20);
                }
                String archive = archives(project.resolve("target")).get(0).toString();
                assertTrue(Files.readString(Path.of("/proc/" + writing.pid() + "/maps")).contains(archive),
                        "the JVM has mapped the archive");
            }
        }
    }

    private static List<Path> archives(Path where) throws IOException {
        try (var files = Files.list(where)) {
            return files.filter(file -> file.toString().contains(".jsa")).toList();
        }
    }

    @Test
    void shouldPutTheArchiveElsewhereWhereTheProjectIsReadOnly() throws IOException {
        Peers.requireOtherUser();
        Path cache = Files.createDirectory(directory.resolve("cache"));
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
        Child.command("chmod", "-R", "go+rX", directory).run().ok();
        Child.Result result = Child.command("env", "-i", "PATH=" + systemPath(), "JAVA_HOME=" + Cli.javaHome(),
                "XDG_CACHE_HOME=" + cache, project.resolve("shm4j"), "--version").asNobody().run();
        assertTrue(result.ok().startsWith("shm4j "), result::toString);
        assertEquals(1, archives(cache.resolve("shm4j")).size());
        assertEquals(0, archives(project.resolve("target")).size());

        Child.Result nowhere = Child.command("env", "-i", "PATH=" + systemPath(), "JAVA_HOME=" + Cli.javaHome(),
                "XDG_CACHE_HOME=/proc/none", project.resolve("shm4j"), "--version").asNobody().run();
        assertTrue(nowhere.ok().startsWith("shm4j "), nowhere::toString);
        assertEquals("", nowhere.err());
    }

    @Test
    void shouldPassShellcheck() {
        Peers.require(Child.exists("shellcheck"), "shellcheck");
        Child.command("shellcheck", project.resolve("shm4j")).run().ok();
    }
}
