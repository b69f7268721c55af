import io.github.shm4j.ShmKey;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.RingStatistics;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A parent starts four child processes, which report their results through one ring. One of them is killed midway, while it
 * is about to report: the parent still gets the results of all others, and learns who is missing.
 */
class Example06FanIn {

    private static final int CHILDREN = 4;
    private static final int RESULTS = 5;

    /** The child that hangs, and after how many results. */
    private static final int VICTIM = 2;

    private static final int RESULTS_OF_VICTIM = 2;

    private static final int RESULT = 1;
    private static final long CHILD_OFFSET = 0;
    private static final long VALUE_OFFSET = 8;
    private static final int RESULT_LENGTH = 16;

    public static void main(String[] arguments) throws Exception {
        ShmKey key = ShmKey.ftok(Path.of("."), 'r'); // Any file or folder that parent and children can name.
        if (arguments.length == 0) {
            parent(key);
        } else {
            child(key, Integer.parseInt(arguments[0]));
        }
    }

    // @start region="child"
    static void child(ShmKey key, int number) throws Exception {
        try (Arena arena = Arena.ofConfined();
                RingProducer out = MpscRingBuffer.open(key, arena).producer();
                Claim claim = new Claim()) {
            for (int i = 0; i < RESULTS; i++) {
                while (!out.tryClaim(RESULT, RESULT_LENGTH, claim)) {
                    out.awaitRoom(RESULT_LENGTH, WaitStrategy.BLOCKING, Duration.ofSeconds(1));
                }
                MemorySegment message = claim.segment(); // In the ring itself.
                message.set(ValueLayout.JAVA_LONG, CHILD_OFFSET, number);
                message.set(ValueLayout.JAVA_LONG, VALUE_OFFSET, compute(number, i));
                claim.commit();
            }
        }
    }
    // @end region="child"

    /** The victim hangs here, with a claim in the ring that it will never commit. */
    private static long compute(int number, int i) throws IOException {
        if (number == VICTIM && i == RESULTS_OF_VICTIM) {
            System.out.println("hanging");
            System.in.read(); // Nothing comes. The input ends with the parent, so that no child outlives it.
        }
        return 100L * number + i;
    }

    static void parent(ShmKey key) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MpscRingBuffer ring = MpscRingBuffer.create(key, 4096, arena);
            List<Process> children = new ArrayList<>();
            try (RingConsumer in = ring.consumer()) {
                for (int number = 0; number < CHILDREN; number++) {
                    children.add(startChild(number));
                }
                collect(ring, in, children);
            } finally {
                children.forEach(Process::destroyForcibly);
                ring.remove();
            }
        }
    }

    static void collect(MpscRingBuffer ring, RingConsumer in, List<Process> children) throws Exception {
        int[] results = new int[CHILDREN];
        long[] sums = new long[CHILDREN];
        boolean running = true;
        while (running || ring.backlog() > 0) {
            running = children.stream().anyMatch(Process::isAlive);
            in.awaitMessage(WaitStrategy.BLOCKING, Duration.ofMillis(100));
            in.read((type, memory, offset, length) -> {
                int child = (int) memory.get(ValueLayout.JAVA_LONG, offset + CHILD_OFFSET);
                results[child]++;
                sums[child] += memory.get(ValueLayout.JAVA_LONG, offset + VALUE_OFFSET);
            }, 100);
            if (results[VICTIM] == RESULTS_OF_VICTIM) {
                kill(children.get(VICTIM));
            }
        }
        for (RingStatistics.RoleOwner producer : ring.statistics().producers()) {
            if (producer.liveness() == RingStatistics.Liveness.TERMINATED) {
                System.out.println("process " + producer.pid() + " died as a producer");
            }
        }
        System.out.println(ring.statistics().recordsSkipped() + " claim was never committed");
        check(children.get(VICTIM).pid(), ring.statistics());
        check(results, sums);
    }

    /** Ends the victim with SIGKILL, as soon as it hangs. */
    private static void kill(Process victim) throws Exception {
        if (victim.isAlive()) {
            victim.inputReader().readLine();
            victim.destroyForcibly().waitFor();
        }
    }

    private static void check(long victim, RingStatistics statistics) {
        if (statistics.recordsSkipped() != 1
                || !statistics.producers().equals(
                        List.of(new RingStatistics.RoleOwner(victim, RingStatistics.Liveness.TERMINATED)))) {
            throw new AssertionError("process " + victim + " should be missing: " + statistics);
        }
    }

    private static void check(int[] results, long[] sums) {
        for (int number = 0; number < CHILDREN; number++) {
            System.out.println("child " + number + ": " + results[number] + " results, sum " + sums[number]);
        }
        if (!Arrays.equals(results, new int[] {RESULTS, RESULTS, RESULTS_OF_VICTIM, RESULTS})
                || !Arrays.equals(sums, new long[] {10, 510, 401, 1510})) {
            throw new AssertionError("the results are " + Arrays.toString(results) + ", " + Arrays.toString(sums));
        }
        System.out.println("checked: every committed result has arrived, once");
    }

    /** Starts this program once more, with the number of the child as its argument. */
    private static Process startChild(int number) throws Exception {
        ProcessHandle.Info self = ProcessHandle.current().info();
        List<String> command = new ArrayList<>();
        command.add(self.command().orElseThrow());
        command.addAll(List.of(self.arguments().orElseThrow()));
        command.add(Integer.toString(number));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
