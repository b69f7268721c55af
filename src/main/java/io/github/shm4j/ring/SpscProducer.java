package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * The producer of a ring for one.
 *
 * <p>It is for one thread: the first that calls it, until that one has terminated. Where assertions are enabled, a call of
 * another thread is an {@link AssertionError}, unless it closes the producer.
 *
 * @see RingProducer
 */
public final class SpscProducer extends SpscWriteCursor {

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

    private final Batch batch = new Batch();

    /** A producer that writes nothing before it is begun. */
    SpscProducer(SpscRingBuffer ring, RingRole<SpscProducer> role) {
        super(ring, role);
    }

    /** Begins, once the role is taken. */
    void begin() {
        resume();
        room = roomInOnePiece();
        producing = READY;
    }

    @Override
    public boolean write(int type, MemorySegment source, long offset, long length) {
        assert thread.isThis() : thread.isAnother("producer");
        requireMessage(type, length);
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        // In a local variable, so that the compiler need not look after each barrier what kind of segment it is.
        MemorySegment memory = this.memory;
        int lengthWithHeader = (int) length + RECORD_HEADER;
        long record = RingLayout.recordLength(lengthWithHeader);
        try {
            requireRole(memory);
            if (record > room - position && !makeRoom(memory, record)) {
                return false;
            }
            long position = this.position;
            long begin = data + (position & mask);
            BulkCopy.copy(source, offset, memory, begin + RECORD_HEADER, length);
            if (length >= BulkCopy.LARGE) {
                // Once more: into memory that the system has yet to find, a copy can take longer than whoever takes over waits.
                // Beside one of this length, a look costs nothing.
                requireRole(memory);
            }
            append(memory, begin, RingLayout.committed(type, lengthWithHeader), position + record);
        } catch (Throwable failure) {
            // The source is closed, belongs to another thread, or is a file that was cut off while it was copied; or the
            // stack is exhausted, so that nothing is called here.
            if (producing == READY) {
                producing = UNSURE;
                room = NO_ROOM;
            }
            throw failure;
        }
        return true;
    }

    @Override
    public boolean tryClaim(int type, int length, Claim claim) {
        assert thread.isThis() : thread.isAnother("producer");
        claim.requireNotOpen();
        requireMessage(type, length);
        long record = RingLayout.recordLength(length + RECORD_HEADER);
        try {
            requireRole(memory);
            if (record > room - position && !makeRoom(memory, record)) {
                return false;
            }
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            if (producing == READY) {
                producing = UNSURE;
                room = NO_ROOM;
            }
            throw failure;
        }
        producing = CLAIMING;
        room = NO_ROOM;
        claim.producer = this;
        claim.memory = memory;
        claim.offset = data + (position & mask) + RECORD_HEADER;
        claim.type = type;
        claim.length = length;
        claim.position = position;
        // It may have been used in a ring for many.
        claim.slot = null;
        return true;
    }

    /**
     * Begins a batch.
     *
     * <p>What it writes or commits from now on reaches the consumer when the batch is published or closed: all of it at
     * once, with a single store. That saves work for each message, and keeps the consumer from looking at what is just being
     * written. More messages get through, and each of them arrives later.
     *
     * {@snippet :
     * try (var _ = producer.beginBatch()) {
     *     while (hasNext() && producer.write(type, next())) {
     *     }
     * }
     * }
     *
     * <p>If a batch is open, its messages are published, and it goes on. An exhausted stack can keep the {@code close()} of a
     * batch from running.
     *
     * @return the batch, which is the same object each time
     * @throws IllegalStateException if this producer was closed
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     */
    public Batch beginBatch() {
        assert thread.isThis() : thread.isAnother("producer");
        if (ending && producing == UNSURE) {
            beginProducing();
        }
        if (batching) {
            publishBatch();
            return batch;
        }
        if (producing != READY) {
            beginProducing();
        }
        batching = true;
        return batch;
    }

