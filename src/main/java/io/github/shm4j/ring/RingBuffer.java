package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.structure.Header;
import io.github.shm4j.structure.InBlocks;
import io.github.shm4j.structure.RoleSignature;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A ring of messages in shared memory.
 *
 * <p>Producers write messages, a consumer reads them in the same order. Each message has a type and a length; it lies in
 * the ring in one piece, and is read where it lies. Any {@link MemorySegment} that processes share can hold a ring. The
 * convenient way is a block of its own, which outlives them as {@link io.github.shm4j.SharedMemory} says:
 *
 * {@snippet class="Example08Ring" region="ring"}
 *
 * <h2>Who may do what</h2>
 *
 * <p>Opening a ring is enough to look at it: its kind and size, how far it is, what waits in it. A read-only mapping will do,
 * and any number of threads can share the object. It holds nothing, so there is nothing to close.
 *
 * <p>A process that acts in a ring has a role there, which is an object of its own: {@link #consumer()} gives the
 * {@link RingConsumer}, and {@link #producer()} a {@link RingProducer}. The process has the role until it closes that object, or
 * terminates. As long as it may be alive, others who ask for the role get a {@link RingOccupiedException}.
 *
 * <h2>Processes that terminate at any moment</h2>
 *
 * <p>A process may be killed, or stopped and continued, at any instruction; the others go on:
 * <ul>
 * <li>Of a producer that is killed, each message is either delivered whole or not at all. What it has claimed and not
 * committed is skipped and counted in the {@link #statistics()}.
 * <li>After a consumer is killed, the next one goes on behind the last message whose handler had returned, so that at most
 * the message which was being handled is delivered twice: <b>at least once</b>, and exactly once as long as no consumer
 * is killed. Meanwhile the ring fills, and producers are told that there is no room.
 * <li>A producer or consumer that is alive but stopped is waited for: it never loses what it has claimed.
 * <li>If the creator is killed before the ring is complete, others get a {@link RingFormatException} that says so.
 * </ul>
 *
 * <p>Something may be thrown out of a call at any instruction, too, such as a {@link StackOverflowError}. The next call of the
 * role finds out how far that call had come, and so does closing it. The message of a call that has thrown may have been written
 * or not. The message that was being delivered when the stack was exhausted is delivered again, once.
 *
 * <p>A process is known by its pid and its start time, so one that has got the pid of another later is not taken for
 * it. A process of another pid or time namespace than the ring's creator cannot be seen, and counts as alive until it
 * gives its role back, or until nobody else has the block attached. A ring that is kept in a file does not survive a restart of the
 * machine: create it anew.
 *
 * <h2 id="take-over">Taking a role over</h2>
 *
 * <p>{@link #takeOverConsumer()} and {@link SpscRingBuffer#takeOverProducer()} take a role from whoever has it, alive or not. They
 * are for whoever knows better than the library, which cannot see a process of another pid namespace, such as that of another
 * container. Call them where the owner has certainly terminated, or must not go on. They are not for the ordinary start of a
 * program: two that take over from each other have one role between them, and it is not always the same one's.
 *
 * <p>If the owner is alive, its next call throws a {@link RingRoleLostException}. The taker waits for half a second, so that the
 * owner can finish what it had begun to store. If the owner is stopped for longer than that, just between its look at whether it
 * has the role and what it stores then, and goes on later, it overwrites what the taker has done since: messages can be lost,
 * wrong, cut off or delivered again, and everybody can get a {@link RingCorruptedException}.
 *
 * <p>Where nobody has the role, taking it over is the same as taking it, and does not wait.
 *
 * <p>The objects of one process are told apart, whatever mappings of the memory they use, and whoever has made these. Two copies of
 * the library in one JVM, as two class loaders can have them, do not know what the other one does: an owner there which cannot tell
 * whether it was robbed stops, and throws {@link RingRoleLostException}, too. A block counts as attached by another process as long as
 * this one has attached it by other means than the library, or by another copy of it.
 *
 * <h2>Memory</h2>
 *
 * <p>The memory is not trusted. Any other process may change any byte of it at any time; the worst that can happen is
 * that messages are lost or wrong, or a {@link RingCorruptedException}.
 *
 * <p>What a producer writes before it commits, in the ring or elsewhere in shared memory, is visible to the consumer when
 * its handler is called with the message.
 *
 * <p>Of the arenas that a block can be attached in, a shared one and the global one serve a ring best. In a confined one each
 * access compares the thread with the arena's, which for small messages is a tenth of the work.
 * A shared arena cannot be closed while another thread copies a large message into the ring or sleeps until there is one:
 * {@link java.lang.foreign.Arena#close()} throws an {@link IllegalStateException} then. Let all threads that use the ring
 * terminate first: JDK 25.0.3 has been seen to access memory after its shared arena was closed, which ends the JVM.
 *
 * <p>Close producers and consumers before their arena. If a ring has attached its block itself, as {@code open} and {@code create} with a key
 * do, the end of the arena gives back the roles that nobody has closed, and open claims with them. In other memory they are
 * held until the process terminates, and an open claim, or a write that the end of the arena has cut off, holds up the consumer
 * of a ring with many producers until then. What a batch has not published is lost in either case.
 *
 * <h2>Layout</h2>
 *
 * <p>All numbers are in the byte order of the machine, and aligned to their size. What different processes write lies 128
 * bytes apart.
 *
 * <pre>
 *  offset  size
 *       0     8  magic number 0x73686d346a726e67, "shm4jrng"
 *       8     4  version, 1; written last
 *      12     4  kind: 1 SPSC, 2 MPSC
 *      16     8  capacity C in bytes, a power of two
 *      24     4  number of slots S for producers
 *      32     8  pid namespace of the creator
 *      40     8  time namespace of the creator
 *      48     8  creator
 *     128     8  producer position
 *     256     8  free position
 *     264     8  cleared from
 *     384     8  consumer
 *     392     8  consumer position
 *     400     8  messages read
 *     408     8  bytes read
 *     416     8  records skipped
 *     424     8  bytes skipped
 *     432     8  longest backlog
 *     440     8  consumer successions
 *     512     4  consumer sleeps
 *     640     4  producers sleep
 *     768        S slots of 128 bytes:
 *             8    producer
 *             8    claim: its position + 1, 0 if none
 *             8    failed claims
 *             8    producer successions, SPSC only
 *   768+128S  C  records, each aligned to 8 bytes:
 *             4    length with these 8 bytes; negative while the record is claimed; 0 where there is none
 *             4    type, greater than 0; -1 padding
 *                  message
 * </pre>
 *
 * <p>Length and type are one {@code long}, the length in its lower half. Positions count bytes since the ring was created;
 * the record at position p begins at byte p modulo C of the records. The file {@code docs/ring-protocol.md} says who may
 * change what, and why that is enough.
 */
public abstract sealed class RingBuffer permits SpscRingBuffer, MpscRingBuffer {

    /**
     * The outcome of an {@code openOrCreate}.
     *
     * @param <R> the kind of ring
     * @param ring the ring
     * @param created {@code true} if this call has created it, {@code false} if it was there
     */
    public record Opened<R extends RingBuffer>(R ring, boolean created) {}

    static final Duration TIMEOUT = Header.TIMEOUT;

    final MemorySegment memory;
    final long capacity;
    final long mask;
    final int maxMessageLength;

    /** Where the records begin. */
    final long data;

    final int slots;

    /** This process, as it signs what it claims. */
    final long self;

    /** Whether the pids in this ring mean something here. */
    final boolean sharesNamespaces;

    final Backing backing;

    final FutexWaiters sleepingConsumer;
    final FutexWaiters sleepingProducers;

    private final SharedMemory block;
    private final RingRole<RingConsumer> consumer;

    RingBuffer(MemorySegment memory, Header header, SharedMemory block) {
        this.block = block;
        this.data = RingLayout.dataOffset(header.count());
        this.capacity = header.length();
        this.memory = memory.asSlice(0, header.size());
        this.backing = new Backing(this.memory);
        this.mask = capacity - 1;
        this.slots = header.count();
        this.maxMessageLength = RingLayout.maxMessageLength(capacity);
        this.self = header.self();
        this.sharesNamespaces = header.sharesNamespaces();
        this.consumer =
                new RingRole<>(this, "consumer", RingLayout.CONSUMER_OFFSET, RingLayout.CONSUMER_SUCCESSIONS_OFFSET,
                        RingConsumer::isOpen, RingConsumer::begin, RingConsumer::leave);
        this.sleepingConsumer = new FutexWaiters(this.memory, RingLayout.CONSUMER_SLEEP_OFFSET);
        this.sleepingProducers = new FutexWaiters(this.memory, RingLayout.PRODUCER_SLEEP_OFFSET);
        if (!memory.isReadOnly()) {
            RingPreparation.prepare();
        }
    }

    /**
     * Returns whether some memory holds a ring, complete or being created. A ring that was damaged is one, too: opening it
     * says what is wrong.
     *
     * @param memory the memory; may be read-only, of any size and alignment
     * @return whether its first bytes are those of a ring
     */
    public static boolean isRing(MemorySegment memory) {
        return Header.isIn(memory, RingFormat.ANY);
    }

    /**
     * Creates a ring of either kind in memory that is all zeros, as {@link SpscRingBuffer#create(MemorySegment, long)} and
     * {@link MpscRingBuffer#create(MemorySegment, long)} do.
     *
     * @param memory the memory, of at least {@link RingKind#sizeFor kind.sizeFor(capacity)} bytes
     * @param kind the kind of ring
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the ring, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64, or if the memory is too small,
     *     read-only or not aligned to 8 bytes
     * @throws RingFormatException if the memory is not all zeros, because it holds a ring already or something else
     * @throws RingMemoryException if the system has no memory for the beginning of the ring
     */
    public static RingBuffer create(MemorySegment memory, RingKind kind, long capacity) {
        return switch (kind) {
            case SPSC -> SpscRingBuffer.create(memory, capacity);
            case MPSC -> MpscRingBuffer.create(memory, capacity);
        };
    }

    /**
     * Opens the ring in some memory, whichever kind it is, waiting up to a second for its creator.
     *
     * @param memory the memory; may be read-only if the ring is only to be looked at
     * @return the ring
     * @throws RingFormatException if the memory holds no complete ring of a known version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     */
    public static RingBuffer open(MemorySegment memory) {
        return open(memory, TIMEOUT);
    }

    /**
     * Opens the ring in some memory, whichever kind it is.
     *
     * @param memory the memory; may be read-only if the ring is only to be looked at
     * @param timeout how long to wait for a creator that is still at work; an interrupt ends the wait early
     * @return the ring
     * @throws RingFormatException if the memory holds no complete ring of a known version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     */
    public static RingBuffer open(MemorySegment memory, Duration timeout) {
        return open(memory, timeout, null);
    }

    private static RingBuffer open(MemorySegment memory, Duration timeout, SharedMemory block) {
        Header header = RingFormat.ANY.open(memory, timeout);
        return switch (RingFormat.kind(header.number())) {
            case SPSC -> new SpscRingBuffer(memory, header, block);
            case MPSC -> new MpscRingBuffer(memory, header, block);
        };
    }

    /**
     * Opens the ring in a block, whichever kind it is, waiting up to a second for its creator. The caller has to judge
     * whose block it is.
     *
     * @param block the block
     * @param mode {@link AttachMode#READ_ONLY} if the ring is only to be looked at
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws RingFormatException if the block holds no complete ring of a known version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmException if the block cannot be mapped
     */
    public static RingBuffer open(SharedMemory block, AttachMode mode, Arena arena) throws ShmException {
        return inBlocks().open(block, mode, arena);
    }

    /**
     * Opens the ring in the block that has a key, whichever kind it is, to look at it: its block need not be writable. It must be
     * this user's or root's.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws RingFormatException if the block holds no complete ring of a known version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmUntrustedException if the block is somebody else's
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static RingBuffer openReadOnly(ShmKey key, Arena arena) throws ShmException {
        return openReadOnly(key, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the ring in the block that has a key, whichever kind it is, to look at it: its block need not be writable.
     *
     * @param key the key
     * @param trust whose block it may be
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws RingFormatException if the block holds no complete ring of a known version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmUntrustedException if the block is somebody's who is not trusted
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static RingBuffer openReadOnly(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
        return inBlocks().open(key, trust, AttachMode.READ_ONLY, arena);
    }

    private static InBlocks<RingBuffer> inBlocks() {
        return new InBlocks<>(RingFormat.ANY, RingBuffer::open, RingBuffer::beforeDetach);
    }

    /**
     * Returns the kind of ring this is.
     *
     * @return the kind
     */
    public abstract RingKind kind();

    /**
     * Returns the block that the ring lies in, if the ring was opened or created there by its key or its {@link SharedMemory}.
     *
     * @return the block
     * @throws IllegalStateException if the ring was opened or created in a {@link MemorySegment}, of which nobody knows whether it
     *     is a block
     */
    public final SharedMemory block() {
        if (block == null) {
            throw new IllegalStateException("the ring was opened in a memory segment: it does not know a block");
        }
        return block;
    }

    /**
     * Removes the block that the ring lies in, and with it what waits in the ring, as {@link SharedMemory#remove()} does. Those
     * who have it mapped can go on using it.
     *
     * <p>It is removed by its id: if another block has the key meanwhile, that one stays.
     *
     * @throws ShmException if the block cannot be removed, as when it was removed before
     * @throws IllegalStateException if the ring was opened or created in a {@link MemorySegment}
     */
    public final void remove() throws ShmException {
        block().remove();
    }

    /**
     * Becomes the consumer. It goes on behind the last message that was consumed.
     *
     * <p>If this call fails and something else, such as an exhausted stack, keeps it from giving the role back, the next call for
     * this object gives it back.
     *
     * @return the consumer, which others cannot be until it is closed
     * @throws RingOccupiedException if the ring has a consumer, in this process or another one that may be alive
     * @throws RingRoleLostException if another process has taken the role over before this call was complete
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public final RingConsumer consumer() {
        return consumer.take(new RingConsumer(this, consumer));
    }

    /**
     * Becomes the consumer in the place of another process, whether that is alive or not.
     *
     * <p>{@linkplain RingBuffer##take-over Taking a role over} is for whoever knows that its owner has terminated. If that is alive, its
     * next call that reads, peeks, waits or releases throws a {@link RingRoleLostException}. The message that its handler is
     * working on at this moment is delivered here again, and what it holds in its hands can change.
     *
     * @return the consumer, which others cannot be until it is closed
     * @throws RingOccupiedException if this process has the role, through this or another object: close that consumer
     * @throws RingRoleLostException if a third process has taken the role over before this call was complete
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public final RingConsumer takeOverConsumer() {
        return consumer.takeOver(new RingConsumer(this, consumer));
    }

    /**
     * Becomes a producer.
     *
     * <p>If this call fails and something else, such as an exhausted stack, keeps it from giving the role back, the next call for
     * this object gives it back.
     *
     * @return the producer
     * @throws RingOccupiedException if the ring has a producer and is for one only, in this process or another one that may be
     *     alive; or if as many producers are there as the ring has slots
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public abstract RingProducer producer();

    final void requireWritable() {
        if (memory.isReadOnly()) {
            throw new IllegalStateException("the memory of the ring is read-only here: neither writing nor reading"
                    + " messages is possible");
        }
    }

    /** Returns the records, for one who looks at them. */
    abstract Records records();

    /**
     * Returns the size of the ring.
     *
     * @return the number of bytes for records, a power of two
     */
    public final long capacity() {
        return capacity;
    }

    /**
     * Returns how long a message can be.
     *
     * @return the length in bytes, an eighth of the capacity
     */
    public final int maxMessageLength() {
        return maxMessageLength;
    }

    /**
     * Returns how far the producers are.
     *
     * <p>In a ring for one producer that was killed, this may leave out what it published last, until the next one comes.
     *
     * @return the number of bytes claimed since the ring was created, record headers and padding included
     */
    public final long producerPosition() {
        return (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
    }

    /**
     * Returns how far the consumer is.
     *
     * @return the number of bytes consumed since the ring was created, record headers and padding included
     */
    public final long consumerPosition() {
        return (long) LONG.getAcquire(memory, RingLayout.CONSUMER_POSITION_OFFSET);
    }

    /**
     * Returns how much waits to be consumed.
     *
     * @return the number of bytes between consumer and producer, record headers and padding included; never negative
     */
    public final long backlog() {
        // In this order, the difference can only be too great: then the consumer has gone on meanwhile.
        long consumer = consumerPosition();
        return Math.clamp(producerPosition() - consumer, 0, capacity);
    }

    /**
     * Returns what has happened in the ring so far.
     *
     * @return the numbers and who is there
     * @throws RingCorruptedException if the memory was overwritten with numbers that no ring can have
     */
    public final RingStatistics statistics() {
        return RingStatistics.of(this);
    }

    /**
     * Delivers the messages that wait in the ring and leaves them there.
     *
     * <p>It takes no role in the ring and writes nothing: neither the consumer nor the producers notice. It begins at
     * the consumer's position and goes once around the ring at most. What is claimed and not committed is passed over; a
     * killed producer's claim without length hides what lies behind it, until the consumer has skipped that.
     *
     * <p>Each message is a copy of the whole message, valid until the handler returns. If the consumer consumes a message
     * while it is copied, it is left out. The consumer may have consumed a message by the time the handler receives it.
     *
     * @param handler receives the messages
     * @param limit how many messages to deliver at most
     * @return the number of messages delivered; 0 if none waits
     * @throws RingCorruptedException if the memory was overwritten
     */
    public final int browse(MessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        try (Arena arena = Arena.ofConfined()) {
            return new Browser(records(), arena).browse(handler, limit);
        }
    }

    /**
     * Returns what gives back the roles that this object has given out when its memory has gone, without a reference to that
     * memory.
     */
    final Consumer<MemorySegment> beforeDetach() {
        RoleSignature consumer = this.consumer.signature;
        Consumer<MemorySegment> producers = producersBeforeDetach();
        return mapping -> {
            producers.accept(mapping);
            consumer.giveBack(mapping);
        };
    }

    /** Returns what does so for the producers. */
    abstract Consumer<MemorySegment> producersBeforeDetach();
}
