package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is known of an error number. */
class ErrnoTest {

    private static final int EIO = 5;

    @Test
    void shouldFindEachValueByItsNumber() {
        for (Errno errno : Errno.values()) {
            assertSame(errno, Errno.of(errno.number()));
        }
        long numbers = Arrays.stream(Errno.values()).mapToInt(Errno::number).distinct().count();
        assertEquals(Errno.values().length, numbers);
    }

    @Test
    void shouldDescribeAKnownNumberByNumberNameAndText() {
        assertEquals("EACCES (13), Permission denied", Errno.describe(Errno.EACCES.number()));
    }

    @Test
    void shouldAskTheLibraryOfCAboutAnUnknownNumber() {
        assertSame(Errno.UNKNOWN, Errno.of(EIO));
        assertSame(Errno.UNKNOWN, Errno.of(0));
        assertSame(Errno.UNKNOWN, Errno.of(-Errno.EACCES.number()));
        String text = Errno.describe(EIO);
        assertTrue(text.startsWith("errno 5, ") && text.length() > "errno 5, ".length(), text);
        assertTrue(Errno.describe(123_456).startsWith("errno 123456, "), Errno.describe(123_456));
    }
}
