package io.github.shm4j.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * Ends all processes of the tests when this JVM has ended, even by SIGKILL, after which no code of this JVM runs any more.
 *
 * <p>Processes of the tests have a variable in their environment that no other process has, and so have all that these start.
 * A script waits for the end of a pipe that only this JVM can write to, and then kills whoever has the variable. It does not
 * reach a process that was started with an empty environment.
 */
final class Guard {

    private static final String MARK =
            "SHM4J_TEST_" + ProcessHandle.current().pid() + "_" + Long.toUnsignedString(System.nanoTime(), 36);

    /** A process that has been killed keeps its environment for a moment, and one that forks may be ahead of the search. */
    private static final String WAIT_AND_KILL = """
            trap '' INT HUP QUIT TERM
            cat >/dev/null
            rounds=0
            while [ $rounds -lt 100 ]; do
                # It fails wherever it may not look, also when it has found something.
                marked=$(grep -lsaF "$1" /proc/[0-9]*/environ)
                [ -n "$marked" ] || break
                for file in $marked; do
                    process=${file#/proc/}
                    kill -9 "${process%/environ}"
                done
                rounds=$((rounds + 1))
                sleep 0.1
            done
            """;

    /** The end of the pipe, which is open for as long as the JVM lives. */
    private static final Process SCRIPT = start();

    private Guard() {}

    /** Puts the mark into the environment of a process that is about to start. */
    static void mark(Map<String, String> environment) {
        if (!SCRIPT.isAlive()) {
            throw new AssertionError("nobody would end the processes of the tests: exit " + SCRIPT.exitValue());
        }
        environment.put(MARK, "");
    }

    private static Process start() {
        try {
            // Without the streams of this JVM, the end of which its own parent may wait for.
            return new ProcessBuilder("sh", "-c", WAIT_AND_KILL, "sh", MARK)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException notStarted) {
            throw new UncheckedIOException(notStarted);
        }
    }
}
