package io.github.shm4j.benchmarks.relay;

import com.google.gson.Gson;
import com.sun.management.ThreadMXBean;
import io.github.shm4j.ShmException;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import io.github.shm4j.benchmarks.crossing.LatencySamples;
import io.github.shm4j.benchmarks.rings.MessageCheck;
import io.github.shm4j.benchmarks.rings.MessageReceiver;
import io.github.shm4j.benchmarks.rings.MessageSender;
import io.github.shm4j.benchmarks.rings.TestMessage;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One of two processes that the network is between. All that it does, it does in one thread: it produces or consumes, calls its
 * side of the relay, if there is one, and calls Aeron's client and driver.
 *
 * <p>In a {@code stream}, {@code ping} consumes what {@code pong} produces as fast as it can, and counts it in slices of time. In
 * {@code allocation} it does the same, and both count what they allocate, but for what Aeron's client and driver do. In
 * {@code round-trips}, ping sends one message at a time and pong sends one back; ping takes the time of each.
 *
 * <p>The arguments: role, mode, {@link Carrier}, directory for the driver, the {@link Route} there and the one back, id of the
 * {@link ControlBlock} block, size, milliseconds to warm up, milliseconds of a slice, number of slices, file for the round trips.
 * Pong prints a line "ready", ping what it measured, as JSON.
 */
final class RelayProcess {

    static final String STREAM = "stream";
    static final String ALLOCATION = "allocation";
    static final String ROUND_TRIPS = "round-trips";

    private static final int MAX_SAMPLES = 1_000_000;

    /** How many messages are received or sent before the driver is called again. */
    private static final int LIMIT = 256;

    private static final long WAITING_MILLIS = 1;

    private static final long MOST_MEET_MILLIS = 120;
    private static final long PART_MILLIS = 10;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final boolean ping;
    private final String mode;
    private final Carrier carrier;
    private final String directory;
    private final Route there;
    private final Route back;
    private final ControlBlock control;
    private final int size;
    private final long warmMillis;
    private final long sliceMillis;
    private final int slices;
    private final Path file;

    /** What was allocated while it was counted. */
    private long allocated;

    private boolean counting;

    private RelayProcess(String[] arguments) throws IOException {
        ping = arguments[0].equals("ping");
        mode = arguments[1];
        carrier = Carrier.valueOf(arguments[2]);
        directory = arguments[3];
        there = Route.parse(arguments[4]);
        back = Route.parse(arguments[5]);
        control = new ControlBlock(Integer.parseInt(arguments[6]));
        size = Integer.parseInt(arguments[7]);
        warmMillis = Long.parseLong(arguments[8]);
        sliceMillis = Long.parseLong(arguments[9]);
        slices = Integer.parseInt(arguments[10]);
        file = Path.of(arguments[11]);
    }

    /**
     * What ping prints.
     *
     * @param nanosBefore the way of a cache line to the other core and back, before
     * @param nanosAfter and afterwards
     * @param messagesPerSecond one value for each slice of a stream
     * @param messages how many messages there were while it was counted what is allocated
     * @param sending how many bytes pong has allocated meanwhile
     * @param receiving how many bytes ping has allocated meanwhile
     */
    record Measured(
            double nanosBefore,
            double nanosAfter,
            List<Double> messagesPerSecond,
            long messages,
            long sending,
            long receiving) {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        RelayProcess process = new RelayProcess(arguments);
        if (process.ping) {
            System.out.println(new Gson().toJson(process.measure()));
        } else {
            System.out.println("ready");
            process.serve();
        }
    }

    private Measured measure() throws IOException {
        double nanosBefore = control.ping(Math.min(warmMillis, MOST_MEET_MILLIS));
        MessageCheck check = new MessageCheck(size, 1);
        Measured measured;
        try (Network network = new Network(directory + "/ping")) {
            measured = mode.equals(ROUND_TRIPS) ? ask(network, check) : consume(network, check);
            control.set(ControlBlock.END);
        }
        double nanosAfter = control.ping(Math.min(warmMillis, PART_MILLIS));
        return new Measured(nanosBefore, nanosAfter, measured.messagesPerSecond, measured.messages, measured.sending,
                measured.receiving);
    }

    private void serve() throws IOException, InterruptedException {
        control.pong();
        try (Network network = new Network(directory + "/pong")) {
            if (mode.equals(ROUND_TRIPS)) {
                answer(network);
            } else {
                produce(network);
            }
        }
        control.pong();
    }

    private long allocatedBytes() {
        return counting ? THREADS.getCurrentThreadAllocatedBytes() : 0;
    }

    // ---- In one direction.

