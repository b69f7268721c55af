package io.github.shm4j.benchmarks.crossing;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.benchmarks.Cleanup;
import io.github.shm4j.benchmarks.Directories;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import io.github.shm4j.benchmarks.suite.Question;
import io.github.shm4j.benchmarks.suite.Results;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * How fast do messages cross from one process to another?
 *
 * <p>The competitors of one size and one round are a <em>group</em>; they follow each other, so that they meet the same
 * conditions. Before and after each group a {@link CoreDistanceProbe} says how far apart the cores are.
 */
public final class CrossingQuestion implements Question {

    /** How often to measure a group at most, if the cores are moved each time. */
    private static final int ATTEMPTS = 3;

    private static final int PAGE = 4096;

    @Override
    public String name() {
        return "crossing";
    }

    /**
     * The competitors of one size in one round.
     *
     * @param round the number of the round, from 1
     * @param size the size of a message in bytes
     * @param first the core of the measuring side
     * @param second the core of the answering side
     * @param sameCore whether these are two threads of one core
     * @param nanosBefore the way of a cache line to the other core and back, before the group
     * @param nanosAfter and after it
     * @param talks what was measured
     */
    public record Group(
            int round,
            int size,
            int first,
            int second,
            boolean sameCore,
            double nanosBefore,
            double nanosAfter,
            List<Talk> talks)
            implements
                CoreDistance {}

