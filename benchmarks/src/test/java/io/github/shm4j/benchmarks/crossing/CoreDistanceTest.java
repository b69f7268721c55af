package io.github.shm4j.benchmarks.crossing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import org.junit.jupiter.api.Test;

/** What counts as near, far, and moved. */
class CoreDistanceTest {

    private record Measured(int round, int size, int first, int second, boolean sameCore, double nanosBefore,
            double nanosAfter) implements CoreDistance {

        Measured(double nanosBefore, double nanosAfter) {
            this(1, 64, 0, 1, false, nanosBefore, nanosAfter);
        }
    }

    @Test
    void shouldTellNearFromFar() {
        assertEquals(Distance.NEAR, new Measured(54, 79).distance());
        assertEquals(Distance.FAR, new Measured(331, 442).distance());
    }

    @Test
    void shouldNotTakeAThreadThatSharesACoreForADistance() {
        assertEquals(Distance.NEAR, new Measured(151, 117).distance());
        assertEquals(Distance.NEAR, new Measured(164, 111).distance());
    }

    @Test
    void shouldNoticeThatTheCoresWereMoved() {
        assertEquals(Distance.MOVED, new Measured(74, 376).distance());
        assertEquals(Distance.MOVED, new Measured(391, 60).distance());
    }
}
