package io.github.shm4j.cli.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * {@code getent}: the users and groups that are not in the system's files.
 *
 * <p>It may ask a server that does not answer. So all questions of one program share one timeout.
 */
public final class Getent {

    public static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static long leftNanos = TIMEOUT.toNanos();

    private Getent() {}

    /** {@return the entries of a database for a name or an id; none also if the timeout is used up} */
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

    /** {@return whether the timeout is used up, so that no question is asked any more} */
    public static synchronized boolean hasGivenUp() {
        return leftNanos <= 0;
    }

    /** Reads while getent writes: the members of a group may not fit into the pipe. */
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
                // The text stays empty.
            }
        }
    }
}
