package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A wait goes on for as long as its timeout says, and can be interrupted, however often it has looked. */
class WaitLoopTest {

    private static final Duration EVER = Duration.ofDays(200_000);

    /** So many rounds are certain to include one with a look at the time. */
    private static final int ROUNDS = 300;

    /** A wait that has gone on for so long that its rounds are as many as an {@code int} can count. */
    private static WaitLoop longWait(WaitLoop.Pace pace, Duration timeout) {
        WaitLoop loop = new WaitLoop(pace, true, timeout);
        loop.round = Integer.MAX_VALUE - 100;
        return loop;
    }

    private static boolean goesOn(WaitLoop loop) throws InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            if (!loop.next()) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnUntilTheTimeIsOver(WaitLoop.Pace pace) throws InterruptedException {
        assertTrue(goesOn(new WaitLoop(pace, true, EVER)));
        assertTrue(goesOn(longWait(pace, EVER)));
        assertFalse(goesOn(new WaitLoop(pace, true, Duration.ZERO)));
        assertFalse(goesOn(longWait(pace, Duration.ZERO)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSeeTheEndOfTheTimeAndAnInterruptAfterAnyNumberOfRounds(WaitLoop.Pace pace) throws InterruptedException {
        // The first look at the time happens while the count can still go on, the others when it no longer can.
        WaitLoop loop = longWait(pace, EVER);
        assertTrue(goesOn(loop));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> goesOn(loop));
        assertFalse(Thread.interrupted());
        assertTrue(goesOn(loop));
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetTimePassAlsoAfterAnyNumberOfRounds(WaitLoop.Pace pace) throws InterruptedException {
        WaitLoop loop = longWait(pace, EVER);
        for (int i = 0; i < ROUNDS; i++) {
            assertTrue(loop.next());
            assertTrue(loop.isPastSpinning() == (pace != WaitLoop.Pace.SPIN), "round " + i);
            assertTrue(loop.sleeps() == (pace == WaitLoop.Pace.SLEEP), "round " + i);
        }
    }

    @Test
    void shouldParkInPlaceOfSleepingWhereTheKernelCannotBeAsked() throws InterruptedException {
        WaitLoop loop = new WaitLoop(WaitLoop.Pace.SLEEP, false, EVER);
        assertTrue(goesOn(loop));
        assertFalse(loop.sleeps());
    }
}
