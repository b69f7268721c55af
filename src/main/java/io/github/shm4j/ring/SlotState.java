package io.github.shm4j.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What one thread changes with each claim, in lines that no other thread writes to. */
abstract class SlotState extends Padding {

    static final int FREE = 0;
    /** A thread is about to write. */
    static final int TAKEN = 1;
    /** A claim is open. */
    static final int CLAIMED = 2;
    /** Something was thrown out of a call that had taken the slot: it may name a record that nobody will complete. */
    static final int ABANDONED = 3;

    private static final VarHandle STATE = stateHandle();

    /** The only thread that takes the slot; null if any thread may. */
    Thread user;

    /** Where nothing may be called, as the stack may be exhausted, this is set without the handle. */
    int state = FREE;

    private static VarHandle stateHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(SlotState.class, "state", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    final int state() {
        return (int) STATE.getAcquire(this);
    }

    final void setFree() {
        STATE.setRelease(this, FREE);
    }
}
