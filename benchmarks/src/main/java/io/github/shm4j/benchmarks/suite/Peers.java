package io.github.shm4j.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The programs in C and PHP, and why one is missing. */
public final class Peers {

    private final Path home;
    private final Map<String, String> missing = new TreeMap<>();
    private final boolean php;

    Peers(Path home) throws InterruptedException {
        this.home = home;
        this.php = hasShmop();
        if (!php) {
            missing.put("PHP", "PHP with the shmop extension is not installed");
        }
        if (!Files.isDirectory(home.resolve("target/native"))) {
            missing.put("C", "there is no C compiler");
        }
    }

    /** {@return the command line of a program in C, if there was a compiler} */
    public Optional<List<String>> c(String program, Object... arguments) {
        return missing.containsKey("C") ? Optional.empty()
                : Optional.of(command(List.of(home.resolve("target/native").resolve(program).toString()), arguments));
    }

    /**
     * Keeps glibc from copying larger blocks with "rep movsb". Which of the two is faster depends on the processor and the
     * place of the buffers; the JVM always copies with vector instructions.
     */
    public static List<String> vectors(List<String> command) {
        List<String> tuned =
                new ArrayList<>(List.of("env", "GLIBC_TUNABLES=glibc.cpu.x86_rep_movsb_threshold=1000000000"));
        tuned.addAll(command);
        return tuned;
    }

    /** {@return the command line of a program in PHP, if it is installed} */
    public Optional<List<String>> php(String program, Object... arguments) {
        return php ? Optional.of(command(List.of("php", home.resolve("php").resolve(program + ".php").toString()),
                arguments))
                : Optional.empty();
    }

    /** {@return what cannot be measured here, and why} */
    public Map<String, String> missing() {
        return missing;
    }

    private static List<String> command(List<String> program, Object... arguments) {
        List<String> command = new ArrayList<>(program);
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    private static boolean hasShmop() throws InterruptedException {
        try {
            Program.run("PHP", List.of("php", "-r", "exit(function_exists('shmop_open') ? 0 : 1);"));
            return true;
        } catch (IOException | IllegalStateException absent) {
            return false;
        }
    }
}