    private Measured consume(Network network, MessageCheck check) throws ShmException {
        try (MessageReceiver receiver = carrier.receiver(network, back, check)) {
            control.set(ControlBlock.WARM_UP);
            long end = System.nanoTime() + warmMillis * 1_000_000;
            do {
                slice(network, receiver, check);
            } while (System.nanoTime() < end || check.count() == 0);
            counting = mode.equals(ALLOCATION);
            long before = check.count();
            control.set(ControlBlock.MEASURE);
            List<Double> rates = new ArrayList<>();
            while (rates.size() < slices) {
                rates.add(slice(network, receiver, check));
            }
            control.set(ControlBlock.STOP);
            while (check.ended() == 0) {
                receiveSome(network, receiver);
            }
            return new Measured(0, 0, rates, check.count() - before, control.allocatedBytes(), allocated);
        }
    }

    /** Returns messages per second. */
    private double slice(Network network, MessageReceiver receiver, MessageCheck check) {
        long before = check.count();
        long start = System.nanoTime();
        long end = start + sliceMillis * 1_000_000;
        long now;
        do {
            receiveSome(network, receiver);
            now = System.nanoTime();
        } while (now < end);
        return (check.count() - before) * 1e9 / (now - start);
    }

    private void receiveSome(Network network, MessageReceiver receiver) {
        network.work();
        long before = allocatedBytes();
        receiver.poll(LIMIT);
        allocated += allocatedBytes() - before;
    }

    private void produce(Network network) throws ShmException, InterruptedException {
        TestMessage source = new TestMessage(size);
        try (MessageSender sender = carrier.sender(network, back, source)) {
            await(network, sender, ControlBlock.WARM_UP);
            long number = send(network, sender, source, 0, ControlBlock.WARM_UP);
            counting = mode.equals(ALLOCATION);
            number = send(network, sender, source, number, ControlBlock.MEASURE);
            control.setAllocatedBytes(allocated);
            source.number(number | TestMessage.LAST);
            while (!sender.send()) {
                sender.flush();
                network.work();
            }
            await(network, sender, ControlBlock.END);
        }
    }

    /** Lets everything go on until the other side has come to a state. */
    private void await(Network network, MessageSender sender, long state) {
        while (control.state() < state) {
            sender.flush();
            network.work();
        }
    }

    /** Sends messages as long as there is a state, and returns the number of the last one. */
    private long send(Network network, MessageSender sender, TestMessage source, long last, long state) {
        long number = last;
        while (control.state() == state) {
            long before = allocatedBytes();
            number = sendSome(sender, source, number);
            allocated += allocatedBytes() - before;
            network.work();
        }
        return number;
    }

    private static long sendSome(MessageSender sender, TestMessage source, long last) {
        long number = last;
        for (int i = 0; i < LIMIT; i++) {
            source.number(number + 1);
            if (!sender.send()) {
                break;
            }
            number++;
        }
        sender.flush();
        return number;
    }

    // ---- There and back.

    private Measured ask(Network network, MessageCheck check) throws IOException {
        int[] samples = new int[MAX_SAMPLES];
        Arrays.fill(samples, 1);
        TestMessage source = new TestMessage(size);
        try (MessageSender sender = carrier.sender(network, there, source);
                MessageReceiver receiver = carrier.receiver(network, back, check)) {
            control.set(ControlBlock.WARM_UP);
            Asking asking = new Asking(network, sender, receiver, source, check);
            asking.roundTrips(warmMillis, samples);
            int count = asking.roundTrips(sliceMillis * slices, samples);
            source.number(check.last() | TestMessage.LAST);
            asking.roundTrip();
            LatencySamples.write(file, samples, count);
            return new Measured(0, 0, List.of(), 0, 0, 0);
        }
    }

    /** Sends a message, and waits for the one that comes back. */
    private record Asking(
            Network network, MessageSender sender, MessageReceiver receiver, TestMessage source, MessageCheck check) {

        int roundTrips(long millis, int[] samples) {
            long end = System.nanoTime() + millis * 1_000_000;
            int count = 0;
            long after;
            do {
                source.number(check.last() + 1);
                long before = System.nanoTime();
                roundTrip();
                after = System.nanoTime();
                samples[count++] = (int) Math.min(after - before, 0xffff_ffffL);
            } while (after < end && count < samples.length);
            return count;
        }

        void roundTrip() {
            long last = check.last();
            while (!sender.send()) {
                sender.flush();
                network.work();
            }
            while (check.last() == last) {
                sender.flush();
                network.work();
                receiver.poll(1);
            }
        }
    }

    private void answer(Network network) throws IOException {
        TestMessage source = new TestMessage(size);
        MessageCheck check = new MessageCheck(size, 1);
        try (MessageSender sender = carrier.sender(network, back, source);
                MessageReceiver receiver = carrier.receiver(network, there, check)) {
            long answered = check.last();
            while (control.state() != ControlBlock.END) {
                network.work();
                receiver.poll(1);
                if (check.last() != answered) {
                    answered = check.last();
                    source.number(answered);
                    while (!sender.send()) {
                        sender.flush();
                        network.work();
                    }
                }
                sender.flush();
            }
        }
    }
}
