package io.github.shm4j.aeron;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a receiver has to know of its predecessor: how far the source ring was carried, and where in the destination ring that is.
 * It lies in a block of its own, which outlives the receiver.
 *
 * <p>Both positions change in one step, so that they belong together whenever the receiver is killed. Before a message is
 * written, the journal gets to know where it ends in both rings. Only the receiver writes to the destination ring: so the
 * position at which that ends says which of these messages are there, and up to where the source ring was carried.
 *
 * <p>A source ring that is left for another one may come again. How far it was carried is kept, so that no message of it comes
 * into the destination ring a second time.
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
 *    384  2048  128 messages that were about to be written since the valid state was stored, the first ones of which count:
 *                 8  position in the source ring behind the message
 *                 8  position in the destination ring behind it; it is greater than that of the one before
 *   2432  1664  104 source rings that were left:
 *                 8  position in the source ring behind the last message that was carried
 *                 8  number of the source ring; 0 where there is none
 *
 * a state
 *      0    32  source ring; zeros before there was one
 *     32     8  position in the source ring behind the last message that was carried
 *     40     8  position in the destination ring behind that message, where it ended
 *     48     8  how many messages were carried
 *     56     8  how often the source ring was another one, or messages of it were lost as others had consumed them
 *     64     8  generation: goes up each time the journal is opened, from a random number on, and from 4294967295 to 1
 *
 * a ring
 *      0    16  boot id
 *     16     8  creator
 *     24     4  id of its block
 *     28     4  IPC namespace of its block
 * </pre>
 *
 * <p>Only the receiver stores there, and only its successor reads, once it has terminated: the order of stores counts as a
 * process can be killed between any two of them, not as another one can read meanwhile.
 */
class Journal {

    static final long BYTES = 4096;

    /** How many messages are noted before a state has to be stored. */
    static final int MOST_MESSAGES = 128;

    /** How many source rings can be left. */
    static final int MOST_SOURCES = 104;

    /** The last one before they begin anew. */
    static final long GREATEST_GENERATION = 0xffff_ffffL;

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
    private static final long GENERATION = 64;

    private static final long MESSAGES_OFFSET = STATES_OFFSET + 2 * STATE_LENGTH;
    private static final long SOURCES_OFFSET = MESSAGES_OFFSET + MOST_MESSAGES * 2 * Long.BYTES;
    private static final long ENTRY_LENGTH = 2 * Long.BYTES;