    /**
     * Messages that reach the consumer together.
     *
     * <p>If there is no room for a further message, those written so far are published at once, as the consumer has to
     * read them to make room. If the producer's process is killed, what was not published has never been written.
     *
     * <p>A batch is for the producing thread.
     */
    public final class Batch implements AutoCloseable {

        private Batch() {}

        /**
         * Publishes the messages so far. The batch goes on.
         *
         * @throws RingRoleLostException if there are such messages, and somebody has taken the role over: they are lost
         */
        public void publish() {
            assert thread.isThis() : thread.isAnother("producer");
            publishBatch();
        }

        /**
         * Publishes the messages and ends the batch.
         *
         * @throws RingRoleLostException if there are such messages, and somebody has taken the role over: they are lost
         */
        @Override
        public void close() {
            try {
                endBatch();
            } catch (Throwable failure) {
                // Nobody may call this again. Nothing is called here: the stack may be exhausted.
                ending = batching;
                if (producing == READY) {
                    producing = UNSURE;
                    room = NO_ROOM;
                }
                throw failure;
            }
        }
    }

    @Override
    void commit(Claim claim) {
        assert thread.isThis() : thread.isAnother("producer");
        try {
            if (!signature.isSigned(memory)) {
                signature.forget(signing);
                stopProducing();
                batching = false;
                throw role.lost();
            }
            requireRole(memory);
            int lengthWithHeader = claim.length + RECORD_HEADER;
            append(memory, claim.offset - RECORD_HEADER, RingLayout.committed(claim.type, lengthWithHeader),
                    claim.position
                            + RingLayout.recordLength(lengthWithHeader));
            becomeReady();
            claim.producer = null;
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            if (producing == CLAIMING) {
                producing = UNSURE;
                room = NO_ROOM;
            }
            claim.producer = null;
            throw failure;
        }
    }

    @Override
    void abort(Claim claim) {
        assert thread.isThis() : thread.isAnother("producer");
        try {
            leaveUnpublished(claim.position + RingLayout.recordLength(claim.length + RECORD_HEADER));
            becomeReady();
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            producing = UNSURE;
            claim.producer = null;
            throw failure;
        }
        claim.producer = null;
    }

    private void becomeReady() {
        if (ending) {
            producing = UNSURE;
        } else {
            room = roomInOnePiece();
            producing = READY;
        }
    }

    @Override
    public long failedClaims() {
        return failed - failedBefore;
    }

    /** {@return whether this producer was not closed and has not lost its role} */
    boolean isOpen() {
        return !closed && producing != NOT_PRODUCING && !hasLostRole(memory);
    }

    /** Closes this producer, in which something may have been thrown when it was. */
    void leave() {
        // One that has lost its role says so itself: it has nothing to give back, and may have an open claim.
        if (!hasLostRole(memory)) {
            close();
        }
    }

    @Override
    void requireOpen() {
        assert thread.isThis() : thread.isAnother("producer");
        if (closed) {
            throw closed();
        }
        requireRole(memory);
    }

    @Override
    public void close() {
        synchronized (signature) {
            giveBack();
        }
    }

    private void giveBack() {
        requireNoOpenClaim();
        closed = true;
        if (full != null) {
            noteRoom();
        }
        VarHandle.fullFence();
        room = NO_ROOM;
        if (producing == NOT_PRODUCING) {
            // The role may be another object's by now.
            return;
        }
        if (!signature.isHeld(memory)) {
            producing = NOT_PRODUCING;
            return;
        }
        if (hasLostRole(memory)) {
            // The signature may be another object's by now.
            boolean unpublished = batching && publishedPosition != position;
            stopProducing();
            batching = false;
            if (unpublished) {
                throw role.lost();
            }
            return;
        }
        try {
            publishBatch();
        } catch (RingRoleLostException lost) {
            stopProducing();
            batching = false;
            throw lost;
        } catch (RingException corrupted) {
            // The next producer says so.
        }
        batching = false;
        // If it cannot be given back now, the next call finds out.
        producing = UNSURE;
        room = NO_ROOM;
        signature.giveBack(memory);
        producing = NOT_PRODUCING;
    }
}
