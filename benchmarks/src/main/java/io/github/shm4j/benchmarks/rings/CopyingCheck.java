package io.github.shm4j.benchmarks.rings;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import net.openhft.chronicle.bytes.Bytes;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Copies each message into memory of the consumer's own and reads it there, as a program does that keeps its messages. Each
 * library copies in the way that it has for this.
 */
final class CopyingCheck extends MessageCheck {

    private final MemorySegment own;
    private final UnsafeBuffer ownBuffer;

    CopyingCheck(int size, int producers) {
        super(size, producers);
        own = Arena.global().allocate(size, TestMessage.STEP);
        ownBuffer = new UnsafeBuffer(own.asByteBuffer());
    }

    @Override
    public void message(MemorySegment memory, long offset, int length) {
        MemorySegment.copy(memory, offset, own, 0, length);
        super.message(own, 0, length);
    }

    @Override
    public void message(DirectBuffer memory, int offset, int length) {
        memory.getBytes(offset, ownBuffer, 0, length);
        super.message(ownBuffer, 0, length);
    }

    @Override
    void message(Bytes<?> memory, long offset, int length) {
        throw new UnsupportedOperationException("Chronicle Queue keeps its messages itself");
    }
}
