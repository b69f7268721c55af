package io.github.shm4j.aeron;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.aeron.BlockWatch.Watched;
import io.github.shm4j.ring.RingException;
import io.github.shm4j.ring.RingSignatures;
import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.ring.RingStatistics.RoleOwner;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * A destination ring with its only producer and the journal, which say together what of the source ring is there.
 *
 * <p>The journal is told of each message before it is written. A successor sees from the end of the ring which of those that its
 * predecessor was about to write are there.
 */
final class Destination implements AutoCloseable {

    private static final int RECORD_HEADER = 8;

    private final SpscRingBuffer ring;
    private final RingIdentity identity;
    private final Journal journal;
    private final List<Watched> blocks;
    private final Arena arena;
    private final SpscProducer producer;

    /** Always open: what was written is published when it is to be noted, or when the ring is full. */
    private final SpscProducer.Batch batch;

    private RingIdentity source;

    /** Position behind the last message of the source ring that is in the destination ring. */
    private long next;

    /** Position behind that message in the destination ring, and behind all that is there. */
    private long destination;

    /** How many messages the journal was told of since it has got a state. */
    private int messages;

    private long carried;
    private long gaps;

    /** What of {@link #next} the journal has. */
    private long noted;

    private boolean left;

    /**
     * Opens a destination, and becomes the producer of its ring.
     *
     * @param ring the ring
     * @param key the key of the block for the journal
     * @throws RelayException if the ring has a producer that may be alive, if somebody else has written to it, or if the journal is
     *     of another ring
     * @throws ShmException if the journal cannot be created or opened
     */
    static Destination open(SpscRingBuffer ring, ShmKey key) throws ShmException {
        RingIdentity identity = RingIdentity.of(ring);
        // Before there is a block for a journal that is of no use.
        predecessor(ring, identity);
        Arena arena = Arena.ofShared();
        try {
            SharedMemory block = Journal.block(key);
            Journal journal = Journal.map(key, block, arena);
            List<Watched> blocks = List.of(
                    new Watched("destination ring", ring.block()), new Watched("journal " + key, block));
            return inThreadThatEnds(() -> new Destination(ring, identity, journal, blocks, arena));
        } catch (Throwable failure) {
            Closing.after(failure, arena);
            throw failure;
        }
    }

    /** Does in a thread of its own what binds the producer to its thread until that has terminated: another one may poll. */
    private static Destination inThreadThatEnds(Callable<Destination> opening) {
        FutureTask<Destination> task = new FutureTask<>(opening);
        Thread thread = new Thread(task, "relay-open");
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return switch (task.state()) {
            case SUCCESS -> task.resultNow();
            default -> throw Destination.<RuntimeException>unchecked(task.exceptionNow());
        };
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }

    /** Opens one with a journal that is mapped, and the arena that is closed with it. */
    Destination(SpscRingBuffer ring, RingIdentity identity, Journal journal, List<Watched> blocks, Arena arena) {
        this.ring = ring;
        this.identity = identity;
        this.journal = journal;
        this.blocks = blocks;
        this.arena = arena;
        long predecessor = predecessor(ring, identity);
        boolean there = journal.isThere(identity);
        boolean ours = !there || begins(journal) || predecessor == 0 || journal.knows(predecessor);
        long self = RingSignatures.of(ring).self();
        boolean signed = there && ours;
        if (signed && !journal.sign(predecessor, self)) {
            throw new RelayException("another receiver has begun to write to the " + identity
                    + " at the same moment. A relay is the only producer of its destination ring");
        }
        try {
            producer = ring.producer();
        } catch (Throwable taken) {
            if (signed) {
                journal.unsign(self);
            }
            throw taken;
        }
        boolean accepted = false;
        try {
            batch = producer.beginBatch();
            // What a killed producer has written last counts from here on.
            destination = ring.producerPosition();
            // Another receiver may have come and gone meanwhile. From here on, the journal is this one's.
            journal.open(identity, destination);
            Journal.State state = requireOwn(predecessor != 0 && ours);
            accepted = true;
            while (!journal.knows(self)) {
                journal.sign(0, self);
            }
            source = state.source();
            next = state.next();
            carried = state.carried();
            gaps = state.gaps();
            store();
        } catch (Throwable failure) {
            boolean noting = accepted;
            Closing.after(failure, () -> leave(noting));
            throw failure;
        }
    }

    /** {@return how far the relay is, if all in the ring was written by it} */
    private Journal.State requireOwn(boolean mayHaveWritten) {
        Journal.State noted = journal.state();
        if (begins(journal)) {
            return noted;
        }
        Journal.State state = mayHaveWritten || noted.destination() == destination
                ? journal.stateAt(destination, ring.capacity())
                : null;
        if (state == null) {
            throw othersHaveWritten(noted.destination());
        }
        return state;
    }

    /** {@return whether the relay has carried nothing yet: then it does not mind who has written before it} */
    private static boolean begins(Journal journal) {
        return journal.state().source().equals(RingIdentity.NONE);
    }

