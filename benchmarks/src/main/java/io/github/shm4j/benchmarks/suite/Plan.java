package io.github.shm4j.benchmarks.suite;

import java.util.List;

/**
 * How long to measure.
 *
 * <p>Everything runs in rounds: one fork of each competitor, then the next round, so that whatever changes on the machine
 * changes for all of them. Within a round, competitors of one size follow each other.
 *
 * @param name what the user called it
 * @param rounds how many rounds
 * @param copySizes the sizes in bytes of the copies in one process
 * @param forks 1, or 0 to stay in this JVM, which proves that the benchmarks run and measures nothing
 * @param warmUps iterations before measuring
 * @param iterations measured iterations
 * @param millis the length of an iteration
 * @param crossingSizes the sizes in bytes of messages between processes
 * @param crossingWarmMillis how long a conversation warms up
 * @param crossingMillis how long each half of a conversation is measured
 * @param starts how often each program is started
 * @param ringWarmMillis how long the ends of a ring warm up
 * @param ringSliceMillis the length of a slice
 * @param ringSlices how many slices are measured
 * @param ringAttempts how often a measurement at a ring is made, if the cores are moved each time
 * @param ringProducers how many producers a ring for many is measured with
 * @param ringCapacities the capacities in bytes that are compared
 * @param ringCapacity the capacity of the rings in bytes, or 0 for what suits the messages
 */
public record Plan(
        String name,
        int rounds,
        List<Integer> copySizes,
        int forks,
        int warmUps,
        int iterations,
        int millis,
        List<Integer> crossingSizes,
        int crossingWarmMillis,
        int crossingMillis,
        int starts,
        int ringWarmMillis,
        int ringSliceMillis,
        int ringSlices,
        int ringAttempts,
        List<Integer> ringProducers,
        List<Long> ringCapacities,
        long ringCapacity) {

    /** About an hour. */
    static final Plan FULL = new Plan(
            "default",
            3,
            List.of(8, 64, 1 << 10, 64 << 10, 1 << 20, 64 << 20),
            1,
            4,
            10,
            100,
            List.of(64, 1 << 10, 64 << 10),
            700,
            600,
            20,
            1200,
            40,
            8,
            4,
            List.of(1, 2, 4),
            List.of(64L << 10, 1L << 20, 16L << 20),
            0);

    /** About 5 minutes. */
    static final Plan QUICK = new Plan(
            "quick",
            1,
            List.of(64, 1 << 10, 64 << 10, 1 << 20),
            1,
            4,
            6,
            50,
            List.of(64, 1 << 10, 64 << 10),
            400,
            200,
            5,
            500,
            40,
            5,
            4,
            List.of(1, 2, 4),
            List.of(),
            0);

    /** Each benchmark once, as briefly as it goes. */
    static final Plan SMOKE = new Plan(
            "smoke",
            1,
            List.of(64),
            0,
            0,
            1,
            2,
            List.of(64),
            2,
            5,
            1,
            2,
            2,
            3,
            1,
            List.of(1, 2),
            List.of(64L << 10),
            0);

    /** Larger messages than this need a larger ring, so that there is room for as many as the sides like to be apart. */
    private static final int SMALL_MESSAGE = 4 << 10;

    /** {@return the capacity in bytes of a ring for messages of a size} */
    public long ringCapacity(int size) {
        return ringCapacity != 0 ? ringCapacity : size <= SMALL_MESSAGE ? 1 << 20 : 16 << 20;
    }

    /** {@return the plan by whose times a single measurement between processes is made} */
    public static Plan between(boolean quick) {
        return quick ? QUICK : FULL;
    }

    /** {@return whether it only proves that everything runs, in this JVM where that can be} */
    public boolean staysInThisJvm() {
        return forks == 0;
    }

    /** {@return whether a single measurement between processes is as short as in a quick run} */
    public boolean isQuick() {
        return ringWarmMillis <= QUICK.ringWarmMillis;
    }

    /** {@return whether messages of a size are measured in a ring of a quarter of the capacity, too} */
    public boolean hasSmallerRing(int size) {
        return ringCapacity == 0 && size > SMALL_MESSAGE;
    }

    /** {@return the same plan, with another number of rounds, and rings of another capacity} */
    Plan with(int otherRounds, long capacity) {
        return new Plan(
                otherRounds == rounds ? name : name + ", " + otherRounds + " rounds",
                otherRounds,
                copySizes,
                forks,
                warmUps,
                iterations,
                millis,
                crossingSizes,
                crossingWarmMillis,
                crossingMillis,
                starts,
                ringWarmMillis,
                ringSliceMillis,
                ringSlices,
                ringAttempts,
                ringProducers,
                ringCapacities,
                capacity);
    }
}
