import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.RequestHandler;
import io.github.shm4j.ring.RingClient;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingServer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;

/** Asks a server in shared memory for the squares of numbers, and waits for each reply. */
class Example14RequestReply {

    static final int SQUARE = 1;
    static final Duration SECOND = Duration.ofSeconds(1);

    public static void main(String[] arguments) throws ShmException, InterruptedException {
        ShmKey key = ShmKey.ftok(Path.of("."), 'q'); // Any file or folder that both processes can name.
        try (Arena arena = Arena.ofShared()) {
            RingPair pair = RingPair.create(key, 4096, arena);
            try {
                RingServer server = pair.server();
                Thread serving = Thread.ofPlatform().start(() -> serve(server));
                long sum = ask(key);
                serving.interrupt();
                serving.join();
                if (sum != 1 + 4 + 9) {
                    throw new AssertionError("the sum is " + sum);
                }
                System.out.println("checked: the sum of the squares is " + sum);
            } finally {
                pair.remove();
            }
        }
    }

    /** In one process. */
    private static void serve(RingServer server) {
        // @start region="server"
        RequestHandler squares = (type, memory, offset, length, reply) -> {
            long number = memory.get(ValueLayout.JAVA_LONG, offset);
            reply.send(SQUARE, MemorySegment.ofArray(new long[] {number * number}));
        };
        try (server) { // RingPair.create(key, 4096, arena).server()
            while (true) {
                server.serve(squares, SECOND); // False if no request has come in that time.
            }
        } catch (InterruptedException end) {
            // The client has all that it wants.
        }
        // @end region="server"
    }

    /** In another one. */
    private static long ask(ShmKey key) throws ShmException, InterruptedException {
        long sum = 0;
        try (Arena arena = Arena.ofConfined()) {
            // @start region="client"
            try (RingClient client = RingPair.open(key, arena).client()) {
                MemorySegment number = arena.allocate(ValueLayout.JAVA_LONG);
                MemorySegment square = arena.allocate(ValueLayout.JAVA_LONG);
                for (long i = 1; i <= 3; i++) {
                    number.set(ValueLayout.JAVA_LONG, 0, i);
                    client.call(SQUARE, number, square, Duration.ofMinutes(1)); // A RingTimeoutException if nobody replies.
                    sum += square.get(ValueLayout.JAVA_LONG, 0);
                }
            }
            // @end region="client"
        }
        return sum;
    }
}
