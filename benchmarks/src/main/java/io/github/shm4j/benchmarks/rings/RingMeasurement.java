package io.github.shm4j.benchmarks.rings;

import com.google.gson.Gson;
import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.Cleanup;
import io.github.shm4j.benchmarks.Directories;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import io.github.shm4j.benchmarks.crossing.Conversation;
import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.crossing.LatencySamples;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Plan;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Makes what the ends of a ring meet at, runs them, and removes it again.
 *
 * @param plan how long to measure
 * @param cores the core of the consumer or of the measuring side, and that of the others
 * @param round the number of the round
 * @param size the size of the messages in bytes
 */
record RingMeasurement(Plan plan, Cores cores, int round, int size) {

    private static final int CHUNK = 1 << 20;

    /** What runs between making and removing. */
    @FunctionalInterface
    interface Talk {
        String at(String address) throws IOException, InterruptedException;
    }

    /** Messages in one direction, from one or several producers. */
    Flow flow(Kind kind, Competitor competitor, int producers, long capacity)
            throws IOException, InterruptedException {
        // Several compilers have to share the second core.
        int warmMillis = plan.ringWarmMillis() * (1 + producers) / 2;
        RingProcess.Measured measured = run(kind == Kind.COPIED_OUT ? "copy" : "stream", competitor, producers,
                capacity, warmMillis, Path.of("-"));
        double[] sorted = measured.messagesPerSecond().stream().mapToDouble(Double::doubleValue).sorted().toArray();
        Log.say("rings: %-22s %6d B, %d producer%s, %5d KiB, %3.0f ns: %8.3f million messages/s (%.3f to %.3f)",
                competitor.name(), size, producers, producers == 1 ? "" : "s", capacity >> 10, measured.nanosAfter(),
                sorted[sorted.length / 2] / 1e6, sorted[0] / 1e6, sorted[sorted.length - 1] / 1e6);
        return new Flow(
                kind,
                round,
                size,
                competitor.name(),
                producers,
                capacity,
                cores.first(),
                cores.second(),
                cores.sameCore(),
                measured.nanosBefore(),
                measured.nanosAfter(),
                measured.messagesPerSecond(),
                measured.compiledMillis());
    }

    /** Messages there and back, one at a time. */
    RoundTrips roundTrips(Kind kind, Competitor competitor, long capacity) throws IOException, InterruptedException {
        Path samples = Files.createTempFile("shm4j-benchmark", ".samples");
        samples.toFile().deleteOnExit();
        try {
            String mode = kind == Kind.WAKE_UPS ? "wake-ups" : "round-trips";
            Competitor ran = kind == Kind.ROUND_TRIPS_G1 ? competitor.withG1() : competitor;
            RingProcess.Measured measured = run(mode, ran, 1, capacity, plan.ringWarmMillis(), samples);
            Histogram histogram = LatencySamples.read(samples);
            RoundTrips roundTrips = new RoundTrips(
                    kind,
                    round,
                    size,
                    competitor.name(),
                    cores.first(),
                    cores.second(),
                    cores.sameCore(),
                    measured.nanosBefore(),
                    measured.nanosAfter(),
                    histogram.getTotalCount(),
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(90),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getMaxValue(),
                    LatencySamples.encode(histogram),
                    measured.compiledMillis(),
                    measured.slept());
            Log.say("rings: %-22s %6d B, %s, %3.0f ns: p50 %d ns, p99 %d ns", competitor.name(), size, mode,
                    measured.nanosAfter(), roundTrips.p50(), roundTrips.p99());
            return roundTrips;
        } finally {
            Files.delete(samples);
        }
    }

    private RingProcess.Measured run(
            String mode, Competitor competitor, int producers, long capacity, int warmMillis, Path samples)
            throws IOException, InterruptedException {
        SharedMemory control = SharedMemory.createPrivate(ControlBlock.SIZE);
        Runnable remove = Cleanup.register(control);
        try {
            String printed = made(competitor.ring(), capacity, address -> Conversation.run(
                    plan,
                    competitor.name().startsWith("shm4j") ? competitor.kind() : "",
                    competitor.name() + ", " + mode + ", " + size + " bytes",
                    cores,
                    command("ping", mode, competitor, address, control, capacity, warmMillis, samples, 0, producers),
                    pongs(mode, competitor, address, control, capacity, warmMillis, samples, producers)));
            return new Gson().fromJson(printed, RingProcess.Measured.class);
        } finally {
            Cleanup.done(remove);
            control.remove();
        }
    }

    private List<List<String>> pongs(String mode, Competitor competitor, String address, SharedMemory control,
            long capacity, int warmMillis, Path samples, int producers) {
        List<List<String>> pongs = new ArrayList<>();
        for (int producer = 0; producer < producers; producer++) {
            pongs.add(command(
                    "pong", mode, competitor, address, control, capacity, warmMillis, samples, producer, producers));
        }
        return pongs;
    }

    private List<String> command(String role, String mode, Competitor competitor, String address,
            SharedMemory control, long capacity, int warmMillis, Path samples, int producer, int producers) {
        List<String> command = new ArrayList<>(competitor.program());
        for (Object argument : List.of(role, mode, competitor.kind(), address, control.id(), size, capacity,
                warmMillis, plan.ringSliceMillis(), plan.ringSlices(), samples, producer, producers)) {
            command.add(argument.toString());
        }
        return command;
    }

    private static String made(Optional<Ring> ring, long capacity, Talk talk) throws IOException, InterruptedException {
        return switch (ring.map(Ring::medium).orElse(Ring.Medium.BLOCK)) {
            case BLOCK -> block(
                    ring.orElse(Ring.SPSC).bytes(capacity),
                    memory -> ring.ifPresent(present -> present.create(memory, capacity)),
                    talk);
            case FILE -> file(ring.orElseThrow().bytes(capacity), talk);
            case DIRECTORY -> directory(talk);
        };
    }

    static String made(Broadcast broadcast, long capacity, Talk talk) throws IOException, InterruptedException {
        long bytes = broadcast.bytes(capacity);
        return broadcast.medium() == Ring.Medium.BLOCK
                ? block(bytes, memory -> broadcast.create(memory, capacity), talk)
                : file(bytes, talk);
    }

    private static String block(long bytes, Consumer<MemorySegment> creation, Talk talk)
            throws IOException, InterruptedException {
        SharedMemory block = SharedMemory.createPrivate(2 * RingAddress.pages(bytes));
        Runnable remove = Cleanup.register(block);
        try {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
                creation.accept(memory.asSlice(0, bytes));
                creation.accept(memory.asSlice(RingAddress.pages(bytes), bytes));
            }
            return talk.at(Integer.toString(block.id()));
        } finally {
            Cleanup.done(remove);
            block.remove();
        }
    }

    private static String file(long bytes, Talk talk) throws IOException, InterruptedException {
        Path file = Directories.newFile(Directories.TMPFS);
        try {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                long size = 2 * RingAddress.pages(bytes);
                // Written and not merely extended: a mapped hole would be filled while it is measured.
                for (long position = 0; position < size;) {
                    ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(CHUNK, size - position));
                    position += channel.write(zeros, position);
                }
            }
            return talk.at(file.toString());
        } finally {
            Files.delete(file);
        }
    }

    private static String directory(Talk talk) throws IOException, InterruptedException {
        Path directory = Directories.newDirectory(Directories.TMPFS);
        Runnable delete = Cleanup.register(() -> Directories.delete(directory));
        try {
            return talk.at(directory.toString());
        } finally {
            Cleanup.done(delete);
            Directories.delete(directory);
        }
    }
}
