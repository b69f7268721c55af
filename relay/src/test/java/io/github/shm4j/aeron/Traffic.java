package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.support.Patience;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.zip.CRC32;

/** Numbered messages with checksums, which have to come out as they went in: each one, once, in order. */
final class Traffic {

    private static final int HEADER = 16;
    private static final int MOST_AT_ONCE = 64;

    private final RingProducer producer;
    private final RingConsumer consumer;
    private final int longest;
    private final Random random;
    private final byte[] bytes;
    private final MemorySegment message;

    /** The length of the message that is written next. */
    private int length;

    private long written;
    private long read;

    Traffic(RingProducer producer, RingConsumer consumer, int longest, long seed) {
        this.producer = producer;
        this.consumer = consumer;
        this.longest = longest;
        this.random = new Random(seed);
        this.bytes = new byte[longest];
        this.message = MemorySegment.ofArray(bytes);
        prepare();
    }

    long read() {
        return read;
    }

    long written() {
        return written;
    }

    private void prepare() {
        // Most are short, and some as long as can be.
        length = HEADER + random.nextInt(random.nextInt(20) == 0 ? longest - HEADER + 1 : 200);
        for (int i = HEADER; i < length; i++) {
            bytes[i] = (byte) (written * 31 + i);
        }
        message.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, written);
        message.set(ValueLayout.JAVA_LONG_UNALIGNED, 8, checksum(bytes, length, written));
    }

    private static long checksum(byte[] bytes, int length, long number) {
        CRC32 sum = new CRC32();
        sum.update(bytes, HEADER, length - HEADER);
        return sum.getValue() ^ number << 32 ^ length;
    }

    /** Writes messages up to a number as long as there is room; {@return whether there was} */
    boolean write(long last) {
        for (int i = 0; i < MOST_AT_ONCE && written < last; i++) {
            if (!producer.write((int) (written % 9) + 1, message, 0, length)) {
                return false;
            }
            written++;
            prepare();
        }
        return true;
    }

    /** Reads what there is; {@return how many} */
    int read(int most) {
        return consumer.read(this::onMessage, most);
    }

    private void onMessage(int type, MemorySegment memory, long offset, int size) {
        assertTrue(size >= HEADER && size <= longest, "size " + size);
        long number = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
        assertEquals(read, number, "number");
        assertEquals((int) (number % 9) + 1, type, "type of " + number);
        byte[] copy = memory.asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE);
        assertEquals(checksum(copy, size, number), memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + 8),
                "checksum of " + number);
        read++;
    }

    /** Writes and reads until so many were written and have come. */
    void carry(long last) {
        Patience patience = Patience.withAll();
        while (read < last) {
            write(last);
            if (read(MOST_AT_ONCE) == 0) {
                patience.renewIfChanged(read);
                patience.pause(() -> "written " + written + ", read " + read + " of " + last);
            }
        }
    }

    /** Reads until so many have come, and writes all the time, so that more of them are under way. */
    void carryAndWrite(long read) {
        Patience patience = Patience.withAll();
        while (this.read < read) {
            write(Long.MAX_VALUE);
            if (read(MOST_AT_ONCE) == 0) {
                patience.renewIfChanged(this.read);
                patience.pause(() -> "written " + written + ", read " + this.read + " of " + read);
            }
        }
        write(Long.MAX_VALUE);
    }

    /** Writes and reads for some time, whatever comes. */
    void writeFor(int millis) throws InterruptedException {
        for (int i = 0; i < millis; i++) {
            write(Long.MAX_VALUE);
            read(MOST_AT_ONCE);
            Thread.sleep(1);
        }
    }

    /** Writes, while nobody reads, until the source ring stays full. */
    void fill() {
        Patience patience = Patience.withAll();
        int full = 0;
        while (full < 50) {
            long before = written;
            write(Long.MAX_VALUE);
            full = written == before ? full + 1 : 0;
            patience.renewIfChanged(written);
            patience.pause(() -> "the source ring is never full: written " + written);
        }
    }
}
