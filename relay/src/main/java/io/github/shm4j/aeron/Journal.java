package io.github.shm4j.aeron;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a receiver has to know of its predecessor: how far the source ring was carried, and where in the destination ring that is.
 * It lies in a block of its own, which outlives the receiver.
 *
 * <p>Both positions change in one step, so that they belong together whenever the receiver is killed. From this point on, the
 * lengths of the messages alone say where each of them comes to lie in the destination ring, whose only producer the receiver
 * is. So the position of the destination ring's end says which of them are there already.
 *
 * <pre>
 * offset  size
 *      0     8  magic 0x73686d346a6a726e, last when it is created
 *      8     8  version 1
 *     16    32  destination ring
 *     48     8  a process that was the producer of the destination ring with this journal; 0 for none
 *     56     8  another one, or the same
 *     64     8  which of the two states is valid: 1 or 2
 *    128   128  state 1
 *    256   128  state 2
 *
 * a state
 *      0    32  source ring; zeros before there was one
 *     32     8  position in the source ring behind the last message that was carried
 *     40     8  position in the destination ring behind that message
 *     48     8  how many messages were carried
 *     56     8  how often messages of the source ring were lost, as it was made anew, or others had consumed them
 *     64     8  position up to which the destination ring was written, which may be beyond the other one
 *     72     8  generation: how often the journal was opened, from a random number on
 *
 * a ring
 *      0    16  boot id
 *     16     8  creator
 *     24     8  id of its block
 * </pre>
 *
 * <p>Only the receiver stores there, and only its successor reads, once it has terminated: the order of stores counts as a
 * process can be killed between any two of them, not as another one can read meanwhile.
 */
class Journal {

    static final long BYTES = 384;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle WORD = LONG.varHandle();

    /** "shm4jjrn". */
    private static final long MAGIC = 0x73686d346a6a726eL;

    private static final long VERSION = 1;

    private static final long MAGIC_OFFSET = 0;
    private static final long VERSION_OFFSET = 8;
    private static final long DESTINATION_OFFSET = 16;
    private static final long PRODUCER_OFFSET = 48;
    private static final long OTHER_PRODUCER_OFFSET = 56;
    private static final long VALID_OFFSET = 64;
    private static final long STATES_OFFSET = 128;
    private static final long STATE_LENGTH = 128;

    // In a state.
    private static final long SOURCE = 0;
    private static final long NEXT = 32;
    private static final long DESTINATION = 40;
    private static final long CARRIED = 48;
    private static final long GAPS = 56;
    private static final long END = 64;
    private static final long GENERATION = 72;

    // The lower half of the numbers, so that the greatest one is not reached.
    private static final int FIRST_GENERATIONS = 1 << 30;

    /** Nobody starts a receiver as often as that. */
    static final long GREATEST_GENERATION = Integer.MAX_VALUE - 1;

    /**
     * How far a relay is.
     *
     * @param source the source ring, or {@link RingIdentity#NONE}
     * @param next the position behind the last message that was carried, in the source ring
     * @param destination the position behind that message in the destination ring
     * @param carried how many messages were carried
     * @param gaps how often messages were lost
     * @param end where the destination ring ended as this relay has seen it, at least
     */
    record State(RingIdentity source, long next, long destination, long carried, long gaps, long end) {}

    private final String name;
    private final MemorySegment memory;
    private long valid;
    private long generation;

    private long producerSeen;
    private long otherProducerSeen;

    /** Where this process has signed, and what stood there before. */
    private long signedAt;

    private long signedOver;

    /**
     * Makes a journal that is not opened.
     *
     * @param name what it is called in messages
     */
    Journal(String name, MemorySegment memory) {
        this.name = name;
        this.memory = memory;
    }

    /**
     * Opens the block of a journal, or creates it.
     *
     * @param key its key
     */
    static SharedMemory block(ShmKey key) throws ShmException {
        if (key.equals(ShmKey.PRIVATE)) {
            throw new RelayException(
                    "the journal's key is " + key + ", by which nobody finds a block again: choose another one"
                            + " with --journal");
        }
        return SharedMemory.openOrCreate(key, BYTES).memory();
    }

    /**
     * Maps a journal, which is not opened.
     *
     * @param key the key of its block
     * @param block the block
     * @param arena the lifetime of the mapping
     */
    static Journal map(ShmKey key, SharedMemory block, Arena arena) throws ShmException {
        return new Journal("journal " + key, block.attach(AttachMode.READ_WRITE, arena));
    }

    /**
     * Opens it, or creates it in memory that is all zeros, or in what a creator has left there that was killed. This is for the
     * producer of the destination ring.
     *
     * @param destination the destination ring
     * @param end where the destination ring ends, for a new journal
     * @throws RelayException if the block holds something else, or the journal of another destination ring
     */
    void open(RingIdentity destination, long end) {
        if (!isThere(destination)) {
            create(destination, end);
        }
    }

