package io.github.shm4j.benchmarks.crossing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Everybody is measured with the cores near each other if possible, and those who are compared also when they are far. */
class RoundRobinTest {

    private static final Distance NEAR = Distance.NEAR;
    private static final Distance FAR = Distance.FAR;
    private static final Distance MOVED = Distance.MOVED;
    private static final int ATTEMPTS = 4;

    private static final List<String> ALL = List.of("a", "b", "c", "d");
    private static final List<String> COMPARED = List.of("a", "d");

    /** Enough measurements were made before, so that any may be repeated. */
    private final RepeatBudget repeats = repeats(1000);

    @Test
    void shouldMeasureEachOnceInOrderWhileTheCoresAreNear() {
        assertEquals("a b c d", turns(ATTEMPTS));
    }

    @Test
    void shouldMeasureAgainAfterTheOthersUntilTheCoresWereNear() {
        assertEquals("a b c d b b", turns(ATTEMPTS, NEAR, MOVED, NEAR, NEAR, MOVED, NEAR));
    }

    @Test
    void shouldMeasureNobodyMoreOftenThanItMay() {
        assertEquals("a b c d b b b", turns(ATTEMPTS, NEAR, MOVED, NEAR, NEAR, MOVED, MOVED, MOVED));
        assertEquals("a d b c", turns(1, FAR, FAR, FAR, FAR));
    }

    @Test
    void shouldMeasureThoseFirstWhoAreComparedWhileTheCoresAreFar() {
        assertEquals("a d b c a d", turns(ATTEMPTS, FAR, FAR, NEAR));
    }

    @Test
    void shouldMeasureThoseWhoAreComparedOnceMoreWhenTheCoresBecomeFar() {
        assertEquals("a b a d c b d", turns(ATTEMPTS, NEAR, FAR, FAR, FAR));
    }

    @Test
    void shouldLeaveOffWhenTheCoresAreNearAgain() {
        assertEquals("a b a c d b", turns(ATTEMPTS, NEAR, FAR, NEAR, NEAR, NEAR, NEAR));
    }

    @Test
    void shouldMeasureThoseWhoAreComparedWhenTheCoresWereFarAtLast() {
        assertEquals("a b c d a d", turns(ATTEMPTS, NEAR, NEAR, NEAR, FAR, FAR, NEAR));
    }

    @Test
    void shouldPassOverWhoIsComparedAndNotThere() {
        RoundRobin<String> turns = new RoundRobin<>(List.of("b", "c"), COMPARED, ATTEMPTS, repeats);

        assertEquals("b c b", take(turns, List.of(FAR, NEAR, NEAR).iterator()));
    }

    @Test
    void shouldMakeNoMoreThanAShareAgain() {
        RepeatBudget whole = new RepeatBudget();
        int measured = 0;
        int rounds = 30;
        for (int round = 0; round < rounds; round++) {
            RoundRobin<String> turns = new RoundRobin<>(ALL, COMPARED, ATTEMPTS, whole);
            measured += take(turns, Collections.nCopies(100, FAR).iterator()).split(" ").length;
        }

        int first = rounds * ALL.size();
        assertTrue(measured > first && measured <= first + first / 4 + 1, measured + " instead of " + first);
    }

    @Test
    void shouldMakeNoMoreThanASmallerShareAgainBecauseTheCoresAreFar() {
        RepeatBudget whole = new RepeatBudget();
        int again = 0;
        int rounds = 30;
        for (int round = 0; round < rounds; round++) {
            // "d" is measured near, and then far from "c", which is near each time that it is measured again.
            RoundRobin<String> turns = new RoundRobin<>(List.of("d", "c"), COMPARED, ATTEMPTS, whole);
            String taken = take(turns, List.of(NEAR, FAR, FAR, NEAR).iterator());
            again += taken.startsWith("d c d") ? 1 : 0;
        }

        assertEquals(rounds * 2 / 12, again);
    }

    private static RepeatBudget repeats(int measured) {
        RepeatBudget repeats = new RepeatBudget();
        for (int i = 0; i < measured; i++) {
            repeats.countFirst();
        }
        return repeats;
    }

    /** Whose turns they are if the cores are placed like this, one after the other, and then near. */
    private String turns(int attempts, Distance... distances) {
        return take(new RoundRobin<>(ALL, COMPARED, attempts, repeats), Arrays.asList(distances).iterator());
    }

    private static String take(RoundRobin<String> turns, Iterator<Distance> distances) {
        List<String> taken = new ArrayList<>();
        for (Optional<String> next = turns.next(); next.isPresent(); next = turns.next()) {
            taken.add(next.get());
            turns.measured(next.get(), distances.hasNext() ? distances.next() : NEAR);
        }
        return String.join(" ", taken);
    }
}
