package io.github.shm4j.benchmarks.crossing;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One of the two processes. {@code ping} measures: first round trips, each of them by the clock; then messages in one
 * direction, all of them together. {@code pong} answers. Each message carries its number, and both sides check it.
 *
 * <p>The arguments: role, transport, address, size, milliseconds to warm up, milliseconds to measure, and the file for the
 * samples, where each round trip is an unsigned 32-bit number of nanoseconds. Standard output gets a line "ready" from
 * pong, and from ping the messages per second in one direction. The programs in C and PHP do the same.
 */
final class CrossingProcess {

    private static final VarHandle NUMBER =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** The number of a message that ends a phase. */
    private static final long LAST = -1;

    private static final int MAX_SAMPLES = 4_000_000;

    /** In one direction the clock is read once for so many messages. */
    private static final int CLOCK_EVERY = 64;

    private final Link link;
    private final byte[] message;
    private final byte[] reply;
    private long number;

    private CrossingProcess(Link link, int size) {
        this.link = link;
        this.message = new byte[size];
        this.reply = new byte[size];
        Arrays.fill(message, (byte) 7);
    }

    public static void main(String[] arguments) throws IOException {
        boolean ping = arguments[0].equals("ping");
        int size = Integer.parseInt(arguments[3]);
        int warm = Integer.parseInt(arguments[4]);
        int measure = Integer.parseInt(arguments[5]);
        Link link = Transport.valueOf(arguments[1])
                .connect(ping, arguments[2], ping ? () -> {} : () -> System.out.println("ready"));
        try (link) {
            CrossingProcess side = new CrossingProcess(link, size);
            if (ping) {
                side.ping(warm, measure, Path.of(arguments[6]));
            } else {
                side.pong();
            }
        }
    }

    private void ping(int warm, int measure, Path file) throws IOException {
        int[] samples = new int[MAX_SAMPLES];
        Arrays.fill(samples, 1);
        roundTrips(warm, samples);
        int count = roundTrips(measure, samples);
        last();
        stream(warm / 2);
        double rate = stream(measure);
        LatencySamples.write(file, samples, count);
        System.out.println(rate);
    }

    private int roundTrips(int millis, int[] samples) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000L;
        int count = 0;
        long after;
        do {
            NUMBER.set(message, 0, ++number);
            long before = System.nanoTime();
            link.send(message);
            link.receive(reply);
            after = System.nanoTime();
            expect(reply, number);
            samples[count++] = (int) Math.min(after - before, 0xffff_ffffL);
        } while (after < end && count < samples.length);
        return count;
    }

    /** Returns messages per second. */
    private double stream(int millis) throws IOException {
        long start = System.nanoTime();
        long end = start + millis * 1_000_000L;
        long count = 0;
        do {
            for (int i = 0; i < CLOCK_EVERY; i++) {
                NUMBER.set(message, 0, ++count);
                link.send(message);
                link.awaitConfirmation();
            }
        } while (System.nanoTime() < end);
        last();
        return (count + 1) * 1e9 / (System.nanoTime() - start);
    }

    private void last() throws IOException {
        NUMBER.set(message, 0, LAST);
        link.send(message);
        link.receive(reply);
        expect(reply, LAST);
    }

    private void pong() throws IOException {
        echo();
        for (int streams = 0; streams < 2; streams++) {
            drain();
        }
    }

    private void echo() throws IOException {
        for (long next = 1;; next++) {
            link.receive(message);
            if ((long) NUMBER.get(message, 0) == LAST) {
                link.send(message);
                return;
            }
            expect(message, next);
            link.send(message);
        }
    }

    private void drain() throws IOException {
        for (long next = 1;; next++) {
            link.receive(message);
            if ((long) NUMBER.get(message, 0) == LAST) {
                link.send(message);
                return;
            }
            expect(message, next);
            link.confirm();
        }
    }

    private static void expect(byte[] message, long number) {
        long received = (long) NUMBER.get(message, 0);
        if (received != number) {
            throw new AssertionError("expected message " + number + ", received " + received);
        }
    }
}
