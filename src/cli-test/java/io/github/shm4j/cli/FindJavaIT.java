package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code shm4j} finds a Java that is new enough. */
class FindJavaIT {

    @TempDir
    private Path directory;

    private LauncherProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = new LauncherProject(directory);
    }

    @Test
    void shouldPassOverAJavaHomeThatIsTooOldOrNone() throws IOException {
        Path old = project.fakeJava("old", "17.0.15");
        Path ancient = project.fakeJava("ancient", "1.8.0_400");
        Path onPath = project.fakeJava("onpath", "25.0.1");
        String path = onPath.resolve("bin") + ":" + LauncherProject.SYSTEM_PATH;
        for (String home : new String[] {old.toString(), ancient.toString(), "/no/such/java", ""}) {
            assertEquals("onpath", project.launch(home, path).run().lines().get(0), home);
        }
        assertEquals("onpath", project.launch(null, path).run().lines().get(0));
    }

    @Test
    void shouldFollowTheLinkOnThePathToItsJava() throws IOException {
        Path home = project.fakeJava("linked", "23");
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("java"), home.resolve("bin/java"));
        assertEquals("linked", project.launch(null, bin + ":" + LauncherProject.SYSTEM_PATH).run().lines().get(0));
    }

    @Test
    void shouldTakeTheNewestOfTheUsualPlacesOtherwise() throws IOException {
        Path places = directory.resolve("home/.jdks");
        project.fakeJava("home/.jdks/a", "24");
        project.fakeJava("home/.jdks/b", "99.0.1");
        project.fakeJava("home/.jdks/c", "22");
        project.fakeJava("home/.jdks/d", "17");
        Files.createDirectories(places.resolve("empty"));
        Path old = project.fakeJava("old", "17");
        String path = old.resolve("bin") + ":" + LauncherProject.SYSTEM_PATH;
        assertEquals("home/.jdks/b", project.launch(old.toString(), path).run().lines().get(0));
    }

    @Test
    void shouldSayWhatToInstallWhereThereIsNone() throws IOException {
        Path old = project.fakeJava("old", "21.0.9");
        Child.Result result =
                LauncherProject.withoutUsualPlaces("env -i HOME=/nowhere JAVA_HOME='" + old + "' PATH='" + old
                        + "/bin:/usr/bin:/bin' '" + project.script() + "' list").run();
        assertEquals(1, result.exit());
        assertEquals("", result.out());
        assertTrue(result.err().contains("needs Java 22 or newer"), result.err());
        assertTrue(result.err().contains("Install one") && result.err().contains("JAVA_HOME"), result.err());
        assertEquals(2, result.err().lines().count(), result.err());
    }
}