    /**
     * Reads it, and changes nothing.
     *
     * @return {@code false} if there is none yet
     * @throws RelayException if the block holds something else, or the journal of another destination ring
     */
    boolean isThere(RingIdentity destination) {
        long magic = get(MAGIC_OFFSET);
        if (memory.byteSize() != BYTES || magic != 0 && (magic != MAGIC || get(VERSION_OFFSET) != VERSION)) {
            throw new RelayException(
                    name + ": the block holds no journal of a relay that this version knows. Choose another key"
                            + " with --journal");
        }
        seeProducers();
        if (magic == 0) {
            return false;
        }
        RingIdentity found = identity(DESTINATION_OFFSET);
        if (!found.equals(destination)) {
            throw new RelayException(name + " is that of the " + found + ", and the destination ring is the "
                    + destination + ": it was made anew, and what it held is gone. To begin anew, remove the journal");
        }
        valid = get(VALID_OFFSET);
        if (valid != 1 && valid != 2) {
            throw overwritten("the valid state is " + valid);
        }
        generation = get(offset() + GENERATION);
        State state = state();
        if (!Frames.isPosition(state.next) || !Frames.isPosition(state.destination) || !Frames.isPosition(state.end)
                || state.destination > state.end || generation <= 0 || generation >= GREATEST_GENERATION) {
            throw overwritten(state + ", generation " + generation);
        }
        generation++;
        return true;
    }

    private RelayException overwritten(String what) {
        return new RelayException(name + " was overwritten: " + what + ". To begin anew, remove it");
    }

    /** Whoever is killed here leaves zeros as the magic, and its successor begins anew. */
    private void create(RingIdentity destination, long end) {
        put(VERSION_OFFSET, VERSION);
        putIdentity(DESTINATION_OFFSET, destination);
        put(PRODUCER_OFFSET, 0);
        put(OTHER_PRODUCER_OFFSET, 0);
        valid = 2;
        generation = 1 + ThreadLocalRandom.current().nextInt(FIRST_GENERATIONS);
        store(RingIdentity.NONE, 0, end, 0, 0, end);
        put(MAGIC_OFFSET, MAGIC);
    }

    /** {@return the number of this receiver, greater than those of its predecessors} */
    long generation() {
        return generation;
    }

    /** Takes a greater number for this receiver. It counts once something is stored. */
    void raiseGeneration(long least) {
        generation = Math.max(generation, least);
    }

    /** {@return what was stored last} */
    State state() {
        long offset = offset();
        return new State(identity(offset + SOURCE), get(offset + NEXT), get(offset + DESTINATION),
                get(offset + CARRIED),
                get(offset + GAPS), get(offset + END));
    }

    private long offset() {
        return STATES_OFFSET + (valid - 1) * STATE_LENGTH;
    }

    /** Notes how far it is, as {@link State} names it. Whoever is killed in here has noted all of it, or nothing. */
    void store(RingIdentity source, long next, long destination, long carried, long gaps, long end) {
        // The field follows the store: if something is thrown in here, the state that is valid in the memory stays so.
        long other = 3 - valid;
        long offset = STATES_OFFSET + (other - 1) * STATE_LENGTH;
        putIdentity(offset + SOURCE, source);
        put(offset + NEXT, next);
        put(offset + DESTINATION, destination);
        put(offset + CARRIED, carried);
        put(offset + GAPS, gaps);
        put(offset + END, end);
        put(offset + GENERATION, generation);
        put(VALID_OFFSET, other);
        valid = other;
    }

    /** {@return whether a process that was the producer of the destination ring had that role as a receiver with this journal} */
    boolean knows(long producer) {
        return producer != 0 && (producer == get(PRODUCER_OFFSET) || producer == get(OTHER_PRODUCER_OFFSET));
    }

    /**
     * Notes that this process is about to become the producer of the destination ring. Wherever it is killed, the one that is
     * signed there is among those that the journal knows.
     *
     * @param found the producer so far, which the journal knows, or 0
     * @return {@code false} if another process has signed since this one has read the journal
     */
    boolean sign(long found, long self) {
        // The signature that is not in the ring is the one to overwrite.
        boolean other = found == get(PRODUCER_OFFSET) && found != 0;
        signedAt = other ? OTHER_PRODUCER_OFFSET : PRODUCER_OFFSET;
        signedOver = other ? otherProducerSeen : producerSeen;
        boolean signed = swap(signedAt, signedOver, self);
        seeProducers();
        return signed;
    }

    private void seeProducers() {
        producerSeen = get(PRODUCER_OFFSET);
        otherProducerSeen = get(OTHER_PRODUCER_OFFSET);
    }

    /** Takes a signature back: another process has become the producer, and the one before it may be what was overwritten. */
    void unsign(long self) {
        swap(signedAt, self, signedOver);
    }

    /** Forgets the producers, once the role was given back: what they write from now on, they do not write for this relay. */
    void forgetProducers() {
        put(PRODUCER_OFFSET, 0);
        put(OTHER_PRODUCER_OFFSET, 0);
    }

    private RingIdentity identity(long offset) {
        return new RingIdentity(new UUID(get(offset), get(offset + 8)), get(offset + 16), (int) get(offset + 24));
    }

    private void putIdentity(long offset, RingIdentity identity) {
        put(offset, identity.boot().getMostSignificantBits());
        put(offset + 8, identity.boot().getLeastSignificantBits());
        put(offset + 16, identity.creator());
        put(offset + 24, identity.block());
    }

    private long get(long offset) {
        return (long) WORD.getAcquire(memory, offset);
    }

    /** Stores one word if it is as expected. */
    boolean swap(long offset, long expected, long value) {
        return WORD.compareAndSet(memory, offset, expected, value);
    }

    /** Stores one word. Each is stored after all before it, as a process is killed. */
    void put(long offset, long value) {
        WORD.setRelease(memory, offset, value);
    }
}
