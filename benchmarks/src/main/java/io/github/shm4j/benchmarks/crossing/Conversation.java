package io.github.shm4j.benchmarks.crossing;

import io.github.shm4j.benchmarks.suite.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Two processes, each pinned to a core of its own, that talk to each other. If one of them dies, the other one, which may
 * be waiting for it in a loop, is killed, and the failure says which of them died and what it had printed.
 */
final class Conversation {

    private static final int PATIENCE_SECONDS = 120;

    private Conversation() {}

    /**
     * Runs pong, waits until it is ready, runs ping, and waits for both to end.
     *
     * @return what ping printed
     */
    static String run(String what, Cores cores, List<String> ping, List<String> pong)
            throws IOException, InterruptedException {
        try (Program answering = Program.start(what + ", pong", cores.second(pong))) {
            BufferedReader output = answering.process().inputReader();
            String line = within(what, Program.async(() -> Program.line(output)));
            if (!"ready".equals(line)) {
                throw answering.failure("died before it was ready");
            }
            try (Program measuring = Program.start(what + ", ping", cores.first(ping))) {
                CompletableFuture<String> result = Program.async(measuring::output);
                CompletableFuture<Process> firstToEnd =
                        measuring.process().onExit().applyToEither(answering.process().onExit(), ended -> ended);
                Process ended = within(what, firstToEnd);
                // Pong may well end first, but only after all is said.
                if (ended == answering.process() && ended.exitValue() != 0) {
                    throw answering.failure("died while ping was waiting for it");
                }
                if (ended == measuring.process() && ended.exitValue() != 0) {
                    throw measuring.failure("died");
                }
                within(what, measuring.process().onExit());
                within(what, answering.process().onExit());
                if (measuring.process().exitValue() != 0) {
                    throw measuring.failure("died");
                }
                if (answering.process().exitValue() != 0) {
                    throw answering.failure("died");
                }
                return within(what, result).strip();
            }
        }
    }

    private static <T> T within(String what, CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new IllegalStateException(what + ": no result after " + PATIENCE_SECONDS + " s", late);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(what + ": " + failed.getCause().getMessage(), failed.getCause());
        }
    }
}
