package io.github.shm4j.jcstress;

import io.github.shm4j.internal.TakeOver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Memory for a state in which one thread takes a role over from another one, as a process does from one of another pid namespace.
 *
 * <p>The memory is used again after so many other states that the one which had it before is long gone.
 */
final class Robbery {

    static final int CAPACITY = 256;

    private static final long SIZE = 2048;
    private static final int STATES = 1 << 14;
    private static final MemorySegment ALL = Arena.global().allocate(SIZE * STATES, 128);
    private static final AtomicLong NEXT = new AtomicLong();

    /** Where all structures name the pid namespace of their creator. */
    private static final long PID_NAMESPACE = 32;

    final MemorySegment memory = ALL.asSlice(NEXT.getAndIncrement() % STATES * SIZE, SIZE);

    /** How many calls the robbed thread has begun and ended: odd within a call. */
    private volatile int calls;

    Robbery() {
        memory.fill((byte) 0);
    }

    /** Lets all objects that are opened from now on be of another process: they sign as one of another namespace. */
    void enterOtherNamespace() {
        memory.set(ValueLayout.JAVA_LONG, PID_NAMESPACE, 1);
    }

    /** Begins a call of the thread that is robbed. */
    void begin() {
        calls++;
        // Either the call sees that it was robbed, or the taker sees the call. The library gives it half a second instead.
        VarHandle.fullFence();
    }

    /** Ends a call of the thread that is robbed. */
    void end() {
        calls++;
    }

    private void awaitEndOfCall() {
        int seen = calls;
        while (seen % 2 != 0 && calls == seen) {
            // The other thread may have no processor now.
            Thread.yield();
        }
    }

    /** Takes a role over. */
    <T> T take(Supplier<T> role) {
        TakeOver.NOTICE.set(this::awaitEndOfCall);
        try {
            return role.get();
        } finally {
            TakeOver.NOTICE.remove();
        }
    }
}
