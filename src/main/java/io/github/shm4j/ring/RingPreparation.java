package io.github.shm4j.ring;

import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.Paces;
import io.github.shm4j.structure.RoleSignature;
import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * Initializes what the roles of a ring use, where there is stack for it: a class whose initialization exhausts the stack can
 * never be used.
 */
final class RingPreparation {

    /** What calls use first when the ring is open, and has something to initialize. */
    private static final List<Class<?>> USED_LATER = List.of(
            ControlledMessageHandler.Action.class,
            MpscRecords.class,
            RingConsumer.class,
            RingFormat.class,
            RingStatistics.Liveness.class,
            SlotState.class,
            SpscProducer.class,
            SpscProducer.Batch.class);

    private RingPreparation() {}

    static void prepare() {
        BulkCopy.prepare();
        Events.prepare();
        FutexWaiters.prepare();
        Owner.prepare();
        Paces.prepare();
        RoleSignature.prepare();
        WaitLoop.prepare();
        try {
            for (Class<?> each : USED_LATER) {
                MethodHandles.lookup().ensureInitialized(each);
            }
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
