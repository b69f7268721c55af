package io.github.shm4j.ring;

/** How much room a producer of many has, as its threads have seen it, in lines that no others write to. */
abstract sealed class MpscRoom extends RingProducer permits MpscProducer {

    /**
     * The free position, when a thread of this object last looked. An old value is safe, and one as old as this says that there is
     * no room. It stays so as long as there may be no memory, so that each claim has to ask.
     */
    long free = Long.MIN_VALUE / 2;

    MpscRoom(MpscRingBuffer ring) {
        super(ring);
    }
}
