package io.github.shm4j.ring;

import java.lang.foreign.MemorySegment;

/**
 * Room for one message in a ring, to be filled in place.
 *
 * <p>A producer makes one, lets {@link RingProducer#tryClaim tryClaim} set it, writes the message into the ring's own memory
 * and commits. The object can be used again for the next claim, so that claiming allocates nothing. Nobody sees the message
 * before {@link #commit()}; {@link #abort()} gives the room back. {@link #close()} aborts what was not committed, so a
 * {@code try} block leaves no claim open:
 *
 * {@snippet class="Example06FanIn" region="child"}
 *
 * <p>An open claim holds up the consumer of a ring with many producers, since messages are delivered in order: keep it for
 * as long as it takes to write the message. If the process terminates meanwhile, the consumer skips the claim.
 *
 * <p>A claim is for one thread at a time.
 */
public final class Claim implements AutoCloseable {

    // Set by the producer. While the claim is not open, producer is null.
    RingProducer producer;
    MemorySegment memory;
    long offset;
    int type;
    int length;
    long position;

    /** In a ring with many producers only. */
    Slot slot;

    /** Makes a claim that is not open. */
    public Claim() {}

    /**
     * Returns if the claim is open: set by {@code tryClaim}, and neither committed nor aborted.
     *
     * @return whether the claim is open
     */
    public boolean isOpen() {
        return producer != null;
    }

    /**
     * Returns the memory of the ring, in which the message begins at {@link #offset()}.
     *
     * <p>Writing elsewhere in it corrupts the ring; {@link #segment()} has nothing else.
     *
     * @return the memory of the whole ring
     * @throws IllegalStateException if the claim is not open
     */
    public MemorySegment memory() {
        requireOpen();
        return memory;
    }

    /**
     * Returns where the message begins.
     *
     * @return the offset in {@link #memory()}
     * @throws IllegalStateException if the claim is not open
     */
    public long offset() {
        requireOpen();
        return offset;
    }

    /**
     * Returns the length of the message, as it was claimed.
     *
     * @return the length in bytes
     * @throws IllegalStateException if the claim is not open
     */
    public int length() {
        requireOpen();
        return length;
    }

    /**
     * Returns the memory of the message and nothing else.
     *
     * <p>The segment stays accessible after the claim was committed or aborted. Do not use it then: the bytes belong to
     * others.
     *
     * @return the ring's own memory, {@link #length()} bytes of it
     * @throws IllegalStateException if the claim is not open
     */
    public MemorySegment segment() {
        requireOpen();
        return memory.asSlice(offset, length);
    }

    /**
     * Sends the message.
     *
     * <p>Whatever is thrown, the claim is not open any more. The message was not sent if a {@link RingException} is thrown.
     *
     * @throws IllegalStateException if the claim is not open, because it was committed or aborted already
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws ClaimLostException if the ring is for many producers and the claim was given away
     */
    public void commit() {
        requireOpen();
        end(true);
    }

    /**
     * Gives the room back. Nothing is sent. Whatever is thrown, the claim is not open any more.
     *
     * <p>In a ring for one producer this stores nothing, and so does not say whether somebody has taken the role over.
     *
     * @throws IllegalStateException if the claim is not open, because it was committed or aborted already
     * @throws ClaimLostException if the ring is for many producers and the claim was given away
     */
    public void abort() {
        requireOpen();
        end(false);
    }

    /**
     * Aborts the claim if it is open. Whatever is thrown, it is not open any more.
     *
     * @throws ClaimLostException if the ring is for many producers and the claim was given away
     */
    @Override
    public void close() {
        if (producer != null) {
            end(false);
        }
    }

    /** Lets the producer commit or abort, which notes that the claim is not open any more when it has begun with it. */
    private void end(boolean committing) {
        try {
            if (committing) {
                producer.commit(this);
            } else {
                producer.abort(this);
            }
        } catch (Throwable failure) {
            // It had not begun. Nobody may have this claim any more to close it again. Nothing is called here: the stack may be exhausted.
            if (producer != null) {
                if (slot != null) {
                    slot.state = Slot.ABANDONED;
                    slot.all.abandoned = true;
                }
                producer.abandoned = true;
                producer = null;
            }
            throw failure;
        }
    }

    void requireNotOpen() {
        if (producer != null) {
            throw new IllegalStateException("the claim is open: commit or abort it before it is used again");
        }
    }

    private void requireOpen() {
        if (producer == null) {
            throw new IllegalStateException("the claim is not open: not claimed yet, or committed or aborted already");
        }
    }
}
