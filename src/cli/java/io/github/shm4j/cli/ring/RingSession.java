package io.github.shm4j.cli.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.RmidForced;
import io.github.shm4j.cli.terminal.BrokenPipe;
import io.github.shm4j.ring.MessageHandler;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingException;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * This process's role in a ring, which it gives back when it terminates, also by Ctrl-C or SIGTERM.
 *
 * <p>When the JVM is told to end, the thread that uses the ring may hang in a pipe that nobody reads or fills. So the hook
 * gives the role back in its place, and all that the thread does with the ring it does under a lock; what it does with
 * pipes, it does without. From then on its calls throw an {@link InterruptedException}.
 */
final class RingSession implements AutoCloseable {

    /** For how long a JVM that terminates waits until the messages are written that were taken out of the ring for it. */
    private static final long LONGEST_DELIVERY_MILLIS = 1000;

    /** How long to wait before looking whether there is still anybody to wait for. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final Arena arena = Arena.ofShared();
    private final Thread user = Thread.currentThread();
    private final Thread hook = new Thread(this::end, "end-of-ring");
    private final LongConsumer interrupted;
    private final SharedMemory block;
    private final RingBuffer ring;
    private final boolean takingOver;
    private RingProducer producer;
    private RingConsumer consumer;
    private long written;
    private boolean delivering;
    private boolean closed;
    private boolean finished;
    private volatile boolean ending;

    /** Guards whether the user waits for the ring. The session's own lock is held for as long as that lasts. */
    private final Object interruption = new Object();

    private boolean waiting;

    private RingSession(BlockArgument named, boolean takingOver, LongConsumer interrupted) throws IOException {
        this.interrupted = interrupted;
        this.takingOver = takingOver;
        try {
            block = RmidForced.open(named, "");
            try {
                ring = RingBuffer.open(block, AttachMode.READ_WRITE, arena);
            } catch (RingException noRing) {
                throw NoRing.failure(named, block.attach(AttachMode.READ_ONLY, arena), noRing);
            }
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    static RingSession open(BlockArgument named, boolean takingOver) throws IOException {
        return open(named, takingOver, written -> {});
    }

    /**
     * Opens the ring.
     *
     * @param takingOver whether to take the role from whoever has it
     * @param interrupted is given the number of messages that were written if the JVM is told to terminate before the session is
     *     closed
     */
    static RingSession open(BlockArgument named, boolean takingOver, LongConsumer interrupted) throws IOException {
        RingSession session = new RingSession(named, takingOver, interrupted);
        try {
            Runtime.getRuntime().addShutdownHook(session.hook);
        } catch (IllegalStateException alreadyEnding) {
            // There is no role yet that would have to be given back.
        }
        return session;
    }

    /** {@return whether the JVM is ending, which is why calls are interrupted} */
    boolean isEnding() {
        return ending;
    }

    /** {@return whether the ring has room for one producer only} */
    boolean isForOneProducer() {
        return ring.kind() == RingKind.SPSC;
    }

    int maxMessageLength() {
        return ring.maxMessageLength();
    }

    /** {@return whether the message was written; {@code false} if there was no room for as long as the timeout says} */
    synchronized boolean write(int type, MemorySegment source, long offset, int length, Duration timeout)
            throws IOException, InterruptedException {
        requireGoingOn();
        MemorySegment message = source.asSlice(offset, length);
        boolean done = await(timeout, part -> producer().write(type, message, WaitStrategy.BLOCKING, part));
        written += done ? 1 : 0;
        return done;
    }

    private RingProducer producer() {
        if (producer == null) {
            producer =
                    takingOver && ring instanceof SpscRingBuffer single ? single.takeOverProducer() : ring.producer();
        }
        return producer;
    }

    private RingConsumer consumer() {
        if (consumer == null) {
            consumer = takingOver ? ring.takeOverConsumer() : ring.consumer();
        }
        return consumer;
    }

    /**
     * Takes messages out of the ring as {@link RingConsumer#peek} does: they stay there until they are {@link #consume
     * consumed}.
     *
     * @return the number of messages, at most 1
     */
    synchronized int peek(MessageHandler handler) throws InterruptedException {
        requireGoingOn();
        int messages = consumer().peek(handler, 1);
        delivering |= messages != 0;
        return messages;
    }

    /** Waits for a message, at least so long that one comes to light which a dead producer's last attempt hides. */
    synchronized boolean awaitMessage(Duration timeout) throws IOException, InterruptedException {
        requireGoingOn();
        boolean hidden = ring.backlog() != 0 && timeout.compareTo(RingConsumer.RECOVERY_TIME) < 0;
        return await(hidden ? RingConsumer.RECOVERY_TIME : timeout, part -> {
            // Who waits to write something notices only so that nobody is left to read it.
            BrokenPipe.check();
            return consumer().awaitMessage(WaitStrategy.BLOCKING, part);
        });
    }

    /** Waits for a part of the time that is left; {@return whether that was enough} */
    @FunctionalInterface
    private interface Wait {
        boolean await(Duration part) throws IOException, InterruptedException;
    }

    private boolean await(Duration timeout, Wait wait) throws IOException, InterruptedException {
        synchronized (interruption) {
            requireGoingOn();
            waiting = true;
        }
        try {
            return awaitInterruptibly(timeout, wait);
        } finally {
            synchronized (interruption) {
                waiting = false;
                if (ending) {
                    // It was for this wait only: an interrupted thread would close the standard stream that it uses next.
                    Thread.interrupted();
                }
            }
        }
    }

    private boolean awaitInterruptibly(Duration timeout, Wait wait) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Duration left = timeout;
        while (!wait.await(left.compareTo(BETWEEN_LOOKS) < 0 ? left : BETWEEN_LOOKS)) {
            left = timeout.minusNanos(System.nanoTime() - begin);
            if (!left.isPositive()) {
                return false;
            }
            requireOthers();
        }
        return true;
    }

    /** Ends a wait that would never end: nobody finds a block by its key any more that has been removed. */
    private void requireOthers() throws IOException {
        ShmStatus status = block.status();
        if (status.markedForRemoval() && status.attachCount() <= 1) {
            throw new IOException("the ring's block " + block.id() + " has been removed, and nobody else uses it");
        }
    }

    /** Copies from a message, which is not touched any more once the role was given back. */
    synchronized void copy(MemorySegment source, long offset, byte[] target, int length) throws InterruptedException {
        requireOpen();
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, target, 0, length);
    }

