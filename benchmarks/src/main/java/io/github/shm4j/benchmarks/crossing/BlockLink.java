package io.github.shm4j.benchmarks.crossing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * A slot in memory that both processes have mapped, with a sequence word.
 *
 * <pre>
 *   0        8                64              64 + size
 *   +--------+----------------+---------------+
 *   | word   | unused         | message       |
 *   +--------+----------------+---------------+
 * </pre>
 *
 * <p>The word counts turns. Who has the turn writes the message, if there is one, and passes the turn on by adding one with
 * release; the other side waits with acquire for the number that makes it its turn. The C and PHP programs do the same.
 */
final class BlockLink implements Link {

    static final int PAYLOAD = 64;

    private static final VarHandle WORD = JAVA_LONG.varHandle();

    private final MemorySegment memory;
    private long turn;

    BlockLink(MemorySegment memory) {
        this.memory = memory;
    }

    @Override
    public void send(byte[] message) {
        MemorySegment.copy(message, 0, memory, JAVA_BYTE, PAYLOAD, message.length);
        confirm();
    }

    @Override
    public void receive(byte[] message) {
        awaitConfirmation();
        MemorySegment.copy(memory, JAVA_BYTE, PAYLOAD, message, 0, message.length);
    }

    @Override
    public void confirm() {
        WORD.setRelease(memory, 0L, ++turn);
    }

    @Override
    public void awaitConfirmation() {
        long expected = ++turn;
        while ((long) WORD.getAcquire(memory, 0L) != expected) {
            Thread.onSpinWait();
        }
    }
}
