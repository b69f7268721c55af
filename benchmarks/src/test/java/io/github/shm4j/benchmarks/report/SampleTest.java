package io.github.shm4j.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** The figures of the report mean what the page says they mean. */
class SampleTest {

    @Test
    void shouldTakeTheMedianOfAllRounds() {
        Sample sample = new Sample(List.of(List.of(9.0, 1.0, 5.0), List.of(2.0, 1000.0)));

        assertEquals(5.0, sample.median());
        assertEquals(2.5, Sample.of(List.of(4.0, 1.0, 3.0, 2.0)).median());
    }

    /** With 15 values, 3 or fewer lie below the median with a probability of 1.8 %, 4 or fewer with 5.9 %. */
    @Test
    void shouldReachFromTheFourthToTheTwelfthOfFifteenValues() {
        Sample sample = count(15);

        assertEquals(4, sample.low());
        assertEquals(12, sample.high());
        assertEquals(4, sample.error());
    }

    /** With 5 values even the smallest lies above the median with a probability of 3.1 %. */
    @Test
    void shouldReachOverAllOfFiveValues() {
        assertEquals(1, count(5).low());
        assertEquals(5, count(5).high());
        assertEquals(0, count(1).error());
    }

    @Test
    void shouldCompareTheFastestIterationsOfEachRound() {
        Sample ours = new Sample(List.of(List.of(6.0, 90.0), List.of(8.0, 10.0)));
        Sample theirs = new Sample(List.of(List.of(50.0, 2.0), List.of(4.0, 4.0)));

        assertEquals(List.of(List.of(3.0, 2.0)), ours.over(theirs).rounds());
    }

    @Test
    void shouldFindTheBestAnewInEachRound() {
        Sample one = new Sample(List.of(List.of(1.0), List.of(4.0)));
        Sample other = new Sample(List.of(List.of(2.0), List.of(3.0)));

        assertEquals(List.of(List.of(1.0), List.of(3.0)), Sample.best(List.of(one, other)).rounds());
    }

    @Test
    void shouldWriteThreeDigitsWithTheErrorToTheSamePlace() {
        assertEquals("1,286", Units.number(1286.4));
        assertEquals("27.7", Units.number(27.72));
        assertEquals("0.00187", Units.number(0.001873));
        assertEquals("1.00 ×", Units.times(0.9996));
        assertEquals("3.00 ± 1.00", Units.withError(Sample.of(List.of(2.0, 3.0, 4.0))));
        assertEquals("1.25 µs", Units.time(1250));
        assertEquals("10 ms", Units.time(1e7));
        assertEquals("64 KiB", Units.bytes(65536));
    }

    private static Sample count(int to) {
        return Sample.of(DoubleStream.iterate(1, value -> value + 1).limit(to).boxed().toList());
    }
}
