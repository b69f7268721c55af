package io.github.shm4j.benchmarks.rings;

import com.google.gson.Gson;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import io.github.shm4j.benchmarks.crossing.LatencySamples;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One of the processes at a ring.
 *
 * <p>In a {@code stream}, {@code ping} consumes what one or several {@code pong}s produce as fast as they can, and counts
 * it in slices of time. In {@code round-trips}, ping sends one message at a time and pong sends one back, through a second ring;
 * ping takes the time of each. In {@code wake-ups} it does the same, but each side waits, until the other one certainly sleeps
 * in the kernel, before it sends.
 *
 * <p>The arguments: role, mode, {@link Ring}, address, id of the {@link ControlBlock} block, size, capacity, milliseconds to
 * warm up, milliseconds of a slice, number of slices, file for the round trips, number of this producer, number of
 * producers. Pong prints a line "ready", ping what it measured, as JSON. The programs in C do the same.
 */
final class RingProcess {

    private static final int MAX_SAMPLES = 4_000_000;
    private static final int LIMIT = 256;

    /** How many times a consumer polls, or how many messages a producer sends, before it looks at anything else. */
    private static final int POLLS = 16;

    private static final int SENDS = 256;
    private static final long WAITING_MILLIS = 1;

    /** How long to measure how far apart the cores are, at the beginning; and at the end, when the code is compiled. */
    private static final long MOST_MEET_MILLIS = 120;

    private static final long PART_MILLIS = 10;

    private static final long ENDING_MILLIS = 300;

    /** Where only so many bytes can be sent, a third of them is for warming up. */
    private static final int WARM_SHARE = 3;

    /** The other side sleeps by then, and its first sleep has not ended. */
    private static final long PAUSE_NANOS = 200_000;

    /** To do it often enough for the compiler. */
    private static final long WARM_PAUSE_NANOS = 20_000;

    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

    private final boolean ping;
    private final Ring ring;
    private final String location;
    private final ControlBlock control;
    private final int size;
    private final long capacity;
    private final long warmMillis;
    private final long meetMillis;
    private final long sliceMillis;
    private final int slices;
    private final Path file;
    private final int producer;
    private final int producers;

    private RingProcess(String[] arguments) throws IOException {
        ping = arguments[0].equals("ping");
        ring = Ring.valueOf(arguments[2]);
        location = arguments[3];
        control = new ControlBlock(Integer.parseInt(arguments[4]));
        size = Integer.parseInt(arguments[5]);
        capacity = Long.parseLong(arguments[6]);
        warmMillis = Long.parseLong(arguments[7]);
        meetMillis = Math.min(warmMillis, MOST_MEET_MILLIS);
        sliceMillis = Long.parseLong(arguments[8]);
        slices = Integer.parseInt(arguments[9]);
        file = Path.of(arguments[10]);
        producer = Integer.parseInt(arguments[11]);
        producers = Integer.parseInt(arguments[12]);
    }

    /**
     * What ping prints.
     *
     * @param nanosBefore the way of a cache line to the other core and back, before
     * @param nanosAfter and afterwards
     * @param messagesPerSecond one value for each slice
     * @param compiledMillis how long the compiler worked meanwhile, in ping and in each pong
     * @param slept how often ping gave up its core in {@code wake-ups}, which it does once for each
     */
    record Measured(
            double nanosBefore,
            double nanosAfter,
            List<Double> messagesPerSecond,
            List<Long> compiledMillis,
            long slept) {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        RingProcess end = new RingProcess(arguments);
        switch (arguments[1]) {
            case "stream", "copy" -> {
                if (end.ping) {
                    print(end.consume(arguments[1].equals("copy")));
                } else {
                    end.produce();
                }
            }
            case "round-trips" -> {
                if (end.ping) {
                    print(end.ask());
                } else {
                    end.answer();
                }
            }
            case "wake-ups" -> {
                if (end.ping) {
                    print(end.wake());
                } else {
                    end.answerAwake();
                }
            }
            default -> throw new IllegalArgumentException("there is no mode " + arguments[1]);
        }
    }

    private static void print(Measured measured) {
        System.out.println(new Gson().toJson(measured));
    }

    private Measured consume(boolean copying) throws IOException, InterruptedException {
        MessageCheck check = copying ? new CopyingCheck(size, producers) : new MessageCheck(size, producers);
        try (MessageReceiver receiver = ring.receiver(address(RingAddress.BACK), check)) {
            double nanosBefore = control.ping(meetMillis);
            control.set(ControlBlock.WARM_UP);
            long end = System.nanoTime() + warmMillis * 1_000_000;
            do {
                slice(receiver, check);
            } while ((System.nanoTime() < end || !check.hasHeardAll())
                    && check.count() * size < ring.mostBytes() / WARM_SHARE);
            long compiled = compiledMillis();
            control.set(ControlBlock.MEASURE);
            List<Double> rates = new ArrayList<>();
            while (rates.size() < slices && (check.ended() == 0 || rates.isEmpty())) {
                rates.add(slice(receiver, check));
            }
            compiled = compiledMillis() - compiled;
            control.set(ControlBlock.STOP);
            while (check.ended() < producers) {
                poll(receiver, LIMIT);
            }
            awaitOthersEnd();
            double nanosAfter = control.ping(Math.min(warmMillis, PART_MILLIS));
            List<Long> compiledMillis = new ArrayList<>(List.of(compiled));
            for (int i = 0; i < producers; i++) {
                compiledMillis.add(control.compiledMillis(i));
            }
            return new Measured(nanosBefore, nanosAfter, rates, compiledMillis, 0);
        }
    }

