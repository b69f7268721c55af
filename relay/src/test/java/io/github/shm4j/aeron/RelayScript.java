package io.github.shm4j.aeron;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * A side of a relay that does what it is told: {@code send}, {@code receive}, {@code close}. The first command begins it.
 *
 * <p>There is a copy of this class for each loader of instrumented classes. So it speaks with the rest of a test through
 * interfaces of Java alone.
 */
public final class RelayScript implements Consumer<String> {

    private final MemorySegment source;
    private final MemorySegment destination;
    private final MemorySegment journal;
    private final ToIntFunction<Predicate<Object[]>> in;
    private final BiPredicate<MemorySegment, Long> out;
    private final LongSupplier clock;
    private RelaySender sender;
    private RelayReceiver receiver;

    /**
     * Makes one.
     *
     * @param memories of the source ring, of the destination ring, and of the journal
     * @param in calls with each frame that comes in: its session, the frame, its length
     * @param out takes a frame of a length
     */
    public RelayScript(
            List<MemorySegment> memories, ToIntFunction<Predicate<Object[]>> in, BiPredicate<MemorySegment, Long> out,
            LongSupplier clock) {
        this.source = memories.get(0);
        this.destination = memories.get(1);
        this.journal = memories.get(2);
        this.in = in;
        this.out = out;
        this.clock = clock;
    }

    @Override
    public void accept(String command) {
        switch (command) {
            case "send" -> {
                if (sender == null) {
                    RingBuffer ring = RingBuffer.open(source);
                    sender = new RelaySender(ring, Integer.MAX_VALUE, new RingIdentity(new UUID(1, 2), 5, 6, 0),
                            List.of(),
                            ring.consumer(), outlet(), inlet(), clock);
                }
                sender.poll();
            }
            case "receive" -> {
                if (receiver == null) {
                    Destination opened = new Destination(
                            SpscRingBuffer.open(destination), new RingIdentity(new UUID(3, 4), 7, 8, 0),
                            new Journal("the journal", journal), List.of(), Arena.ofShared());
                    receiver = new RelayReceiver(opened, false, null, inlet(), outlet(), clock);
                }
                receiver.poll();
            }
            case "close" -> {
                if (sender != null) {
                    sender.close();
                    sender = null;
                }
                if (receiver != null) {
                    receiver.close();
                    receiver = null;
                }
            }
            default -> throw new IllegalArgumentException(command);
        }
    }

    private Inlet inlet() {
        return new Inlet() {
            @Override
            public int poll(FrameHandler handler, int limit) {
                return in.applyAsInt(
                        frame -> handler.onFrame((Integer) frame[0], (MemorySegment) frame[1], (Long) frame[2]));
            }

            @Override
            public boolean isConnected(int session) {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    private Outlet outlet() {
        return new Outlet() {
            @Override
            public boolean offer(MemorySegment frame, long length) {
                return out.test(frame, length);
            }

            @Override
            public int longestFrame() {
                return 1 << 20;
            }

            @Override
            public int longestWholeFrame() {
                return 200;
            }

            @Override
            public void close() {}
        };
    }
}