    /** {@return the signature of a producer that has terminated without giving the role back, or 0} */
    private static long predecessor(SpscRingBuffer ring, RingIdentity identity) {
        List<Long> before;
        List<RoleOwner> owners;
        // Who it is and whether it lives are two looks, and the first one has to be of the same producer.
        do {
            before = RingSignatures.of(ring).producers();
            owners = ring.statistics().producers();
        } while (!before.equals(RingSignatures.of(ring).producers()) || before.size() != owners.size());
        if (owners.isEmpty()) {
            return 0;
        }
        RoleOwner owner = owners.getFirst();
        if (owner.liveness() == Liveness.ALIVE || owner.liveness() == Liveness.UNKNOWN) {
            throw new RelayException("the destination ring, the " + identity + ", has a producer already: process "
                    + owner.pid() + (owner.liveness() == Liveness.ALIVE
                            ? ", which is running"
                            : " of another namespace, of which nobody can see here whether it is running")
                    + ". A relay is the only producer of its destination ring");
        }
        return before.getFirst();
    }

    private RelayException othersHaveWritten(long known) {
        return new RelayException("another producer has written to the " + identity + ": it ends at position "
                + ring.producerPosition() + ", and this relay has written up to " + known
                + ". A relay is the only producer of its destination ring. To begin anew, remove the journal:"
                + " messages that it knows to be there and that the sender was not told of yet come twice then");
    }

    RingIdentity identity() {
        return identity;
    }

    /** {@return the source ring, or that of no ring} */
    RingIdentity source() {
        return source;
    }

    /** {@return the blocks of the ring and of the journal} */
    List<Watched> blocks() {
        return blocks;
    }

    /** {@return up to where the destination ring was consumed} */
    long consumed() {
        return ring.consumerPosition();
    }

    long next() {
        return next;
    }

    /** {@return up to which position of the source ring messages are in the destination ring, whoever is killed} */
    long noted() {
        return noted;
    }

    long carried() {
        return carried;
    }

    long gaps() {
        return gaps;
    }

    int maxMessageLength() {
        return ring.maxMessageLength();
    }

    long generation() {
        return journal.generation();
    }

    /** Takes a generation that comes after another one. */
    void comeAfter(long generation) {
        journal.comeAfter(generation);
        batch.publish();
        store();
    }

    /**
     * Goes on with a source ring. If there was one before, that is a gap. If it is one that was left before, it goes on where that
     * was left.
     *
     * @param position up to which everything has left the source ring
     * @throws RelayException if so many source rings were left that the journal has no room for one more
     */
    void begin(RingIdentity from, long position) {
        batch.publish();
        long known = 0;
        if (!source.equals(from)) {
            known = journal.left(from);
            if (!source.equals(RingIdentity.NONE)) {
                journal.leave(source, next);
            }
        }
        if (!source.equals(RingIdentity.NONE)) {
            gaps++;
        }
        source = from;
        next = Math.max(known, position);
        store();
    }

    /**
     * Writes the message that comes next in the source ring.
     *
     * @param end the position behind it in the source ring
     * @return {@code false} if there is no room for it now
     */
    boolean write(int type, MemorySegment frame, long offset, int size, long end) {
        long record = recordLength(size);
        long toEnd = ring.capacity() - (destination & ring.capacity() - 1);
        long padding = record <= toEnd ? 0 : toEnd;
        long behind = destination + padding + record;
        if (messages == Journal.MOST_MESSAGES) {
            batch.publish();
            store();
        }
        journal.noteMessage(messages, end, behind);
        if (!producer.write(type, frame, offset, size)) {
            return false;
        }
        messages++;
        next = end;
        destination = behind;
        carried++;
        return true;
    }

    /** Goes on behind a position of the source ring up to which no message comes. */
    void passUpTo(long end) {
        next = Math.max(next, end);
    }

    /** {@return the length of the record of a message in a ring} */
    static long recordLength(long size) {
        return size + RECORD_HEADER + (Frames.ALIGNMENT - 1) & -Frames.ALIGNMENT;
    }

    /** Publishes and notes what was written. Before that, nothing may be confirmed. {@return whether there was anything} */
    boolean note() {
        if (next == noted) {
            return false;
        }
        batch.publish();
        store();
        return true;
    }

    private void store() {
        requireRole();
        if (ring.producerPosition() != destination) {
            throw othersHaveWritten(destination);
        }
        journal.store(source, next, destination, carried, gaps);
        messages = 0;
        noted = next;
    }

    /** Throws if somebody has taken the role over: the journal is theirs, too. */
    private void requireRole() {
        producer.positionAfter(0);
    }

    /** Gives the role of producer back. */
    @Override
    public void close() {
        if (!left) {
            try {
                leave(true);
            } finally {
                arena.close();
            }
        }
    }

    /**
     * Gives the role back.
     *
     * @param noting whether the journal gets to know where the ring ends. Something may have been thrown after a message was
     *     written and before that was noted: then the journal itself says how far the relay is
     */
    private void leave(boolean noting) {
        boolean noted = false;
        try {
            if (noting) {
                batch.publish();
                requireRole();
                Journal.State last = journal.stateAt(ring.producerPosition(), ring.capacity());
                if (last != null) {
                    journal.store(last.source(), last.next(), last.destination(), last.carried(), last.gaps());
                    noted = true;
                }
            }
        } catch (RingException | RelayException lost) {
            // The role was taken over, or memory overwritten: the next receiver says so.
        } finally {
            left = true;
            producer.close();
        }
        if (noted) {
            journal.forgetProducers();
        }
    }
}