    /** Consumes all messages that were taken out. */
    synchronized void consume() throws InterruptedException {
        requireOpen();
        consumer().release();
        delivered();
    }

    /** Consumes the first ones of the messages that were taken out, leaves the others in the ring, and ends the session. */
    synchronized void consumeOnly(int messages) throws InterruptedException {
        requireOpen();
        consumer().release(messages);
        giveBack();
        delivered();
    }

    private void delivered() {
        delivering = false;
        notifyAll();
    }

    private void requireGoingOn() throws InterruptedException {
        if (ending) {
            throw new InterruptedException("the program is ending");
        }
    }

    private void requireOpen() throws InterruptedException {
        if (closed) {
            throw new InterruptedException("the role in the ring was given back");
        }
    }

    private void giveBack() {
        if (!closed) {
            closed = true;
            if (producer != null) {
                producer.close();
            }
            if (consumer != null) {
                consumer.close();
            }
        }
    }

    private void end() {
        synchronized (interruption) {
            ending = true;
            if (waiting) {
                // It does so under the lock.
                user.interrupt();
            }
        }
        long count;
        synchronized (this) {
            long end = System.nanoTime() + LONGEST_DELIVERY_MILLIS * 1_000_000;
            try {
                for (long left = LONGEST_DELIVERY_MILLIS; delivering && left > 0;) {
                    wait(left);
                    left = (end - System.nanoTime()) / 1_000_000;
                }
            } catch (InterruptedException hurried) {
                // Then without waiting.
            }
            giveBack();
            if (finished) {
                return;
            }
            count = written;
        }
        interrupted.accept(count);
    }

    @Override
    public void close() {
        try (arena) {
            synchronized (this) {
                finished = !ending;
                delivered();
                giveBack();
            }
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException hookRuns) {
                // It finds that nothing is left to do.
            }
        }
    }
}
