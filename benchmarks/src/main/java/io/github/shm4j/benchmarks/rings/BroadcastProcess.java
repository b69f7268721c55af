package io.github.shm4j.benchmarks.rings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.gson.Gson;
import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The producer of a broadcast, {@code ping}, or one of its readers, {@code pong}.
 *
 * <p>No broadcast makes its producer wait. One that did not would measure how fast it overwrites what nobody reads, so this one
 * looks now and then how far the readers are, and stays at most half of the capacity ahead of the slowest. So each reader gets
 * each message, and checks that it does. Each competitor pays for that in the same way: a reader stores how far it is behind each
 * poll, in a line of its own.
 *
 * <p>The arguments: role, competitor, where the broadcast is, capacity, size of a message, id of the {@link ControlBlock} block, id
 * of the block in which readers say how far they are, milliseconds to warm up, milliseconds of a slice, number of slices, number
 * of readers, and which of them this is.
 */
final class BroadcastProcess {

    /** The block in which readers say how far they are: a number for each, in a line of its own. */
    static final int PROGRESS_SIZE = 4096;

    private static final long APART = 128;

    /** How many messages the producer sends, if they fit, before it looks how far the readers are. */
    private static final int BATCH = 32;

    private static final int LIMIT = 64;

    private static final long MOST_MEET_MILLIS = 120;
    private static final long PART_MILLIS = 10;

    private static final VarHandle WORD = JAVA_LONG.varHandle();

    private final RingAddress address;
    private final Broadcast broadcast;
    private final ControlBlock control;
    private final MemorySegment progress;
    private final long warmMillis;
    private final long sliceMillis;
    private final int slices;
    private final int readers;
    private final int reader;

    private BroadcastProcess(String[] arguments) throws IOException {
        broadcast = Broadcast.valueOf(arguments[1]);
        address = new RingAddress(
                arguments[2],
                RingAddress.THERE,
                Long.parseLong(arguments[3]),
                Integer.parseInt(arguments[4]),
                arguments[0].equals("ping"));
        control = new ControlBlock(Integer.parseInt(arguments[5]));
        progress = SharedMemory.ofId(Integer.parseInt(arguments[6])).attach(AttachMode.READ_WRITE, Arena.global());
        warmMillis = Long.parseLong(arguments[7]);
        sliceMillis = Long.parseLong(arguments[8]);
        slices = Integer.parseInt(arguments[9]);
        readers = Integer.parseInt(arguments[10]);
        reader = Integer.parseInt(arguments[11]);
    }

    /**
     * What ping prints.
     *
     * @param nanosBefore the way of a cache line to the other core and back, before
     * @param nanosAfter and afterwards
     * @param messagesPerSecond what the slowest reader got, one value for each slice
     */
    record Measured(double nanosBefore, double nanosAfter, List<Double> messagesPerSecond) {}

    public static void main(String[] arguments) throws IOException {
        BroadcastProcess process = new BroadcastProcess(arguments);
        if (process.address.ping()) {
            System.out.println(new Gson().toJson(process.measure()));
        } else {
            process.read();
        }
    }

    private Measured measure() throws IOException {
        TestMessage message = new TestMessage(address.size());
        MessageSender sender = broadcast.sender(address, message);
        double nanosBefore = control.ping(Math.min(warmMillis, MOST_MEET_MILLIS));
        Sending sending = new Sending(sender, message);
        long end = System.nanoTime() + warmMillis * 1_000_000;
        do {
            sending.forASlice();
        } while (System.nanoTime() < end || slowest() == 0);
        List<Double> messagesPerSecond = new ArrayList<>();
        for (int slice = 0; slice < slices; slice++) {
            long before = slowest();
            long nanos = sending.forASlice();
            messagesPerSecond.add((slowest() - before) * 1e9 / nanos);
        }
        message.number(TestMessage.LAST | sending.sent);
        sender.send();
        double nanosAfter = control.ping(Math.min(warmMillis, PART_MILLIS));
        return new Measured(nanosBefore, nanosAfter, messagesPerSecond);
    }

    /** How many messages the slowest reader has got. */
    private long slowest() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < readers; i++) {
            least = Math.min(least, (long) WORD.getAcquire(progress, i * APART));
        }
        return least;
    }

    /** Sends as fast as the readers read. */
    private final class Sending {

        private final MessageSender sender;
        private final TestMessage message;

        /** How many messages there may be between the producer and the slowest reader. */
        private final long ahead;

        private final int batch;

        private long sent;

        Sending(MessageSender sender, TestMessage message) {
            this.sender = sender;
            this.message = message;
            // Headers take at most as much as the shortest message here.
            this.ahead = address.capacity() / 2 / (address.size() + 64);
            this.batch = Math.clamp(ahead, 1, BATCH);
        }

        /** Returns how many nanoseconds the slice was long. */
        long forASlice() {
            long start = System.nanoTime();
            long end = start + sliceMillis * 1_000_000;
            long now;
            do {
                sendSome();
                now = System.nanoTime();
            } while (now < end);
            return now - start;
        }

        // A method: what is called often is compiled as it is in a program that runs for long.
        private void sendSome() {
            if (sent + batch - slowest() > ahead) {
                Thread.onSpinWait();
                return;
            }
            for (int i = 0; i < batch; i++) {
                message.number(++sent);
                if (!sender.send()) {
                    throw new AssertionError("a broadcast has always room");
                }
            }
        }
    }

    private void read() throws IOException {
        MessageCheck check = new MessageCheck(address.size(), 1);
        MessageReceiver receiver = broadcast.receiver(address, check);
        System.out.println("ready");
        if (reader == 0) {
            control.pong();
        }
        while (check.ended() == 0) {
            readSome(receiver, check);
        }
        if (reader == 0) {
            control.pong();
        }
    }

    private void readSome(MessageReceiver receiver, MessageCheck check) {
        for (int i = 0; i < LIMIT; i++) {
            if (receiver.poll(LIMIT) > 0) {
                WORD.setRelease(progress, reader * APART, check.count());
            } else if (readers > 1) {
                // They share a core.
                Thread.yield();
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