    /**
     * One competitor.
     *
     * @param name its name
     * @param messagesPerSecond in one direction
     * @param roundTrips how many were measured
     * @param p50 nanoseconds of a round trip, the median
     * @param p90 nanoseconds that 90 % do not exceed
     * @param p99 nanoseconds that 99 % do not exceed
     * @param p999 nanoseconds that 99.9 % do not exceed
     * @param max nanoseconds of the longest
     * @param histogram all of them: an HdrHistogram, compressed and in Base64
     */
    public record Talk(
            String name,
            double messagesPerSecond,
            long roundTrips,
            long p50,
            long p90,
            long p99,
            long p999,
            long max,
            String histogram) {}

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        Cores cores = Cores.choose();
        List<Group> groups = new ArrayList<>();
        int attempts = Math.min(ATTEMPTS, plan.ringAttempts());
        for (int round = 1; round <= plan.rounds(); round++) {
            for (int size : plan.crossingSizes()) {
                for (int attempt = 0; attempt < attempts; attempt++) {
                    Group group = group(plan, peers, cores, round, size);
                    groups.add(group);
                    if (!group.moved()) {
                        break;
                    }
                    Log.say("crossing: the cores were moved meanwhile (now %.0f ns)", group.nanosAfter());
                }
            }
        }
        results.write("groups", groups);
    }

    private static Group group(Plan plan, Peers peers, Cores cores, int round, int size) throws Exception {
        double before = CoreDistanceProbe.measure(plan, cores);
        Log.say("crossing: round %d, %d bytes; a cache line goes there and back in %.0f ns", round, size, before);
        List<Talk> talks = talks(plan, peers, cores, size);
        return new Group(round, size, cores.first(), cores.second(), cores.sameCore(), before,
                CoreDistanceProbe.measure(plan, cores), talks);
    }

    private static List<Talk> talks(Plan plan, Peers peers, Cores cores, int size) throws Exception {
        List<Talk> talks = new ArrayList<>();
        Talker talker = new Talker(plan, cores, size, talks);
        talker.block("shm4j", Optional.of(side(Transport.SHM4J)));
        talker.block("C", peers.c("crossing"));
        talker.block("PHP shmop", peers.php("crossing"));
        for (String directory : List.of(Directories.TMPFS, Directories.DISK)) {
            talker.file("mapped file, " + directory, Transport.MAPPED, directory);
            talker.file("file, " + directory, Transport.FILE, directory);
        }
        talker.directory("named pipe", Transport.PIPE);
        talker.directory("Unix domain socket", Transport.UNIX);
        talker.tcp("TCP, loopback");
        return talks;
    }

    private static List<String> side(Transport transport) {
        return Program.measured(CrossingProcess.class, List.of(), transport.name());
    }

    /** Makes what the two sides meet at, lets them talk, and removes it again. */
    private record Talker(Plan plan, Cores cores, int size, List<Talk> talks) {

        /** A block, which programs in C find by its id and those in PHP by its key. */
        void block(String name, Optional<List<String>> program) throws Exception {
            if (program.isEmpty()) {
                return;
            }
            ShmKey key = ShmKey.random();
            SharedMemory block = SharedMemory.create(key, slotSize(), ShmPermissions.OWNER_ONLY);
            Runnable remove = Cleanup.register(block);
            try {
                // The ways of saying which role differ: the JVM's side has its transport in between.
                boolean jvm = program.get().contains(CrossingProcess.class.getName());
                talk(name, program.get(), jvm, name.startsWith("PHP") ? key.value() : block.id());
            } finally {
                Cleanup.done(remove);
                block.remove();
            }
        }

        void file(String name, Transport transport, String directory) throws Exception {
            Path file = Directories.newFile(directory);
            try {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    // Written and not merely extended: a mapped hole would be filled while it is measured.
                    channel.write(ByteBuffer.allocate(slotSize()), 0);
                }
                talk(name, side(transport), true, file);
            } finally {
                Files.delete(file);
            }
        }

        void directory(String name, Transport transport) throws Exception {
            Path directory = Files.createTempDirectory("shm4j-benchmark");
            List<Path> pipes = List.of(directory.resolve("there"), directory.resolve("back"));
            Path socket = directory.resolve("socket");
            // In the order in which they are made: they are deleted in the opposite one.
            directory.toFile().deleteOnExit();
            pipes.forEach(pipe -> pipe.toFile().deleteOnExit());
            socket.toFile().deleteOnExit();
            try {
                if (transport == Transport.PIPE) {
                    Program.run("mkfifo", List.of("mkfifo", pipes.getFirst().toString(), pipes.getLast().toString()));
                }
                talk(name, side(transport), true, directory);
            } finally {
                for (Path pipe : pipes) {
                    Files.deleteIfExists(pipe);
                }
                Files.deleteIfExists(socket);
                Files.delete(directory);
            }
        }

        void tcp(String name) throws Exception {
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            talk(name, side(Transport.TCP), true, port);
        }

        private int slotSize() {
            return (BlockLink.PAYLOAD + size + PAGE - 1) / PAGE * PAGE;
        }

        private void talk(String name, List<String> program, boolean jvm, Object address)
                throws IOException, InterruptedException {
            Path samples = Files.createTempFile("shm4j-benchmark", ".samples");
            samples.toFile().deleteOnExit();
            try {
                String rate = Conversation.run(
                        plan,
                        "",
                        name + ", " + size + " bytes",
                        cores,
                        command("ping", program, jvm, address, samples),
                        List.of(command("pong", program, jvm, address, samples)));
                talks.add(talk(name, Double.parseDouble(rate), samples));
            } finally {
                Files.delete(samples);
            }
        }

        private List<String> command(String role, List<String> program, boolean jvm, Object address, Path samples) {
            List<String> command = new ArrayList<>(program);
            command.add(jvm ? command.size() - 1 : command.size(), role);
            command.addAll(List.of(
                    address.toString(),
                    Integer.toString(size),
                    Integer.toString(plan.crossingWarmMillis()),
                    Integer.toString(plan.crossingMillis()),
                    samples.toString()));
            return command;
        }

        private static Talk talk(String name, double messagesPerSecond, Path samples) throws IOException {
            Histogram histogram = LatencySamples.read(samples);
            return new Talk(
                    name,
                    messagesPerSecond,
                    histogram.getTotalCount(),
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(90),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getMaxValue(),
                    LatencySamples.encode(histogram));
        }
    }
}
