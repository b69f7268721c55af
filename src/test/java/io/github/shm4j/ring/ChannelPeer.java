package io.github.shm4j.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/** What the processes do that the tests of channels and pairs start: each is told the id of a block. */
final class ChannelPeer {

    static final int TYPE = 7;

    /** Of the stream that is written to its end. */
    static final int LENGTH = 3_000_000;

    private ChannelPeer() {}

    public static void main(String[] arguments) throws Exception {
        SharedMemory block = SharedMemory.ofId(Integer.parseInt(arguments[1]));
        switch (arguments[0]) {
            case "write" -> write(RingBuffer.open(block, AttachMode.READ_WRITE, Arena.global()).producer());
            case "serve" -> serve(RingPair.open(block, AttachMode.READ_WRITE, Arena.global()).server());
            case "call" -> {
                RingClient client = RingPair.open(block, AttachMode.READ_WRITE, Arena.global()).client();
                call(client, 4711, Duration.ofDays(1));
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** Writes a stream, and then one that has no end. */
    private static void write(RingProducer producer) throws IOException {
        SplittableRandom random = new SplittableRandom(TYPE);
        byte[] bytes = new byte[LENGTH];
        random.nextBytes(bytes);
        try (OutputStream out =
                new GZIPOutputStream(Channels.newOutputStream(RingSinkChannel.open(producer, TYPE)), 5000)) {
            out.write(bytes);
        }
        RingSinkChannel out = RingSinkChannel.open(producer, TYPE);
        ByteBuffer longs = ByteBuffer.allocateDirect(8 * 100);
        for (long i = 0;; i += 100) {
            for (int j = 0; j < 100; j++) {
                longs.putLong(8 * j, i + j);
            }
            out.write(longs.clear());
        }
    }

    /** Replies one more than a number, unless it is negative. */
    private static void serve(RingServer server) throws InterruptedException {
        System.out.println("ready");
        while (true) {
            server.serve(ChannelPeer::handle, Duration.ofDays(1));
        }
    }

    static void handle(int type, MemorySegment memory, long offset, int length, RingServer.Reply reply) {
        long number = memory.get(ValueLayout.JAVA_LONG, offset);
        if (number < 0) {
            System.out.println("handling " + number);
            try {
                System.in.read();
            } catch (IOException ended) {
                throw new AssertionError(ended);
            }
        }
        reply.send(type, MemorySegment.ofArray(new long[] {number + 1}));
    }

    static long call(RingClient client, long number, Duration timeout) throws InterruptedException {
        MemorySegment target = MemorySegment.ofArray(new long[1]);
        client.call(TYPE, MemorySegment.ofArray(new long[] {number}), target, timeout);
        return target.get(ValueLayout.JAVA_LONG, 0);
    }
}
