package io.github.shm4j.benchmarks.state;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** A lock that lets in two at a time is not measured. */
class LockProcessTest {

    @Test
    void shouldAcceptACounterThatCountsAllAcquisitions() {
        assertDoesNotThrow(() -> LockProcess.requireExact(48, 32, 16));
    }

    @Test
    void shouldRefuseACounterThatLostOne() {
        AssertionError refused = assertThrows(AssertionError.class, () -> LockProcess.requireExact(47, 32, 16));

        assertEquals("the counter is 47; acquired were 32 and 16: the lock let both in", refused.getMessage());
    }

    @Test
    void shouldRefuseACounterThatCountedMore() {
        assertThrows(AssertionError.class, () -> LockProcess.requireExact(49, 32, 16));
    }
}
