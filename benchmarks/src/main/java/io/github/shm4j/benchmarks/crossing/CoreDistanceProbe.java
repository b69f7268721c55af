package io.github.shm4j.benchmarks.crossing;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.Cleanup;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;

/**
 * How far apart the two cores are: the time that one cache line needs to go from one to the other and back.
 *
 * <p>On a virtual machine this changes from one moment to the next, whenever the host moves a processor, and everything that
 * crosses changes with it. Two processes run this class, one for each core: {@code ping ID BATCHES} and {@code pong ID BATCHES}.
 * Ping prints nanoseconds.
 */
public final class CoreDistanceProbe {

    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final int BATCH = 1000;
    private static final int BATCHES = 300;

    /** Where nothing is measured. */
    private static final int FEW_BATCHES = 3;

    private static final int PAGE = 4096;

    private CoreDistanceProbe() {}

    /** {@return the nanoseconds that a cache line needs from one core to the other and back, at this moment} */
    public static double measure(Plan plan, Cores cores) throws IOException, InterruptedException {
        SharedMemory block = SharedMemory.createPrivate(PAGE);
        Runnable remove = Cleanup.register(block);
        try {
            return Double.parseDouble(Conversation.run(
                    plan, "", "placement", cores, command("ping", block, plan), List.of(command("pong", block, plan))));
        } finally {
            Cleanup.done(remove);
            block.remove();
        }
    }

    private static List<String> command(String role, SharedMemory block, Plan plan) {
        int batches = plan.staysInThisJvm() ? FEW_BATCHES : BATCHES;
        return Program.measured(CoreDistanceProbe.class, List.of(), role, block.id(), batches);
    }

    public static void main(String[] arguments) throws Exception {
        boolean ping = arguments[0].equals("ping");
        MemorySegment block = SharedMemory.ofId(Integer.parseInt(arguments[1]))
                .attach(AttachMode.READ_WRITE, Arena.ofConfined());
        if (!ping) {
            System.out.println("ready");
        }
        int batches = Integer.parseInt(arguments[2]);
        double[] nanos = new double[batches];
        long turn = 0;
        for (int batch = 0; batch < batches; batch++) {
            long start = System.nanoTime();
            turn = ping ? ping(block, turn) : pong(block, turn);
            nanos[batch] = (System.nanoTime() - start) / (double) BATCH;
        }
        if (ping) {
            // The first third warmed up.
            double[] measured = Arrays.copyOfRange(nanos, batches / 3, batches);
            Arrays.sort(measured);
            System.out.println(measured[measured.length / 2]);
        }
    }

    private static long ping(MemorySegment block, long turn) {
        for (int i = 0; i < BATCH; i++) {
            WORD.setRelease(block, 0L, ++turn);
            await(block, ++turn);
        }
        return turn;
    }

    private static long pong(MemorySegment block, long turn) {
        for (int i = 0; i < BATCH; i++) {
            await(block, ++turn);
            WORD.setRelease(block, 0L, ++turn);
        }
        return turn;
    }

    private static void await(MemorySegment block, long turn) {
        while ((long) WORD.getAcquire(block, 0L) != turn) {
            Thread.onSpinWait();
        }
    }
}
