package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {".jdks/a", ".sdkman/candidates/java/a", ".asdf/installs/java/a",
        ".local/share/mise/installs/java/a", ".jenv/versions/a", ".gradle/jdks/a", ".gradle/jdks/b/a", ".m2/jdks/a",
        ".jbang/cache/jdks/a", ".jabba/jdk/a", ".linuxbrew/opt/openjdk@99/libexec", ".nix-profile/lib/openjdk"})
    void shouldLookWhereOthersPutThem(String place) throws IOException {
        project.fakeJava("home/" + place, "99");
        assertEquals("home/" + place, project.launch(null, LauncherProject.SYSTEM_PATH).run().lines().get(0));
    }

    @Test
    void shouldAskAShimWhereItsJavaIs() throws IOException {
        Path java = project.fakeJava("hidden/java", "25.0.1");
        Path shims = directory.resolve("shims");
        LauncherProject.writeScript(shims.resolve("java"),
                "echo \"asked ${JAVA_TOOL_OPTIONS-}\" >>'" + directory + "/asked'; exec '" + java
                        + "/bin/java' \"$@\"");
        String launch =
                "JAVA_TOOL_OPTIONS=-XX:+UseZGC PATH='" + shims + ":/usr/bin:/bin' '" + project.script() + "' list";
        String out = LauncherProject.withoutUsualPlaces("env -i HOME=/nowhere " + launch).run().ok();
        assertTrue(out.startsWith("hidden/java\n"), out);
        assertEquals("asked \n", Files.readString(directory.resolve("asked")), "without options that are not for it");

        project.fakeJava("home/.jdks/a", "25");
        out = LauncherProject.withoutUsualPlaces("env -i HOME='" + directory + "/home' " + launch).run().ok();
        assertTrue(out.startsWith("home/.jdks/a\n"), out);
        assertEquals("asked \n", Files.readString(directory.resolve("asked")), "not asked where another one is found");
    }

    @Test
    void shouldAskAJavaHomeThatDoesNotTellItsVersion() throws IOException {
        Path java = project.fakeJavaWithoutRelease("untold", "25");
        Child child = LauncherProject.withoutUsualPlaces("env -i HOME=/nowhere JAVA_HOME='" + java
                + "' PATH=/usr/bin:/bin '" + project.script() + "' list");
        assertTrue(child.run().ok().startsWith("untold\n"));
    }

    @Test
    void shouldNotAskForEverAShimThatLeadsBack() throws IOException {
        Path shims = directory.resolve("shims");
        LauncherProject.writeScript(shims.resolve("java"), "exec '" + project.script() + "' java \"$@\"");
        Child.Result result = LauncherProject.withoutUsualPlaces("env -i HOME=/nowhere PATH='" + shims
                + ":/usr/bin:/bin' '" + project.script() + "' list").run();
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("needs Java 22 or newer"), result.err());
    }

    @Test
    void shouldRunTheProgramsOfTheJdkInTheEnvironmentOfTheCaller() throws IOException {
        Files.delete(project.jar());
        Path jre = project.fakeJava("jre", "25");
        project.fakeJava("home/.jdks/a", "99", "javac", "jshell");
        for (String program : new String[] {"javac", "jshell"}) {
            assertEquals(List.of("home/.jdks/a " + program, "a b", "", "-x"),
                    project.launch(jre.toString(), LauncherProject.SYSTEM_PATH, program, "a b", "", "-x").run()
                            .lines());
        }
        assertEquals(List.of("jre", "-version"),
                project.launch(jre.toString(), LauncherProject.SYSTEM_PATH, "java", "-version").run().lines());

        LauncherProject.writeScript(jre.resolve("bin/java"), "env; cat");
        String seen =
                Child.command("sh", "-c", "echo input | env -i JAVA_TOOL_OPTIONS=-Xint LC_ALL=xx JAVA_HOME='" + jre
                        + "' PATH=/usr/bin:/bin '" + project.script() + "' java").run().ok();
        assertTrue(seen.contains("JAVA_TOOL_OPTIONS=-Xint\n") && seen.contains("LC_ALL=xx\n"), seen);
        assertTrue(seen.endsWith("\ninput"), seen);
        assertFalse(Files.exists(project.home().resolve("calls")), "nothing is built");
    }

    @Test
    void shouldSayWhatIsWrongWithTheJavasThereAre() throws IOException {
        Path jre = project.fakeJava("jre", "25");
        String elsewhere = "env -i HOME=/nowhere PATH='" + project.fakeJava("old", "17").resolve("bin")
                + ":/usr/bin:/bin' JAVA_HOME=";
        String err = LauncherProject.withoutUsualPlaces(elsewhere + "/no/such '" + project.script() + "' list").run()
                .err();
        assertTrue(err.contains("JAVA_HOME is /no/such, which has no bin/java"), err);
        assertTrue(err.contains(directory.resolve("old") + ", which is Java 17"), err);

        err = LauncherProject.withoutUsualPlaces(elsewhere + "'" + jre + "' '" + project.script() + "' jshell").run()
                .err();
        assertTrue(err.contains("needs a JDK 22 or newer, with jshell"), err);
        assertTrue(err.contains(jre + ", which is Java 25 without jshell"), err);

        Files.delete(project.jar());
        Child.Result build = LauncherProject.withoutUsualPlaces(elsewhere + "'" + jre + "' '" + project.script()
                + "' list").run();
        assertTrue(build.err().contains("needs a JDK 22 or newer to build, with javac"), build.err());
        assertTrue(build.err().contains(jre + ", which is Java 25 without javac"), build.err());
        assertEquals(1, build.exit());
        assertFalse(Files.exists(project.home().resolve("calls")));
    }

    @Test
    void shouldSayWhichJavaAShimStarts() throws IOException {
        Path shims = directory.resolve("shims");
        Path old = project.fakeJavaWithoutRelease("old", "17");
        LauncherProject.writeScript(shims.resolve("java"), "exec '" + old + "/bin/java' \"$@\"");
        Child.Result result = LauncherProject.withoutUsualPlaces("env -i HOME=/nowhere PATH='" + shims
                + ":/usr/bin:/bin' '" + project.script() + "' list").run();
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("The java on the path is " + shims + "/java, which is Java 17.\n"),
                result.err());
    }

    @Test
    void shouldFindTheSystemsProgramsWhereThePathLacksThem() throws IOException {
        Path java = project.fakeJava("java", "25");
        for (String path : new String[] {"", "/no/such", java.resolve("bin").toString()}) {
            Child.Result result = project.launch(java.toString(), path, "list").run();
            assertEquals("java", result.lines().get(0), result::toString);
            assertEquals("", result.err());
        }
        LauncherProject.writeScript(java.resolve("bin/java"), "echo \"$PATH\"");
        assertEquals("/no/such", project.launch(java.toString(), "/no/such", "java").run().ok());
    }

    @Test
    void shouldSayThatTheCurrentDirectoryIsGone() throws IOException {
        Path java = project.fakeJava("java", "25");
        String script = "mkdir gone && cd gone && %s && env -i HOME=/nowhere PATH=/usr/bin:/bin JAVA_HOME='" + java
                + "' '" + project.script() + "' list";
        Child.Result gone = Child.command("sh", "-c", "cd '" + directory + "' && " + script.formatted("rmdir ../gone"))
                .run();
        assertEquals(1, gone.exit(), gone::toString);
        assertEquals("", gone.out());
        assertTrue(
                gone.err().endsWith("shm4j: the current directory does not exist any more; change to another one.\n"),
                gone.err());
        Child.Result there = Child.command("sh", "-c", "cd '" + directory + "' && " + script.formatted("true")).run();
        assertEquals("java", there.lines().get(0), there::toString);
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
        assertTrue(result.err().lines().allMatch(line -> line.startsWith("shm4j: ")), result.err());
    }
}