    /** Returns messages per second. */
    private double slice(MessageReceiver receiver, MessageCheck check) {
        long before = check.count();
        long start = System.nanoTime();
        long end = start + sliceMillis * 1_000_000;
        long now;
        do {
            pollSome(receiver);
            now = System.nanoTime();
        } while (now < end);
        return (check.count() - before) * 1e9 / (now - start);
    }

    // A method, as those that send some and go there and back once: what is called often is compiled as it is in a program
    // that runs for long, and a loop that is never left is not.
    private static void pollSome(MessageReceiver receiver) {
        for (int i = 0; i < POLLS; i++) {
            poll(receiver, LIMIT);
        }
    }

    private static void poll(MessageReceiver receiver, int limit) {
        if (receiver.poll(limit) == 0) {
            Thread.onSpinWait();
        }
    }

    private void produce() throws IOException, InterruptedException {
        if (ring.needsPing()) {
            System.out.println("ready");
        }
        TestMessage source = new TestMessage(size);
        try (MessageSender sender = ring.sender(address(RingAddress.BACK), source)) {
            if (!ring.needsPing()) {
                System.out.println("ready");
            }
            if (producer == 0) {
                control.pong();
            }
            while (control.state() == ControlBlock.WAIT) {
                Thread.sleep(WAITING_MILLIS);
            }
            long first = (long) producer << TestMessage.PRODUCER_SHIFT;
            long number = send(sender, source, first, ControlBlock.WARM_UP);
            long compiled = compiledMillis();
            number = send(sender, source, number, ControlBlock.MEASURE);
            control.setCompiledMillis(producer, compiledMillis() - compiled);
            send(sender, source, number | TestMessage.LAST);
            sender.flush();
            if (producer == 0) {
                awaitOthersEnd();
                control.pong();
            }
        }
    }

    /** Lets all producers but the first one end: that takes a JVM some time, on the core that they share. */
    private void awaitOthersEnd() throws InterruptedException {
        if (producers > 1) {
            Thread.sleep(ENDING_MILLIS);
        }
    }

    /** Sends messages as long as there is a state, and returns the number of the last one. */
    private long send(MessageSender sender, TestMessage source, long last, long state) {
        long number = last;
        while (control.state() == state && (number & ~(-1L << TestMessage.PRODUCER_SHIFT)) * size < ring.mostBytes()) {
            sendSome(sender, source, number);
            number += SENDS;
        }
        return number;
    }

    private void sendSome(MessageSender sender, TestMessage source, long last) {
        for (int i = 1; i <= SENDS; i++) {
            send(sender, source, last + i);
        }
    }

    private void send(MessageSender sender, TestMessage source, long number) {
        source.number(number);
        while (!sender.send()) {
            if (producers == 1) {
                Thread.onSpinWait();
            } else {
                // On the same core, whoever holds up the consumer runs only if this one lets it.
                Thread.yield();
            }
        }
    }

    private Measured ask() throws IOException {
        int[] samples = new int[MAX_SAMPLES];
        Arrays.fill(samples, 1);
        TestMessage source = new TestMessage(size);
        MessageCheck check = new MessageCheck(size, 1);
        try (MessageSender sender = ring.sender(address(RingAddress.THERE), source);
                MessageReceiver receiver = ring.receiver(address(RingAddress.BACK), check)) {
            double nanosBefore = control.ping(meetMillis);
            roundTrips(sender, receiver, source, check, warmMillis, samples);
            long compiled = compiledMillis();
            control.set(ControlBlock.MEASURE);
            int count = roundTrips(sender, receiver, source, check, sliceMillis * slices, samples);
            compiled = compiledMillis() - compiled;
            send(sender, source, check.last() | TestMessage.LAST);
            while (check.ended() == 0) {
                poll(receiver, 1);
            }
            double nanosAfter = control.ping(Math.min(warmMillis, PART_MILLIS));
            LatencySamples.write(file, samples, count);
            return new Measured(
                    nanosBefore, nanosAfter, List.of(), List.of(compiled, control.compiledMillis(0)), 0);
        }
    }

    private int roundTrips(MessageSender sender, MessageReceiver receiver, TestMessage source, MessageCheck check,
            long millis, int[] samples) {
        long end = System.nanoTime() + millis * 1_000_000;
        int count = 0;
        long after;
        do {
            long before = System.nanoTime();
            roundTrip(sender, receiver, source, check);
            after = System.nanoTime();
            samples[count++] = (int) Math.min(after - before, 0xffff_ffffL);
        } while (after < end && count < samples.length);
        return count;
    }

