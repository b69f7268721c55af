package io.github.shm4j.ring;

import io.github.shm4j.structure.RoleSignature;

/**
 * The role of a consumer: it has it from {@link #begin()} until it gives it back, which a handler may do while messages are
 * delivered to it, and something that is thrown must not undo.
 */
abstract sealed class ConsumerRole extends ReadCursor permits RingConsumer {

    private final RoleSignature signature;

    private volatile boolean closed;

    /** A consumer that reads nothing before it is begun. */
    ConsumerRole(RingBuffer ring, RoleSignature signature) {
        super(ring);
        this.signature = signature;
    }

    /** Begins, once the role is taken. */
    final void begin() {
        resume();
        consuming = CONSUMING;
    }

    /** Finds out what is the matter with a consumer that is not ready to read. */
    final void requireUsable() {
        if (consuming == DELIVERING || consuming == CLOSING) {
            throw new IllegalStateException("a handler must not read from the consumer that calls it, nor release");
        }
        if (closed) {
            throw new IllegalStateException("this consumer was closed");
        }
        settle();
    }

    final void endDelivery() {
        if (consuming == CLOSING) {
            consuming = CONSUMING;
            leave();
        } else {
            consuming = CONSUMING;
        }
    }

    final void settleIfPossible() {
        try {
            settle();
            if (closed) {
                leave();
            }
        } catch (Throwable again) {
            // What is wrong is found by the next call, which settles it first.
        }
    }

    /** {@return whether nobody has closed this consumer, or its handler that has still runs} */
    final boolean isOpen() {
        return !closed || consuming == CLOSING;
    }

    /** Gives the role back, now or when the handler has returned that calls this. */
    final void leave() {
        synchronized (signature) {
            closed = true;
            if (consuming == DELIVERING) {
                consuming = CLOSING;
            } else if (consuming == CONSUMING || consuming == UNSURE) {
                giveBack();
            }
        }
    }

    private void giveBack() {
        try {
            if (!signature.isHeld(memory)) {
                consuming = NOT_CONSUMING;
                return;
            }
            if (consuming == UNSURE) {
                settle();
            } else {
                publishFree();
            }
        } catch (RingException corrupted) {
            // The next consumer says so.
        } catch (Throwable failure) {
            if (consuming == CONSUMING) {
                unsureUpTo = consumed;
            }
            consuming = UNSURE;
            throw failure;
        }
        consuming = UNSURE;
        unsureUpTo = consumed;
        signature.giveBack(memory);
        consuming = NOT_CONSUMING;
    }
}
