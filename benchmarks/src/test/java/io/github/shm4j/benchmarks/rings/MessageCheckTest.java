package io.github.shm4j.benchmarks.rings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import net.openhft.chronicle.bytes.Bytes;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer notices what a ring does wrong. */
class MessageCheckTest {

    private static final int SIZE = 200;

    private final TestMessage source = new TestMessage(SIZE);
    private final MessageCheck check = new MessageCheck(SIZE, 2);

    @Test
    void shouldCountTheMessagesOfEachProducer() {
        send(number(0, 1));
        send(number(0, 2));
        assertFalse(check.hasHeardAll());
        send(number(1, 1));

        assertEquals(3, check.count());
        assertTrue(check.hasHeardAll());
        assertEquals(number(1, 1), check.last());
    }

    @Test
    void shouldReadTheSameHoweverMemoryIsAccessed() {
        source.number(number(0, 1));
        check.message(source.message(), 0, SIZE);
        source.number(number(0, 2));
        check.message(new UnsafeBuffer(source.message().asByteBuffer()), 0, SIZE);
        source.number(number(0, 3));
        Bytes<?> bytes = Bytes.wrapForRead(source.message().asByteBuffer());
        check.message(bytes, 0, SIZE);

        assertEquals(3, check.count());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 1L << 48, 2L << 48 | 1, -1})
    void shouldRefuseAnotherNumberThanTheNext(long number) {
        send(number(0, 1));

        assertThrows(AssertionError.class, () -> send(number));
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 128, 192})
    void shouldRefuseAMessageWithOtherBytesInAnyOfItsCacheLines(int offset) {
        source.message().set(ValueLayout.JAVA_BYTE, offset, (byte) 99);

        assertThrows(AssertionError.class, () -> send(number(0, 1)));
    }

    @Test
    void shouldRefuseAnEndThatTellsOfMoreMessagesThanHaveArrived() {
        send(number(0, 1));

        assertThrows(AssertionError.class, () -> send(number(0, 2) | TestMessage.LAST));
        assertEquals(0, check.ended());
        send(number(0, 1) | TestMessage.LAST);
        assertEquals(1, check.ended());
        assertEquals(1, check.count());
    }

    @Test
    void shouldCopyAMessageAndReadTheCopyHoweverMemoryIsAccessed() {
        MessageCheck copying = new CopyingCheck(SIZE, 1);
        source.number(number(0, 1));
        copying.message(source.message(), 0, SIZE);
        source.number(number(0, 2));
        copying.message(new UnsafeBuffer(source.message().asByteBuffer()), 0, SIZE);

        assertEquals(2, copying.count());
        source.number(number(0, 3));
        source.message().set(ValueLayout.JAVA_BYTE, 64, (byte) 99);
        assertThrows(AssertionError.class, () -> copying.message(source.message(), 0, SIZE));
        assertThrows(
                AssertionError.class,
                () -> copying.message(new UnsafeBuffer(source.message().asByteBuffer()), 0, SIZE));
    }

    /** It would be measured without the copy otherwise. */
    @Test
    void shouldNotTakeForACopyWhatIsNone() {
        MessageCheck copying = new CopyingCheck(SIZE, 1);
        Bytes<?> bytes = Bytes.wrapForRead(source.message().asByteBuffer());

        assertThrows(UnsupportedOperationException.class, () -> copying.message(bytes, 0, SIZE));
    }

    private void send(long number) {
        source.number(number);
        check.message(source.message(), 0, SIZE);
    }

    private static long number(int producer, long count) {
        return (long) producer << TestMessage.PRODUCER_SHIFT | count;
    }
}
