package io.github.shm4j.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ShmException;
import org.junit.jupiter.api.function.Executable;

/** Expects the kernel to say no, and the exception to say so in full. */
public final class Refusals {

    private Refusals() {}

    /**
     * Runs a call that must fail, and returns the exception.
     *
     * @param type exactly the class of the exception
     * @param call the C function that must have failed
     * @param errno the name of the error
     * @param words what the message must contain
     */
    public static <T extends ShmException> T refused(
            Class<T> type, String call, String errno, Executable executable, String... words) {
        T refusal = assertThrowsExactly(type, executable);
        String message = refusal.getMessage();
        assertEquals(errno, refusal.errnoName(), message);
        assertEquals(call, refusal.call(), message);
        assertTrue(message.startsWith(call + "("), message);
        assertTrue(message.contains(errno + " (" + refusal.errno() + "), "), message);
        for (String word : words) {
            assertTrue(message.contains(word), () -> "\"" + word + "\" is not in: " + message);
        }
        return refusal;
    }
}
