package io.github.shm4j.benchmarks.crossing;

/** How many measurements may be made more than once: a share of all, so that the run does not become much longer. */
public final class RepeatBudget {

    /** For so many measurements, one may be made again because the cores were not near each other. */
    private static final int EACH_AGAIN = 4;

    /** For so many measurements, one may be made again because the cores are far from each other. */
    private static final int EACH_FAR = 12;

    private int measured;
    private int again;
    private int far;

    /** Counts a measurement that is made for the first time. */
    public void countFirst() {
        measured++;
    }

    /** {@return whether one may be made again because the cores were not near each other} */
    public boolean again() {
        return again * EACH_AGAIN <= measured;
    }

    /** Counts one that is. */
    public void countAgain() {
        again++;
    }

    /** {@return whether one may be made again because the cores are far from each other} */
    public boolean far() {
        return far * EACH_FAR < measured;
    }

    /** Counts one that is. */
    public void countFar() {
        far++;
    }
}
