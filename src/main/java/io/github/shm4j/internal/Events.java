package io.github.shm4j.internal;

import java.lang.foreign.MemorySegment;

/**
 * What the library tells the JDK's flight recorder.
 *
 * <p>Where nothing is recorded, a call is the question whether that is so, and nothing is made. It is called off the paths that
 * messages take only. The module {@code jdk.jfr} may be missing in the runtime image: {@link FlightRecorderEvents} alone knows
 * its classes, and is not loaded then.
 */
public final class Events {

    private static final boolean AVAILABLE = isAvailable();

    private Events() {}

    private static boolean isAvailable() {
        Module own = Events.class.getModule();
        // A module that nobody requires is not in the graph of a program that is a module itself.
        return ModuleLayer.boot().findModule("jdk.jfr").filter(own::canRead).isPresent();
    }

    /** Initializes this class now: one that could not be, on an exhausted stack for one, is of no use for ever. */
    public static void prepare() {
        isRecording();
    }

    /** {@return whether something is being recorded, or was} */
    public static boolean isRecording() {
        return AVAILABLE && FlightRecorderEvents.isRecording();
    }

    /** Tells that a block was created. */
    public static void created(int id, int key, long size) {
        if (isRecording()) {
            FlightRecorderEvents.created(id, key, size);
        }
    }

    /** Tells that a block was removed. */
    public static void removed(int id) {
        if (isRecording()) {
            FlightRecorderEvents.removed(id);
        }
    }

    /** Tells that a block was attached. */
    public static void attached(int id, long size, boolean readOnly) {
        if (isRecording()) {
            FlightRecorderEvents.attached(id, size, readOnly);
        }
    }

    /** Tells that a block was detached. */
    public static void detached(int id) {
        if (isRecording()) {
            FlightRecorderEvents.detached(id);
        }
    }

    /**
     * Takes note that a producer has found no room.
     *
     * @return what {@link #roomFound} is to be called with once it has found some; {@code null} where nothing is recorded
     */
    public static Object ringFull(MemorySegment ring) {
        return isRecording() ? FlightRecorderEvents.ringFull(Attachments.id(ring)) : null;
    }

    /**
     * Tells for how long a producer has found no room.
     *
     * @param full what {@link #ringFull} has returned
     */
    public static void roomFound(Object full) {
        if (isRecording()) {
            FlightRecorderEvents.roomFound(full);
        }
    }

    /** Tells that a consumer has skipped what producers have left incomplete that have terminated. */
    public static void skipped(MemorySegment ring, long position, long bytes) {
        if (isRecording()) {
            FlightRecorderEvents.skipped(Attachments.id(ring), position, bytes);
        }
    }

    /**
     * Tells that a role was taken from a process that had not given it back.
     *
     * @param structure what the memory holds
     * @param role what the role is called
     * @param owner the process
     * @param alive whether that process may be alive, as somebody has said that it is to be taken over
     */
    public static void succeeded(MemorySegment memory, String structure, String role, long owner, boolean alive) {
        if (isRecording()) {
            FlightRecorderEvents.succeeded(Attachments.id(memory), structure, role, Owner.pid(owner), alive);
        }
    }
}
