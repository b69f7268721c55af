package io.github.shm4j.benchmarks.relay;

import com.google.gson.Gson;
import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.benchmarks.Cleanup;
import io.github.shm4j.benchmarks.Directories;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import io.github.shm4j.benchmarks.crossing.Conversation;
import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import io.github.shm4j.ring.SpscRingBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Makes what two processes meet at that the network is between, runs them, and removes it again.
 *
 * @param plan how long to measure
 * @param cores the core of the consumer or of the measuring side, and that of the other one
 */
record RelayMeasurement(Plan plan, Cores cores) {

    /** The capacity of each ring in bytes. The longest message takes a sixteenth of it. */
    static final long CAPACITY = 1 << 20;

    /**
     * How long they warm up if anything is measured. There is more to compile than at a ring, a driver too, on a core that the
     * thread never leaves to the compiler: after five seconds that is not done, and until it is, a relay carries a third.
     */
    private static final int WARM_MILLIS = 15_000;

    /** How many times as many slices are measured as at a ring: what the kernel does for a packet takes its time or not. */
    private static final int TIMES_AS_MANY = 3;

    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;
    private static final int PORTS_OF_ROUTE = 2;
    private static final int MOST_TRIALS = 1000;

    /** What Aeron needs of the JDK's internals. */
    private static final List<String> OPTIONS = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");

    /** Runs the two processes, and returns what ping measured. */
    RelayProcess.Measured run(String mode, Carrier carrier, int size, Path samples)
            throws IOException, InterruptedException {
        List<Runnable> made = new ArrayList<>();
        try {
            Path directory = Directories.newDirectory(Directories.TMPFS);
            made.add(Cleanup.register(() -> Directories.delete(directory)));
            SharedMemory control = SharedMemory.createPrivate(ControlBlock.SIZE);
            made.add(Cleanup.register(control));
            int port = freePorts();
            List<Object> arguments = List.of(mode, carrier.name(), directory, route(port, made),
                    route(port + PORTS_OF_ROUTE, made), control.id(), size, warmMillis(),
                    plan.ringSliceMillis(), TIMES_AS_MANY * plan.ringSlices(), samples);
            String printed = Conversation.run(
                    plan,
                    "",
                    carrier.label() + ", " + mode + ", " + size + " bytes",
                    cores,
                    command("ping", arguments),
                    List.of(command("pong", arguments)));
            return new Gson().fromJson(printed, RelayProcess.Measured.class);
        } finally {
            for (Runnable remove : made.reversed()) {
                Cleanup.done(remove);
                remove.run();
            }
        }
    }

    private int warmMillis() {
        return plan.staysInThisJvm() ? plan.ringWarmMillis() : WARM_MILLIS;
    }

    private static List<String> command(String role, List<Object> arguments) {
        List<String> command = new ArrayList<>(Program.measured(RelayProcess.class, OPTIONS, role));
        arguments.forEach(argument -> command.add(argument.toString()));
        return command;
    }

    /** Makes two rings, and a key that the receiver of a relay can make its journal with. */
    private static Route route(int port, List<Runnable> made) throws ShmException {
        ShmKey journal = ShmKey.random();
        made.add(Cleanup.register(() -> removeIfThere(journal)));
        return new Route(port, ring(made), ring(made), journal);
    }

    private static int ring(List<Runnable> made) throws ShmException {
        SharedMemory block = SharedMemory.createPrivate(SpscRingBuffer.sizeFor(CAPACITY));
        made.add(Cleanup.register(block));
        try (Arena arena = Arena.ofConfined()) {
            SpscRingBuffer.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
        }
        return block.id();
    }

    private static void removeIfThere(ShmKey key) {
        try {
            SharedMemory.open(key).remove();
        } catch (ShmNotFoundException none) {
            // There was no relay.
        } catch (ShmException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** {@return a port that is free, as are those behind it that two routes take} */
    private static int freePorts() throws SocketException {
        for (int trial = 1;; trial++) {
            int first = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            List<DatagramSocket> bound = new ArrayList<>();
            try {
                while (bound.size() < 2 * PORTS_OF_ROUTE) {
                    bound.add(new DatagramSocket(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), first + bound.size())));
                }
                return first;
            } catch (SocketException taken) {
                if (trial == MOST_TRIALS) {
                    throw taken;
                }
            } finally {
                bound.forEach(DatagramSocket::close);
            }
        }
    }
}