    /**
     * How far a relay is.
     *
     * @param source the source ring, or {@link RingIdentity#NONE}
     * @param next the position behind the last message that was carried, in the source ring
     * @param destination the position behind that message in the destination ring
     * @param carried how many messages were carried
     * @param gaps how often messages were lost
     */
    record State(RingIdentity source, long next, long destination, long carried, long gaps) {}

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
        if (!Frames.isPosition(state.next) || !Frames.isPosition(state.destination) || generation <= 0
                || generation > GREATEST_GENERATION) {
            throw overwritten(state + ", generation " + generation);
        }
        generation = generationAfter(generation);
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
        generation = ThreadLocalRandom.current().nextLong(1, GREATEST_GENERATION + 1);
        store(RingIdentity.NONE, 0, end, 0, 0);
        put(MAGIC_OFFSET, MAGIC);
    }

    /** {@return the number of this receiver, which comes after those of its predecessors} */
    long generation() {
        return generation;
    }

    private static long generationAfter(long before) {
        return before == GREATEST_GENERATION ? 1 : before + 1;
    }

    /** Takes the number for this receiver that comes after another one. It counts once something is stored. */
    void comeAfter(long other) {
        generation = generationAfter(other);
    }

    /** {@return what was stored last} */
    State state() {
        long offset = offset();
        return new State(identity(offset + SOURCE), get(offset + NEXT), get(offset + DESTINATION),
                get(offset + CARRIED), get(offset + GAPS));
    }

    /**
     * Finds out which of the messages were written that were about to be since the last state was stored.
     *
     * @param end where the destination ring ends
     * @param capacity of the destination ring
     * @return how far the relay is then; null if the destination ring ends where none of these messages does
     */
    State stateAt(long end, long capacity) {
        State state = state();
        long next = state.next;
        long destination = state.destination;
        int messages = 0;
        while (destination != end && messages < MOST_MESSAGES) {
            long offset = MESSAGES_OFFSET + messages * ENTRY_LENGTH;
            long behind = get(offset + Long.BYTES);
            if (behind <= destination) {
                break;
            }
            if (behind > end) {
                // Before a message that has no room in front of the ring's end comes padding.
                destination = (end & capacity - 1) == 0 && behind - end < capacity ? end : destination;
                break;
            }
            long nextBehind = get(offset);
            if (!Frames.isPosition(behind) || !Frames.isPosition(nextBehind) || nextBehind <= next) {
                throw overwritten("message " + messages + " ends at " + nextBehind + " and " + behind);
            }
            next = nextBehind;
            destination = behind;
            messages++;
        }
        return destination == end
                ? new State(state.source, next, destination, state.carried + messages, state.gaps)
                : null;
    }

    /**
     * Takes note of a message that is about to be written.
     *
     * @param index how many were since the last state was stored
     * @param next the position behind it in the source ring
     * @param destination the position behind it in the destination ring
     */
    void noteMessage(int index, long next, long destination) {
        long offset = MESSAGES_OFFSET + index * ENTRY_LENGTH;
        // Who is killed in between leaves the position of an earlier message, which does not count.
        put(offset, next);
        put(offset + Long.BYTES, destination);
    }

    /** {@return up to which position a source ring was carried that was left; 0 if it never was} */
    long left(RingIdentity source) {
        long offset = find(source.number());
        if (offset < 0) {
            return 0;
        }
        long next = get(offset);
        if (!Frames.isPosition(next)) {
            throw overwritten("the " + source + " was carried up to " + next);
        }
        return next;
    }

    /**
     * Takes note of how far a source ring was carried that is about to be left. While it is the source of the valid state, that
     * counts.
     *
     * @throws RelayException if as many were left as there is room for
     */
    void leave(RingIdentity source, long next) {
        long offset = find(source.number());
        if (offset < 0) {
            offset = find(0);
        }
        if (offset < 0) {
            throw new RelayException(name + " knows " + MOST_SOURCES
                    + " source rings that were left for others, and has no room"
                    + " for one more, of which messages could come twice if it came again. To begin anew, remove the journal once"
                    + " none of these rings will come again");
        }
        put(offset, next);
        put(offset + Long.BYTES, source.number());
    }

    private long find(long number) {
        for (int i = 0; i < MOST_SOURCES; i++) {
            long offset = SOURCES_OFFSET + i * ENTRY_LENGTH;
            if (get(offset + Long.BYTES) == number) {
                return offset;
            }
        }
        return -1;
    }

    private long offset() {
        return STATES_OFFSET + (valid - 1) * STATE_LENGTH;
    }

    /** Notes how far it is, as {@link State} names it. Whoever is killed in here has noted all of it, or nothing. */
    void store(RingIdentity source, long next, long destination, long carried, long gaps) {
        // The field follows the store: if something is thrown in here, the state that is valid in the memory stays so.
        long other = 3 - valid;
        long offset = STATES_OFFSET + (other - 1) * STATE_LENGTH;
        putIdentity(offset + SOURCE, source);
        put(offset + NEXT, next);
        put(offset + DESTINATION, destination);
        put(offset + CARRIED, carried);
        put(offset + GAPS, gaps);
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
        return RingIdentity.of(get(offset), get(offset + 8), get(offset + 16), get(offset + 24));
    }

    private void putIdentity(long offset, RingIdentity identity) {
        put(offset, identity.boot().getMostSignificantBits());
        put(offset + 8, identity.boot().getLeastSignificantBits());
        put(offset + 16, identity.creator());
        put(offset + 24, identity.place());
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
