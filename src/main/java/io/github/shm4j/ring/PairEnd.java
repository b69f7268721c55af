package io.github.shm4j.ring;

/**
 * The two roles of one side of a {@link RingPair}, which the threads of that side share.
 *
 * @param out the producer in the ring to the other side
 * @param in the consumer in the ring from there
 */
record PairEnd(SpscProducer out, RingConsumer in) {

    /**
     * Takes both roles, or none.
     *
     * @param side what the side is called
     * @throws RingOccupiedException if somebody has one of them who may be alive
     */
    static PairEnd take(SpscRingBuffer to, SpscRingBuffer from, String side) {
        try {
            SpscProducer out = to.producer();
            try {
                RingConsumer in = from.consumer();
                out.handOver();
                in.thread.handOver();
                return new PairEnd(out, in);
            } catch (Throwable failure) {
                out.close();
                throw failure;
            }
        } catch (RingOccupiedException occupied) {
            throw new RingOccupiedException("the pair has a " + side + " already: " + occupied.getMessage());
        }
    }
}
