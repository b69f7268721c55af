package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** A thread recurses until its stack is exhausted, in the middle of a call of a lock, catches that far above, and goes on. */
@Patient
class LockStackOverflowTest {

    private static final int OVERFLOWS = 20;

    private final MemorySegment memory = Arena.ofAuto().allocate(LockWords.BYTES, 64);
    private final SharedLock lock = SharedLock.at(memory, 0);

    /** What the thread has acquired and not closed yet. */
    private SharedLock.Held open;

    private int acquired;

    private void acquireAndClose() {
        open = lock.tryAcquire();
        if (open != null) {
            acquired++;
            open.close();
            open = null;
        }
        acquireAndClose();
    }

    private static void overflow(Runnable recursion) {
        try {
            recursion.run();
        } catch (StackOverflowError asIntended) {
            // As every server does.
        }
    }

    @Test
    void shouldKnowWhoHasIt() throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        int[] open = new int[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < OVERFLOWS; i++) {
                    overflow(this::acquireAndClose);
                    if (this.open != null) {
                        // Out of close, which may have been anywhere.
                        open[0]++;
                        this.open.close();
                        this.open = null;
                    }
                    assertFalse(lock.isHeldByCurrentThread());
                    try (SharedLock.Held held = lock.tryAcquire()) {
                        assertNotNull(held, lock::toString);
                        assertFalse(held.previousOwnerDied());
                    }
                    assertEquals(LockWords.FREE, memory.get(ValueLayout.JAVA_LONG, LockWords.OWNER_OFFSET));
                }
            } catch (Throwable failure) {
                thrown[0] = failure;
            }
        });
        Patience.join(thread);
        assertNull(thrown[0], () -> {
            thrown[0].printStackTrace();
            return thrown[0].toString();
        });
        assertTrue(acquired > OVERFLOWS, acquired + " times acquired");
        try (SharedLock.Held held = lock.tryAcquire()) {
            assertNotNull(held, lock::toString);
        }
    }

    /** What the thread that was thrown out could not undo, another one finds. */
    @Test
    void shouldBeFreeForOthersBehindWhatWasThrown() throws InterruptedException {
        for (int i = 0; i < OVERFLOWS; i++) {
            Thread thread = Thread.ofPlatform().start(() -> {
                overflow(this::acquireAndClose);
                if (open != null) {
                    open.close();
                    open = null;
                }
            });
            Patience.join(thread);
            try (SharedLock.Held held = lock.tryAcquire()) {
                assertNotNull(held, lock::toString);
                assertFalse(held.previousOwnerDied());
            }
        }
    }
}
