package io.github.shm4j.ring;

import io.github.shm4j.internal.WaitLoop;

/** How threads let time pass that wait in a certain way. */
final class Paces {

    private Paces() {}

    /** Initializes this class and what it uses, where there is stack for it. */
    static void prepare() {
        of(WaitStrategy.BLOCKING);
    }

    static WaitLoop.Pace of(WaitStrategy strategy) {
        return switch (strategy) {
            case BUSY_SPIN -> WaitLoop.Pace.SPIN;
            case YIELD -> WaitLoop.Pace.YIELD;
            case PARK -> WaitLoop.Pace.PARK;
            case BLOCKING -> WaitLoop.Pace.SLEEP;
        };
    }
}
