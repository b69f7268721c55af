package io.github.shm4j.benchmarks.crossing;

import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Two processes, each pinned to a core of its own, that talk to each other; or several on the second core, which all talk
 * to the first one. If one of them dies, the others, which may be waiting for it in a loop, are killed, and the failure
 * says which of them died and what it had printed.
 */
public final class Conversation {

    private static final int TIMEOUT_SECONDS = 120;

    private Conversation() {}

    /**
     * Runs each pong, waits until it is ready, then runs ping, and waits for all to end. A plan that stays in this JVM has most
     * of them run as threads of it.
     *
     * @param kind what the program is told to use, of which each has to be tried between processes; empty if that does not matter
     * @return what ping printed
     * @throws IllegalStateException if one of them fails
     */
    public static String run(Plan plan, String kind, String what, Cores cores, List<String> ping,
            List<List<String>> pongs)
            throws IOException, InterruptedException {
        if (plan.staysInThisJvm()) {
            Optional<String> printed = ThreadedConversation.run(kind, what, ping, pongs);
            if (printed.isPresent()) {
                return printed.get();
            }
        }
        List<Program> all = new ArrayList<>();
        try {
            for (List<String> pong : pongs) {
                Program answering = Program.start(what + ", pong", cores.second(pong));
                all.add(answering);
                BufferedReader output = answering.process().inputReader();
                String line = within(what, Program.async(() -> Program.line(output)));
                if (!"ready".equals(line)) {
                    throw answering.failure("died before it was ready");
                }
            }
            Program measuring = Program.start(what + ", ping", cores.first(ping));
            all.add(measuring);
            CompletableFuture<String> result = Program.async(measuring::output);
            List<Program> running = new ArrayList<>(all);
            while (!running.isEmpty()) {
                // A pong may well end before ping, but only after all is said.
                Program ended = within(what, firstToEnd(running));
                if (ended.process().exitValue() != 0) {
                    throw ended.failure("died");
                }
                running.remove(ended);
            }
            return within(what, result).strip();
        } finally {
            all.forEach(Program::close);
        }
    }

    private static CompletableFuture<Program> firstToEnd(List<Program> running) {
        CompletableFuture<Program> first = new CompletableFuture<>();
        running.forEach(program -> program.process().onExit().thenRun(() -> first.complete(program)));
        return first;
    }

    private static <T> T within(String what, CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new IllegalStateException(what + ": no result after " + TIMEOUT_SECONDS + " s", late);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(what + ": " + failed.getCause().getMessage(), failed.getCause());
        }
    }
}
