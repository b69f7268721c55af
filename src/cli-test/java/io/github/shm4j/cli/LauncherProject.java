package io.github.shm4j.cli;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A project like this one, with the real script and jar, whose build only says that it was called. */
final class LauncherProject {

    /** A path with the usual programs, and whatever Java the system has. */
    static final String SYSTEM_PATH = "/usr/bin:/bin";

    private final Path directory;
    private final Path home;

    /** Makes the project below a directory, where its Javas and its user's home directory lie, too. */
    LauncherProject(Path directory) throws IOException {
        this.directory = directory;
        home = Files.createDirectory(directory.resolve("a project"));
        Path original = Path.of(System.getProperty("shm4j.test.basedir"), "shm4j");
        Files.copy(original, script(), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(home.resolve("src/main"));
        Path parts = Files.createDirectories(home.resolve("src/launcher"));
        for (String part : new String[] {"descriptors.sh", "find-java.sh"}) {
            Files.copy(original.resolveSibling("src/launcher").resolve(part), parts.resolve(part));
        }
        Files.createDirectories(home.resolve("src/cli"));
        Files.createDirectories(target());
        Files.writeString(home.resolve("pom.xml"), "");
        Files.copy(Cli.jar(), jar());
        Files.copy(Cli.jar(), home.resolve("built"));
        build("echo called >>calls; cp built target/shm4j-1-cli.jar; touch target/shm4j-1-cli.jar");
    }

    Path home() {
        return home;
    }

    Path script() {
        return home.resolve("shm4j");
    }

    Path target() {
        return home.resolve("target");
    }

    Path jar() {
        return home.resolve("target/shm4j-1-cli.jar");
    }

    /** What the build does. */
    void build(String commands) throws IOException {
        writeScript(home.resolve("mvnw"), commands);
    }

    static void writeScript(Path file, String commands) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /**
     * A directory that looks like a Java, and only says that it was called, and how.
     *
     * @param more the names of programs that it has besides {@code java}
     */
    Path fakeJava(String name, String version, String... more) throws IOException {
        Path java = fakeJavaWithoutRelease(name, version, more);
        Files.writeString(java.resolve("release"),
                "IMPLEMENTOR=\"Nobody\"\nJAVA_RUNTIME_VERSION=\"" + version + "+1\"\nJAVA_VERSION=\"" + version
                        + "\"\n");
        return java;
    }

    /** One that tells nobody its version but who asks it. */
    Path fakeJavaWithoutRelease(String name, String version, String... more) throws IOException {
        Path java = directory.resolve(name);
        writeScript(java.resolve("bin/java"), """
                if [ "${1-}" = -XshowSettings:properties ]; then
                    echo "Property settings:" >&2
                    echo "    java.home = %s" >&2
                    echo "    java.runtime.version = %s+1" >&2
                    echo "    java.specification.version = %s" >&2
                    exit
                fi
                """.formatted(java, version, version.replaceAll("\\D.*", "")) + sayCall(name));
        for (String program : more) {
            writeScript(java.resolve("bin").resolve(program), sayCall(name + " " + program));
        }
        return java;
    }

    private static String sayCall(String name) {
        return "echo '" + name + "'; for word; do echo \"$word\"; done";
    }

    /** Runs the script with only these variables set. */
    Child launch(String javaHome, String path, Object... arguments) {
        List<Object> words = new ArrayList<>(List.of("env", "-i", "HOME=" + directory.resolve("home"), "PATH=" + path));
        if (javaHome != null) {
            words.add("JAVA_HOME=" + javaHome);
        }
        words.add(script());
        words.addAll(List.of(arguments));
        return Child.command(words.toArray());
    }

    /** Prepares a command for which the directories with the machine's own Javas are empty. */
    static Child withoutUsualPlaces(String command) {
        Child child = Child.command("sh", "-c",
                "for base in /usr/lib/jvm /usr/lib64/jvm /usr/java /usr/local/lib/jvm /usr/local/java /usr/local/openjdk-* /opt"
                        + " /snap /home/linuxbrew /run/current-system; do [ ! -d $base ] || mount -t tmpfs none $base; done; "
                        + command)
                .under(Child.unshare("-m"));
        Peers.require(
                Child.command("mount", "-t", "tmpfs", "none", "/mnt").under(Child.unshare("-m")).run().exit() == 0,
                "unshare -m with mount");
        return child;
    }

    /** The archives of classes in a directory. */
    static List<Path> archives(Path where) throws IOException {
        try (var files = Files.list(where)) {
            return files.filter(file -> file.toString().contains(".jsa")).toList();
        }
    }
}
