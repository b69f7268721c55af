package io.github.shm4j.benchmarks.state;

import com.google.gson.Gson;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.Cleanup;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import io.github.shm4j.benchmarks.crossing.Conversation;
import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.crossing.RepeatBudget;
import io.github.shm4j.benchmarks.crossing.RoundRobin;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs two processes that compete for a lock, in rounds: one competitor after the other. Each measurement says itself how far
 * apart the cores were; it is made again as those of rings are.
 */
public final class ContendedLock {

    /** What the locks are called in the results, in the order of tables. */
    public static final String OURS = "shm4j";

    /** The robust mutex of POSIX. */
    public static final String C = "C";

    private final Plan plan;
    private final Cores cores;
    private final List<Competitor> competitors = new ArrayList<>();
    private final RepeatBudget repeats = new RepeatBudget();

    /**
     * A kind of lock.
     *
     * @param name what it is called in the results
     * @param program the command that runs one side, without its arguments
     */
    private record Competitor(String name, List<String> program) {}

    /** Chooses the cores. */
    public ContendedLock(Plan plan, Peers peers) throws IOException {
        this.plan = plan;
        cores = Cores.choose();
        competitors.add(new Competitor(OURS, Program.measured(LockProcess.class, List.of())));
        peers.c("lock").ifPresent(program -> competitors.add(new Competitor(C, program)));
    }

    /** {@return what was measured in a round} */
    public List<Contention> measure(int round) throws IOException, InterruptedException {
        List<Contention> all = new ArrayList<>();
        RoundRobin<Competitor> turns = new RoundRobin<>(competitors, competitors, plan.ringAttempts(), repeats);
        for (Optional<Competitor> next = turns.next(); next.isPresent(); next = turns.next()) {
            Contention made = measure(round, next.get());
            all.add(made);
            turns.measured(next.get(), made.distance());
        }
        return all;
    }

    private Contention measure(int round, Competitor competitor) throws IOException, InterruptedException {
        LockProcess.Measured measured = run(competitor);
        double ping = sum(measured.pingPerSecond());
        double pong = sum(measured.pongPerSecond());
        Log.say("state: lock, %-5s %3.0f ns before, %3.0f after: %8.3f million acquisitions/s; the side with fewer had %.0f %%",
                competitor.name(), measured.nanosBefore(), measured.nanosAfter(),
                (ping + pong) / measured.pingPerSecond().size() / 1e6, 100 * Math.min(ping, pong) / (ping + pong));
        return new Contention(
                round,
                competitor.name(),
                cores.first(),
                cores.second(),
                cores.sameCore(),
                measured.nanosBefore(),
                measured.nanosAfter(),
                measured.pingPerSecond(),
                measured.pongPerSecond(),
                measured.compiledMillis());
    }

    private static double sum(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum();
    }

    private LockProcess.Measured run(Competitor competitor) throws IOException, InterruptedException {
        SharedMemory block = SharedMemory.createPrivate(LockProcess.SIZE);
        Runnable removeBlock = Cleanup.register(block);
        try {
            SharedMemory control = SharedMemory.createPrivate(ControlBlock.SIZE);
            Runnable removeControl = Cleanup.register(control);
            try {
                String printed = Conversation.run(
                        plan,
                        "",
                        competitor.name() + ", contended lock",
                        cores,
                        command("ping", competitor, block, control),
                        List.of(command("pong", competitor, block, control)));
                return new Gson().fromJson(printed, LockProcess.Measured.class);
            } finally {
                Cleanup.done(removeControl);
                control.remove();
            }
        } finally {
            Cleanup.done(removeBlock);
            block.remove();
        }
    }

    private List<String> command(String role, Competitor competitor, SharedMemory block, SharedMemory control) {
        List<String> command = new ArrayList<>(competitor.program());
        for (Object argument : List.of(role, block.id(), control.id(), plan.ringWarmMillis(), plan.ringSliceMillis(),
                plan.ringSlices())) {
            command.add(argument.toString());
        }
        return command;
    }
}
