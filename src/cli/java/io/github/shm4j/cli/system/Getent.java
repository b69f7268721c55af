package io.github.shm4j.cli.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Asks {@code getent} for users and groups that are not in the system's files.
 *
 * <p>It may ask a server in turn, which may not answer. All questions together have the time that a person waits for one.
 */
public final class Getent {

    public static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static long leftNanos = TIMEOUT.toNanos();

    private Getent() {}

    /** {@return the entries of a database that a name or a number has: none also if there is no time left to ask} */
    static synchronized String ask(String database, String key) {
        if (hasGivenUp()) {
            return "";
        }
        long start = System.nanoTime();
        try {
            Process getent = new ProcessBuilder("getent", "--", database, key)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            getent.getOutputStream().close();
            Answer answer = new Answer(getent);
            answer.join(Math.max(1, leftNanos / 1_000_000));
            if (answer.isAlive()) {
                getent.destroyForcibly();
                leftNanos = 0;
                return "";
            }
            leftNanos -= System.nanoTime() - start;
            return answer.text;
        } catch (IOException none) {
            return "";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** {@return whether no answers are to be expected any more} */
    public static synchronized boolean hasGivenUp() {
        return leftNanos <= 0;
    }

    /** Reads while getent writes: a group may have more members than a pipe holds. */
    private static final class Answer extends Thread {

        private final Process getent;
        private volatile String text = "";

        private Answer(Process getent) {
            super("shm4j-getent");
            this.getent = getent;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try {
                text = new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException killed) {
                // Then there is no answer.
            }
        }
    }
}
