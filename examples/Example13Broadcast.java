import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.broadcast.BroadcastHandler;
import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastReader;
import io.github.shm4j.broadcast.BroadcastRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Sends each price to any number of readers that may only read, and tells a slow one how many it has lost. */
class Example13Broadcast {

    /** Adds up what it gets, and notes what it has lost. */
    private static final class Sum implements BroadcastHandler {

        private double sum;
        private long lost;

        @Override
        public void onMessage(int type, MemorySegment memory, long offset, int length) {
            sum += memory.get(ValueLayout.JAVA_DOUBLE, offset); // The reader's own copy, which nobody else can change.
        }

        @Override
        public void onLoss(long messages, long bytes) {
            lost += messages;
        }
    }

    public static void main(String[] arguments) throws ShmException {
        ShmKey key = ShmKey.ftok(Path.of("."), 'b'); // Any file or folder that both processes can name.
        Sum fast = new Sum();
        Sum slow = new Sum();
        long lost;
        try (Arena arena = Arena.ofConfined()) {
            // @start region="broadcast"
            BroadcastRing prices = BroadcastRing.create(key, 1024, arena);
            try {
                BroadcastRing readable = BroadcastRing.openReadOnly(key, arena); // In any process that may read the block.
                BroadcastReader in = readable.readerFromNow();
                BroadcastReader late = readable.readerFromOldest(); // Everything that is left, too.
                try (BroadcastProducer out = prices.producer()) {
                    MemorySegment price = arena.allocate(ValueLayout.JAVA_DOUBLE);
                    for (int next = 1; next <= 1000; next++) {
                        price.set(ValueLayout.JAVA_DOUBLE, 0, next);
                        out.write(1, price); // Never waits.
                        in.read(fast, 64); // Calls fast.onMessage for each message, at most 64.
                    }
                }
                late.read(slow, 1000); // Calls slow.onLoss first: the producer has overtaken it.
                lost = late.lostMessages();
            } finally {
                prices.remove(); // By whoever has created it, when nobody needs it any more.
            }
            // @end region="broadcast"
        }
        if (slow.lost != lost) {
            throw new AssertionError("told of " + slow.lost + " and counted " + lost);
        }
        double gone = slow.lost * (slow.lost + 1) / 2.0;
        if (fast.sum != 500_500 || fast.lost != 0 || slow.lost < 900 || slow.sum != 500_500 - gone) {
            throw new AssertionError(fast.sum + ", " + fast.lost + ", " + slow.sum + ", " + slow.lost);
        }
        System.out.println(
                "checked: the fast one has lost " + fast.lost + " of 1000 messages, the slow one " + slow.lost);
    }
}
