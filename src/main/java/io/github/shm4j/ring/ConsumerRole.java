package io.github.shm4j.ring;

/**
 * The role of a consumer. A consumer has the role from {@link #begin()} until it gives it back. A handler may close the consumer
 * that delivers to it: the consumer then gives the role back when the handler has returned or thrown.
 */
abstract sealed class ConsumerRole extends ReadCursor permits RingConsumer {

    private volatile boolean closed;

    /** A consumer that reads nothing before it is begun. */
    ConsumerRole(RingBuffer ring, RingRole<RingConsumer> role) {
        super(ring, role);
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
        reconcile();
    }

    final void endDelivery() {
        if (consuming == CLOSING) {
            consuming = CONSUMING;
            leave();
        } else {
            consuming = CONSUMING;
        }
    }

    final void reconcileIfPossible() {
        try {
            if (closed) {
                // The role may have been given back already. It may be another object's by now.
                leave();
            } else {
                reconcile();
            }
        } catch (Throwable again) {
            // What is wrong is found by the next call, which reconciles it first.
        }
    }

    /** {@return whether this consumer was not closed, or the handler that has closed it has not returned yet, and has its role} */
    final boolean isOpen() {
        return (!closed || consuming == CLOSING) && !hasLostRole(memory);
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
            if (hasLostRole(memory)) {
                // The signature may be another object's by now.
                consuming = NOT_CONSUMING;
                return;
            }
            if (consuming == UNSURE) {
                reconcile();
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
