package io.github.shm4j.ring;

import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.ring.RingStatistics.RoleOwner;
import java.util.List;

/** One side of a {@link RingPair}, whose two roles are had together or not at all. */
final class PairEnd {

    /**
     * The roles, which the threads of the side share.
     *
     * @param out the producer in the ring to the other side
     * @param in the consumer in the ring from there
     */
    record Roles(SpscProducer out, RingConsumer in) {}

    private final SpscRingBuffer to;
    private final SpscRingBuffer from;
    private final String side;

    // What a call has taken and not handed to anybody yet. If it could not give that back, the next call does.
    private SpscProducer out;
    private RingConsumer in;

    /**
     * Makes a side whose roles this object has not taken.
     *
     * @param side what it is called
     */
    PairEnd(SpscRingBuffer to, SpscRingBuffer from, String side) {
        this.to = to;
        this.from = from;
        this.side = side;
    }

    /**
     * Takes both roles, or none.
     *
     * @param takingOver whether also from a process that may be alive
     * @throws RingOccupiedException if somebody has one of them from whom it is not taken
     */
    synchronized Roles take(boolean takingOver) {
        giveBack();
        try {
            // The consumer's first: a server that is robbed in its handler could not reply, but consume the request all the same.
            in = takingOver ? from.takeOverConsumer() : from.consumer();
            out = takingOver ? to.takeOverProducer() : to.producer();
            out.handOver();
            in.thread.handOver();
            Roles roles = new Roles(out, in);
            out = null;
            in = null;
            return roles;
        } catch (Throwable failure) {
            try {
                giveBack();
            } catch (Throwable again) {
                failure.addSuppressed(again);
            }
            if (failure instanceof RingOccupiedException occupied) {
                throw refused(occupied);
            }
            throw failure;
        }
    }

    private RingOccupiedException refused(RingOccupiedException occupied) {
        RingOccupiedException refused =
                new RingOccupiedException("the pair has a " + side + " already: " + occupied.getMessage() + wayOut());
        refused.initCause(occupied);
        return refused;
    }

    private void giveBack() {
        if (out != null || in != null) {
            close(out, in);
            out = null;
            in = null;
        }
    }

    /** Closes both roles, each of which may be null: the consumer even if something is thrown when the producer is closed. */
    static void close(SpscProducer out, RingConsumer in) {
        try (in) {
            if (out != null) {
                out.close();
            }
        }
    }

    /** {@return how the side can be had from a process of which nobody here can see whether it is alive} */
    private String wayOut() {
        List<RoleOwner> producers = to.statistics().producers();
        boolean unseen = from.statistics().consumer().liveness() == Liveness.UNKNOWN
                || !producers.isEmpty() && producers.getFirst().liveness() == Liveness.UNKNOWN;
        return unseen
                ? "; takeOver" + Character.toUpperCase(side.charAt(0)) + side.substring(1)
                        + " takes both roles of the side"
                : "";
    }
}