    private void roundTrip(MessageSender sender, MessageReceiver receiver, TestMessage source, MessageCheck check) {
        long number = check.last() + 1;
        send(sender, source, number);
        sender.flush();
        await(receiver, check, number - 1);
    }

    /** Waits for a message with another number than the last one. */
    private static void await(MessageReceiver receiver, MessageCheck check, long last) {
        while (check.last() == last) {
            poll(receiver, 1);
        }
    }

    private void answer() throws IOException {
        if (ring.needsPing()) {
            System.out.println("ready");
        }
        TestMessage source = new TestMessage(size);
        MessageCheck check = new MessageCheck(size, 1);
        try (MessageSender sender = ring.sender(address(RingAddress.BACK), source);
                MessageReceiver receiver = ring.receiver(address(RingAddress.THERE), check)) {
            if (!ring.needsPing()) {
                System.out.println("ready");
            }
            control.pong();
            long compiled = 0;
            boolean measuring = false;
            while (check.ended() == 0) {
                await(receiver, check, check.last());
                if (!measuring && control.state() == ControlBlock.MEASURE) {
                    measuring = true;
                    compiled = compiledMillis();
                }
                if (check.ended() != 0) {
                    control.setCompiledMillis(0, compiledMillis() - compiled);
                }
                send(sender, source, check.last());
                sender.flush();
            }
            control.pong();
        }
    }

    private Measured wake() throws IOException, InterruptedException {
        int[] samples = new int[MAX_SAMPLES];
        Arrays.fill(samples, 1);
        TestMessage source = new TestMessage(size);
        MessageCheck check = new MessageCheck(size, 1);
        MessageSender there = ring.sender(address(RingAddress.THERE), source);
        MessageReceiver back = ring.receiver(address(RingAddress.BACK), check);
        double nanosBefore = control.ping(meetMillis);
        wakeUps(there, back, source, check, warmMillis, WARM_PAUSE_NANOS, samples);
        long compiled = compiledMillis();
        control.set(ControlBlock.MEASURE);
        long slept = timesSlept();
        int count = wakeUps(there, back, source, check, sliceMillis * slices, PAUSE_NANOS, samples);
        slept = timesSlept() - slept;
        compiled = compiledMillis() - compiled;
        source.number(check.last() | TestMessage.LAST);
        there.send();
        while (check.ended() == 0) {
            back.sleep();
            back.poll(1);
        }
        double nanosAfter = control.ping(Math.min(warmMillis, PART_MILLIS));
        LatencySamples.write(file, samples, count);
        return new Measured(
                nanosBefore, nanosAfter, List.of(), List.of(compiled, control.compiledMillis(0)), slept);
    }

    private static int wakeUps(
            MessageSender there,
            MessageReceiver back,
            TestMessage source,
            MessageCheck check,
            long millis,
            long pause,
            int[] samples)
            throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        int count = 0;
        long after = 0;
        do {
            long number = check.last() + 1;
            pauseUntil(System.nanoTime() + pause);
            long before = System.nanoTime();
            source.number(number);
            there.send();
            while (check.last() != number) {
                back.sleep();
                after = System.nanoTime();
                back.poll(1);
            }
            // The other side has paused too, since it was woken up.
            samples[count++] = (int) Math.clamp(after - before - pause, 0, 0xffff_ffffL);
        } while (after < end && count < samples.length);
        return count;
    }

    private void answerAwake() throws IOException, InterruptedException {
        TestMessage source = new TestMessage(size);
        MessageCheck check = new MessageCheck(size, 1);
        MessageReceiver there = ring.receiver(address(RingAddress.THERE), check);
        MessageSender back = ring.sender(address(RingAddress.BACK), source);
        System.out.println("ready");
        control.pong();
        long compiled = -1;
        while (check.ended() == 0) {
            long answered = check.last();
            long woken;
            do {
                there.sleep();
                woken = System.nanoTime();
                there.poll(1);
            } while (check.last() == answered);
            boolean measuring = control.state() == ControlBlock.MEASURE;
            if (measuring && compiled < 0) {
                compiled = compiledMillis();
            }
            if (check.ended() != 0) {
                control.setCompiledMillis(0, compiledMillis() - compiled);
            }
            pauseUntil(woken + (measuring ? PAUSE_NANOS : WARM_PAUSE_NANOS));
            source.number(check.last());
            back.send();
        }
        control.pong();
    }

    private static void pauseUntil(long time) {
        while (System.nanoTime() - time < 0) {
            Thread.onSpinWait();
        }
    }

    /** How often this thread has given up its core. */
    private static long timesSlept() throws IOException {
        String field = "voluntary_ctxt_switches:";
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.substring(field.length()).strip()))
                .sum();
    }

    private RingAddress address(int index) {
        return new RingAddress(location, index, capacity, size, ping);
    }

    private static long compiledMillis() {
        return COMPILER.getTotalCompilationTime();
    }
}
