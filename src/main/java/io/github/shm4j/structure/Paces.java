package io.github.shm4j.structure;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.WaitLoop;

/** How threads let time pass that wait in a certain way. */
public final class Paces {

    private Paces() {}

    /** Initializes this class and what it uses, where there is stack for it. */
    public static void prepare() {
        of(WaitStrategy.BLOCKING);
    }

    public static WaitLoop.Pace of(WaitStrategy strategy) {
        return switch (strategy) {
            case BUSY_SPIN -> WaitLoop.Pace.SPIN;
            case YIELD -> WaitLoop.Pace.YIELD;
            case PARK -> WaitLoop.Pace.PARK;
            case BLOCKING -> WaitLoop.Pace.SLEEP;
        };
    }
}
