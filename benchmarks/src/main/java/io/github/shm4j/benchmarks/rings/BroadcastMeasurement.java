package io.github.shm4j.benchmarks.rings;

import com.google.gson.Gson;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.Cleanup;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import io.github.shm4j.benchmarks.crossing.Conversation;
import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.crossing.RepeatBudget;
import io.github.shm4j.benchmarks.crossing.RoundRobin;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs a producer and readers of a broadcast, in rounds: one competitor after the other. Each measurement says itself how far
 * apart the cores were; it is made again as those of rings are.
 */
public final class BroadcastMeasurement {

    private static final List<Integer> SIZES = List.of(64, 1024);
    private static final List<Integer> READERS = List.of(1, 2);

    private final Plan plan;
    private final Cores cores;
    private final RepeatBudget repeats = new RepeatBudget();

    /** Chooses the cores. */
    public BroadcastMeasurement(Plan plan) throws IOException {
        this.plan = plan;
        cores = Cores.choose();
    }

    /** {@return what was measured in a round} */
    public List<BroadcastFlow> measure(int round) throws IOException, InterruptedException {
        List<BroadcastFlow> all = new ArrayList<>();
        List<Broadcast> competitors = List.of(Broadcast.values());
        for (int size : SIZES) {
            for (int readers : READERS) {
                RoundRobin<Broadcast> turns = new RoundRobin<>(competitors, competitors, plan.ringAttempts(), repeats);
                for (Optional<Broadcast> next = turns.next(); next.isPresent(); next = turns.next()) {
                    BroadcastFlow made = measure(round, size, readers, next.get());
                    all.add(made);
                    turns.measured(next.get(), made.distance());
                }
            }
        }
        return all;
    }

    private BroadcastFlow measure(int round, int size, int readers, Broadcast broadcast)
            throws IOException, InterruptedException {
        BroadcastProcess.Measured measured = run(size, readers, broadcast);
        double[] sorted = measured.messagesPerSecond().stream().mapToDouble(Double::doubleValue).sorted().toArray();
        Log.say("state: %-16s %5d B, %d reader%s, %3.0f ns: %8.3f million messages/s (%.3f to %.3f)",
                broadcast.label(), size, readers, readers == 1 ? "" : "s", measured.nanosAfter(),
                sorted[sorted.length / 2] / 1e6, sorted[0] / 1e6, sorted[sorted.length - 1] / 1e6);
        return new BroadcastFlow(
                round,
                size,
                broadcast.label(),
                readers,
                cores.first(),
                cores.second(),
                cores.sameCore(),
                measured.nanosBefore(),
                measured.nanosAfter(),
                measured.messagesPerSecond());
    }

    private BroadcastProcess.Measured run(int size, int readers, Broadcast broadcast)
            throws IOException, InterruptedException {
        SharedMemory control = SharedMemory.createPrivate(ControlBlock.SIZE);
        Runnable removeControl = Cleanup.register(control);
        try {
            SharedMemory progress = SharedMemory.createPrivate(BroadcastProcess.PROGRESS_SIZE);
            Runnable removeProgress = Cleanup.register(progress);
            try {
                String printed = RingMeasurement.made(broadcast, plan.ringCapacity(size), address -> {
                    List<List<String>> pongs = new ArrayList<>();
                    for (int reader = 0; reader < readers; reader++) {
                        pongs.add(command("pong", broadcast, address, size, control, progress, readers, reader));
                    }
                    return Conversation.run(
                            plan,
                            broadcast.name(),
                            broadcast.label() + ", " + size + " bytes, " + readers + " readers",
                            cores,
                            command("ping", broadcast, address, size, control, progress, readers, 0),
                            pongs);
                });
                return new Gson().fromJson(printed, BroadcastProcess.Measured.class);
            } finally {
                Cleanup.done(removeProgress);
                progress.remove();
            }
        } finally {
            Cleanup.done(removeControl);
            control.remove();
        }
    }

    private List<String> command(String role, Broadcast broadcast, String address, int size, SharedMemory control,
            SharedMemory progress, int readers, int reader) {
        List<String> command = new ArrayList<>(Program.measured(BroadcastProcess.class, Competitor.OPTIONS));
        for (Object argument : List.of(role, broadcast.name(), address, plan.ringCapacity(size), size, control.id(),
                progress.id(), plan.ringWarmMillis(), plan.ringSliceMillis(), plan.ringSlices(), readers, reader)) {
            command.add(argument.toString());
        }
        return command;
    }
}
