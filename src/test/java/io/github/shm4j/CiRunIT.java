package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.ProjectDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code .ci/run} does on a machine that has nothing of what the tests need. */
class CiRunIT {

    @TempDir
    private Path project;

    private Path programs;

    @BeforeEach
    void makeMachine() throws IOException {
        Peers.require(Child.exists("bash"), "bash");
        Path script = Path.of(".ci", "run");
        Files.createDirectories(project.resolve(script).getParent());
        Files.copy(ProjectDirectory.PROJECT.resolve(script), project.resolve(script));
        programs = Files.createDirectory(project.resolve("bin"));
        for (String name : new String[] {"bash", "dirname", "uname", "env"}) {
            script(programs.resolve(name),
                    "exec " + Child.command("sh", "-c", "command -v " + name).run().ok() + " \"$@\"");
        }
        script(programs.resolve("id"), "echo 1000");
        script(project.resolve("mvnw"), "echo built; exit 1");
    }

    private static void script(Path file, String commands) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Child.Result run() {
        return Child.command("env", "PATH=" + programs, "bash", project.resolve(".ci/run")).run();
    }

    @Test
    void shouldSayWhatOnlyRootCanInstall() throws IOException {
        script(programs.resolve("apt-get"), "echo called >&2");
        Child.Result result = run();
        assertEquals(1, result.exit(), result::toString);
        assertEquals("", result.out());
        String message =
                ".ci/run: something that the tests need is missing, and this user may not install it: no root, and"
                        + " no sudo without a password. As root, run: apt-get install --no-install-recommends php-cli perl ";
        assertTrue(result.err().startsWith(message), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        for (String name : new String[] {"util-linux", "procps", "tmux", "gcc-s390x-linux-gnu"}) {
            assertEquals(2, result.err().strip().concat(" ").split(" " + name + " ", -1).length, result.err());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "x86_64, gcc-x86-64-linux-gnu libc6-dev-amd64-cross",
        "aarch64, gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
        "ppc64le, gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross"
    })
    void shouldAskForCompilersToAllProcessorsButTheOneThatItRunsOn(String machine, String own) throws IOException {
        script(programs.resolve("uname"), "echo " + machine);
        Child.Result result = run();
        assertFalse(result.err().contains(own), result.err());
        assertEquals(4,
                result.err().split(" gcc-[a-z0-9-]+-linux-gnu libc6-dev-[a-z0-9]+-cross(?=[ .])", -1).length - 1,
                result.err());
    }

    @Test
    void shouldSayWhatIsMissingWhereThereIsNoDebian() {
        Child.Result result = run();
        assertEquals(1, result.exit(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().contains("there is no apt-get") && result.err().contains(" shellcheck "), result.err());
    }

    @Test
    void shouldInstallAllAtOnceWithSudo() throws IOException {
        script(programs.resolve("apt-get"), "echo \"$@\"");
        script(programs.resolve("sudo"), "[ \"$1\" = -n ] || exit 1; shift; \"$@\"");
        script(programs.resolve("true"), "");
        Child.Result result = run();
        assertTrue(result.out().startsWith("update -qq\ninstall -y -qq --no-install-recommends php-cli perl "),
                result.out());
        assertTrue(result.out().endsWith("\nbuilt\n"), "then it tests: " + result.out());
        assertEquals(1, result.exit());
    }
}
