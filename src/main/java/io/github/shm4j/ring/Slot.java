package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;

import io.github.shm4j.structure.RoleSignature;
import java.lang.foreign.MemorySegment;

/** A slot of the ring that a producer has signed, for one claim at a time. */
final class Slot extends SlotState {

    // Keeps what lies behind away from what this object writes.
    private long after0;
    private long after1;
    private long after2;
    private long after3;
    private long after4;
    private long after5;
    private long after6;
    private long after7;
    private long after8;
    private long after9;
    private long after10;
    private long after11;
    private long after12;
    private long after13;
    private long after14;
    private long after15;

    /** The slots of the same producer. */
    final Slots all;

    final RoleSignature signature;
    final long offset;

    Slot(Slots all, long offset, long self) {
        this.all = all;
        this.signature = new RoleSignature(offset + RingLayout.SLOT_OWNER, self);
        this.offset = offset;
    }

    synchronized boolean tryTake() {
        if (state() != FREE) {
            return false;
        }
        state = TAKEN;
        return true;
    }

    /** Lets the next claim have the slot, after everything that this one does with it. */
    void release() {
        if (user != null) {
            setFree();
        } else {
            releaseShared();
        }
    }

    /** Nothing is called behind the store: from there on the slot is another thread's. */
    private synchronized void releaseShared() {
        state = FREE;
    }

    /** Takes back the name of a record that nobody will complete, so that the consumer skips it. */
    synchronized void releaseAbandoned(MemorySegment memory) {
        if (state() == ABANDONED) {
            if (signature.mayBeHeld()) {
                // SYNC POINT slot: with the acquire in MpscRecords.recover. It comes after all that was stored to the record.
                LONG.setRelease(memory, offset + RingLayout.SLOT_CLAIM, 0L);
            }
            // The thread that owns the slot takes it without this monitor. What it then names comes after the store above.
            setFree();
        }
    }
}
