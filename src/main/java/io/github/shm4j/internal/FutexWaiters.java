package io.github.shm4j.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;

/**
 * Those who sleep in the kernel until another process goes on, through one word of shared memory.
 *
 * <p>The word is {@link #NONE} until somebody first wants to sleep: as long as it is, the other side pays for no fence.
 * From then on it is {@link #AWAKE} or {@link #ASLEEP}.
 */
public final class FutexWaiters {

    public static final int NONE = 0;
    public static final int AWAKE = 1;
    public static final int ASLEEP = 2;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment memory;
    private final long offset;

    /** The word alone, or null where it cannot be slept on. */
    private final MemorySegment word;

    /** How many system calls this object has made to wake somebody. */
    private int wakeCalls;

    public FutexWaiters(MemorySegment memory, long offset) {
        this.memory = memory;
        this.offset = offset;
        this.word = memory.isNative() && FutexCalls.isAvailable() ? memory.asSlice(offset, Integer.BYTES) : null;
    }

    /** Links what this class calls, where there is stack for it. */
    public static void prepare() {
        FutexCalls.prepare();
    }

    /** {@return whether the word can hold a number} */
    public static boolean isState(int word) {
        return word >= NONE && word <= ASLEEP;
    }

    public boolean canSleep() {
        return word != null;
    }

    /** Sleeps until woken, if there is still nothing to go on with. */
    public void sleep(BooleanSupplier nothing, long nanos) {
        // SYNC POINT sleep: with the fence in FutexWaiters.wake, and the order of volatile accesses in LockSteps.wakeNext. Either
        // we see what the other side has just published, or it sees us.
        INT.setVolatile(memory, offset, ASLEEP);
        VarHandle.fullFence();
        if (nothing.getAsBoolean()) {
            // Whatever the kernel says, the caller looks for itself.
            FutexCalls.sleep(word, ASLEEP, nanos);
        }
    }

    /** Notes that the only one who sleeps here has woken up. */
    public void wokenUp() {
        INT.setVolatile(memory, offset, AWAKE);
    }

    /**
     * {@return whether anybody has ever slept here; if not, there is nothing to do after publishing}
     *
     * <p>A plain read: the callers' acquires and releases keep it in their loops. It may miss somebody who goes to sleep
     * for the first time at this moment, for which reason first sleeps are short.
     *
     * @param memory the memory, as the caller has it in a local variable
     */
    public boolean exist(MemorySegment memory) {
        return (int) INT.get(memory, offset) != NONE;
    }

    /** Wakes those who sleep, after something was published for them. */
    public void wake() {
        wake(Integer.MAX_VALUE);
    }

    /**
     * Wakes one of those who sleep, after something was published that one of them can have.
     *
     * <p>It notes that all are awake. So whoever wakes up has to call {@link #othersMaySleep}.
     */
    public void wakeOne() {
        wake(1);
    }

    private void wake(int count) {
        // SYNC POINT sleep: with the fence in FutexWaiters.sleep.
        VarHandle.fullFence();
        if ((int) INT.getVolatile(memory, offset) == ASLEEP
                && word != null
                && INT.compareAndSet(memory, offset, ASLEEP, AWAKE)) {
            wakeCalls++;
            FutexCalls.wake(word, count);
        }
    }

    /** Notes that somebody may sleep here, after this thread was the one that was woken. */
    public void othersMaySleep() {
        INT.setVolatile(memory, offset, ASLEEP);
    }

    public int wakeCalls() {
        return wakeCalls;
    }
}
