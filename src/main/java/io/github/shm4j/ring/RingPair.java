package io.github.shm4j.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.structure.Header;
import io.github.shm4j.structure.InBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Two rings in one block of shared memory: a client sends requests through one and gets the replies through the other.
 *
 * <p>The server, in one process:
 *
 * {@snippet class="Example14RequestReply" region="server"}
 *
 * <p>The client, in another one:
 *
 * {@snippet class="Example14RequestReply" region="client"}
 *
 * <p>{@link #client()} and {@link #server()} give the two roles. One process at a time has each. A server that has many clients has a
 * pair for each of them, and looks into one after the other.
 *
 * <h2>Processes that terminate at any moment</h2>
 *
 * <p>Either process may be killed, or stopped and continued, at any instruction:
 * <ul>
 * <li>A request is consumed when the server's handler has returned. So the successor of a server that was killed handles the
 * request again which was being handled, and no other: <b>at least once</b>. So does a server whose stack was exhausted while it
 * handled one. The client gets one reply, from whichever.
 * <li>A client whose call is over, as its time was, gets no reply to it later. The request may still be handled.
 * <li>The successor of a client gets no reply to a request of its predecessor.
 * </ul>
 * A call that gets no reply in time is a {@link RingTimeoutException}, which says whether the server has terminated.
 *
 * <p>What {@link RingBuffer} says of trust, of arenas and of closing roles is true of both rings.
 *
 * <h2>Taking a side over</h2>
 *
 * <p>{@link #takeOverClient()} and {@link #takeOverServer()} take a side from another process, whether that is alive or not. They are for
 * whoever knows better than the library, which cannot see a process of another pid namespace, such as that of another container, and
 * takes it for alive as long as anybody else has the block attached. Call them where the other process has certainly terminated, or
 * must not go on. They are not for the ordinary start of a program: two that take over from each other have one side between them,
 * and it is not always the same.
 *
 * <p>If the other process is alive, the next call of its {@link RingClient} or {@link RingServer} throws a
 * {@link RingRoleLostException}, and so does one that waits. The request that a robbed server is working on is handled here again; the
 * client gets one reply to it, from whichever. The request that a robbed client has sent may be handled, and nobody gets the reply.
 * Where the other process has not given a role back, these methods wait for half a second, so once or twice, for it to finish what it
 * had begun to store. If it is stopped for longer, just between its look at whether it has the role and what it stores then, and goes
 * on later, it can do what {@link RingBuffer#takeOverConsumer()} and {@link SpscRingBuffer#takeOverProducer()} say: requests and replies
 * can be lost or wrong or come again, and either side can get a {@link RingCorruptedException}.
 *
 * <p>If the second role of the side cannot be had, the first is given back; the other process has lost it all the same.
 *
 * <h2>Layout</h2>
 *
 * <p>All numbers are in the byte order of the machine, and aligned to their size.
 *
 * <pre>
 *  offset  size
 *       0     8  magic number 0x73686d346a706172, "shm4jpar"
 *       8     4  version, 1; written last
 *      12     4  number of rings, 2
 *      16     8  capacity C in bytes of each ring, a power of two of at least 128
 *      32     8  pid namespace of the creator
 *      40     8  time namespace of the creator
 *      48     8  creator
 *     128        ring of kind SPSC for the requests, 896 + C bytes
 *  1024+C        ring of kind SPSC for the replies, 896 + C bytes
 * </pre>
 *
 * <p>A message begins with 8 bytes: the number of the request. The server gives each reply the number of its request. The
 * file {@code docs/ring-protocol.md} says more.
 */
public final class RingPair {

    /**
     * The outcome of an {@code openOrCreate}.
     *
     * @param pair the pair
     * @param created {@code true} if this call has created it, {@code false} if it was there
     */
    public record Opened(RingPair pair, boolean created) {}

    /** The length of the number that each message begins with. */
    static final int NUMBER_LENGTH = Long.BYTES;

    private static final RingPairFormat FORMAT = RingPairFormat.INSTANCE;
    private static final InBlocks<RingPair> BLOCKS =
            new InBlocks<>(FORMAT, RingPair::open, RingPair::beforeDetach);

    private final SpscRingBuffer requests;
    private final SpscRingBuffer replies;
    private final PairEnd client;
    private final PairEnd server;
    private final SharedMemory block;

    private RingPair(SpscRingBuffer requests, SpscRingBuffer replies, SharedMemory block) {
        this.requests = requests;
        this.replies = replies;
        this.client = new PairEnd(requests, replies, "client");
        this.server = new PairEnd(replies, requests, "server");
        this.block = block;
    }

    /**
     * Returns how much memory a pair takes.
     *
     * @param capacity the number of bytes for the records of each ring, a power of two of at least 128
     * @return the number of bytes with all headers
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 128
     */
    public static long sizeFor(long capacity) {
        return FORMAT.size(RingPairFormat.RINGS, RingPairFormat.requireCapacity(capacity));
    }

    /**
     * Returns whether some memory holds a pair. One that was damaged or is not complete is one, too: opening it says what is wrong.
     *
     * @param memory the memory; may be read-only, of any size and alignment
     * @return whether its first bytes are those of a pair
     */
    public static boolean isRingPair(MemorySegment memory) {
        try {
            return memory.byteSize() >= RingPairFormat.REQUESTS_BEGIN
                    && (long) RingLayout.LONG.get(memory, RingLayout.MAGIC_OFFSET) == RingPairFormat.MAGIC;
        } catch (IllegalArgumentException notAligned) {
            return false;
        }
    }

    /**
     * Creates a pair in memory that is all zeros, as a new block or a new file is. Of the records of each ring, this call looks at the
     * first MiB, so that it does not take memory for all of a sparse block; that the rest is zeros is for the caller to see to. If this
     * call throws a {@code RingException}, it has left the memory as it was.
     *
     * @param memory the memory, of at least {@link #sizeFor(long) sizeFor(capacity)} bytes
     * @param capacity the number of bytes for the records of each ring, a power of two of at least 128
     * @return the pair, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 128, or if the memory is too small,
     *     read-only or not aligned to 8 bytes
     * @throws RingFormatException if the memory is not all zeros, because it holds a pair already or something else
     * @throws RingMemoryException if the system has no memory for a part of the pair
     */
    public static RingPair create(MemorySegment memory, long capacity) {
        Header.create(memory, FORMAT, RingPairFormat.RINGS, RingPairFormat.requireCapacity(capacity));
        return open(memory, Duration.ZERO);
    }

    /**
     * Opens the pair in some memory, waiting up to a second for its creator.
     *
     * @param memory the memory; may be read-only if the pair is only to be looked at
     * @return the pair
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws RingException if the memory holds no complete pair, or one that cannot be used
     */
    public static RingPair open(MemorySegment memory) {
        return open(memory, Header.TIMEOUT);
    }

    /**
     * Opens the pair in some memory.
     *
     * @param memory the memory; may be read-only if the pair is only to be looked at
     * @param timeout how long to wait for a creator that is still at work; an interrupt ends the wait early
     * @return the pair
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws RingException if the memory holds no complete pair, or one that cannot be used
     */
    public static RingPair open(MemorySegment memory, Duration timeout) {
        return open(memory, timeout, null);
    }

    private static RingPair open(MemorySegment memory, Duration timeout, SharedMemory block) {
        long capacity = Header.open(memory, FORMAT, timeout).length();
        return new RingPair(
                RingPairFormat.open(RingPairFormat.requests(memory, capacity), capacity, "requests"),
                RingPairFormat.open(RingPairFormat.replies(memory, capacity), capacity, "replies"),
                block);
    }

    /**
     * Opens the pair in a block, waiting up to a second for its creator. Whose block it is is for the caller to judge.
     *
     * @param block the block
     * @param mode {@link AttachMode#READ_ONLY} if the pair is only to be looked at
     * @param arena the lifetime of the mapping; the pair is used by the threads that may use the arena
     * @return the pair
     * @throws RingException if the block holds no complete pair, or one that cannot be used
     * @throws ShmException if the block cannot be mapped
     */
    public static RingPair open(SharedMemory block, AttachMode mode, Arena arena) throws ShmException {
        return BLOCKS.open(block, mode, arena);
    }

    /**
     * Creates a block with a pair in it, for its owner only.
     *
     * @param key the key that no other block may have
     * @param capacity the number of bytes for the records of each ring, a power of two of at least 128
     * @param arena the lifetime of the mapping; the pair is used by the threads that may use the arena
     * @return the pair, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 128
     * @throws ShmException if the block cannot be created or mapped
     */
    public static RingPair create(ShmKey key, long capacity, Arena arena) throws ShmException {
        return create(key, capacity, ShmPermissions.OWNER_ONLY, arena);
    }

    /**
     * Creates a block with a pair in it.
     *
     * @param key the key that no other block may have
     * @param capacity the number of bytes for the records of each ring, a power of two of at least 128
     * @param permissions who may use the pair; client and server must be allowed to read and to write
     * @param arena the lifetime of the mapping; the pair is used by the threads that may use the arena
     * @return the pair, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 128
     * @throws ShmException if the block cannot be created or mapped
     */
    public static RingPair create(ShmKey key, long capacity, ShmPermissions permissions, Arena arena)
            throws ShmException {
        RingPairFormat.requireCapacity(capacity);
        return BLOCKS.create(key, RingPairFormat.RINGS, capacity, permissions, arena);
    }

    /**
     * Opens the pair in the block that has a key, if the block is this user's or root's.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the pair is used by the threads that may use the arena
     * @return the pair
     * @throws RingException if the block holds no complete pair, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody else's
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static RingPair open(ShmKey key, Arena arena) throws ShmException {
        return open(key, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the pair in the block that has a key.
     *
     * @param key the key
     * @param trust whose block it may be
     * @param arena the lifetime of the mapping; the pair is used by the threads that may use the arena
     * @return the pair
     * @throws RingException if the block holds no complete pair, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody's who is not trusted
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static RingPair open(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
        return BLOCKS.open(key, trust, AttachMode.READ_WRITE, arena);
    }

    /**
     * Opens the pair in the block that has a key, or creates it, for its owner only, if no block has. An existing block must be this
     * user's or root's.
     *
     * @param key the key
     * @param capacity the number of bytes for the records of each ring, a power of two of at least 128; an existing pair may
     *     have more
     * @param arena the lifetime of the mapping; the pair is used by the threads that may use the arena
     * @return the pair, and whether it was created
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 128
     * @throws RingException if there is a block, and it holds no complete pair, or one that cannot be used
     * @throws ShmUntrustedException if there is a block, and it is somebody else's
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened openOrCreate(ShmKey key, long capacity, Arena arena) throws ShmException {
        return openOrCreate(key, capacity, ShmPermissions.OWNER_ONLY, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the pair in the block that has a key, or creates it if no block has.
     *
     * <p>Of several processes that call this at the same time one creates the pair, and the others open it. A block of
     * exactly the right size that is all zeros counts as one whose creator has terminated before it created the pair.
     *
     * @param key the key
     * @param capacity the number of bytes for the records of each ring, a power of two of at least 128; an existing pair may
     *     have more
     * @param permissions who may use the pair if it is created
     * @param trust whose block it may be if there is one
     * @param arena the lifetime of the mapping; the pair is used by the threads that may use the arena
     * @return the pair, and whether it was created
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 128
     * @throws RingException if there is a block, and it holds no complete pair, or one that cannot be used
     * @throws ShmUntrustedException if there is a block, and it is somebody's who is not trusted
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened openOrCreate(
            ShmKey key, long capacity, ShmPermissions permissions, ShmTrust trust, Arena arena) throws ShmException {
        RingPairFormat.requireCapacity(capacity);
        InBlocks.Opened<RingPair> opened =
                BLOCKS.openOrCreate(key, RingPairFormat.RINGS, capacity, permissions, trust, arena);
        return new Opened(opened.structure(), opened.created());
    }

    /**
     * Becomes the client, which sleeps in the kernel while it waits.
     *
     * @return the client, which others cannot be until it is closed
     * @throws RingOccupiedException if the pair has a client, in this process or another one that may be alive
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingClient client() {
        return client(WaitStrategy.BLOCKING);
    }

    /**
     * Becomes the client.
     *
     * @param strategy how to wait for replies, and for room for requests
     * @return the client, which others cannot be until it is closed
     * @throws RingOccupiedException if the pair has a client, in this process or another one that may be alive
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingClient client(WaitStrategy strategy) {
        return new RingClient(this, client, strategy, false);
    }

    /**
     * Becomes the client in the place of another process, whether that is alive or not: see "Taking a side over" above. It sleeps in
     * the kernel while it waits.
     *
     * @return the client, which others cannot be until it is closed
     * @throws RingOccupiedException if this process has one of the client's roles, through this or another object: close that first
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingClient takeOverClient() {
        return takeOverClient(WaitStrategy.BLOCKING);
    }

    /**
     * Becomes the client in the place of another process, whether that is alive or not: see "Taking a side over" above.
     *
     * @param strategy how to wait for replies, and for room for requests
     * @return the client, which others cannot be until it is closed
     * @throws RingOccupiedException if this process has one of the client's roles, through this or another object: close that first
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingClient takeOverClient(WaitStrategy strategy) {
        return new RingClient(this, client, strategy, true);
    }

    /**
     * Becomes the server, which sleeps in the kernel while it waits.
     *
     * @return the server, which others cannot be until it is closed
     * @throws RingOccupiedException if the pair has a server, in this process or another one that may be alive
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingServer server() {
        return server(WaitStrategy.BLOCKING);
    }

    /**
     * Becomes the server.
     *
     * @param strategy how to wait for requests
     * @return the server, which others cannot be until it is closed
     * @throws RingOccupiedException if the pair has a server, in this process or another one that may be alive
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingServer server(WaitStrategy strategy) {
        return new RingServer(this, server, strategy, false);
    }

    /**
     * Becomes the server in the place of another process, whether that is alive or not: see "Taking a side over" above. It sleeps in
     * the kernel while it waits.
     *
     * @return the server, which others cannot be until it is closed
     * @throws RingOccupiedException if this process has one of the server's roles, through this or another object: close that first
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingServer takeOverServer() {
        return takeOverServer(WaitStrategy.BLOCKING);
    }

    /**
     * Becomes the server in the place of another process, whether that is alive or not: see "Taking a side over" above.
     *
     * @param strategy how to wait for requests
     * @return the server, which others cannot be until it is closed
     * @throws RingOccupiedException if this process has one of the server's roles, through this or another object: close that first
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public RingServer takeOverServer(WaitStrategy strategy) {
        return new RingServer(this, server, strategy, true);
    }

    /**
     * Returns the ring of the requests, to be looked at. Its producer is the client, and its consumer the server.
     *
     * @return the ring
     */
    public SpscRingBuffer requests() {
        return requests;
    }

    /**
     * Returns the ring of the replies, to be looked at. Its producer is the server, and its consumer the client.
     *
     * @return the ring
     */
    public SpscRingBuffer replies() {
        return replies;
    }

    /**
     * Returns the size of each of the rings.
     *
     * @return the number of bytes for records, a power of two
     */
    public long capacity() {
        return requests.capacity();
    }

    /**
     * Returns how long a request or a reply can be.
     *
     * @return the length in bytes: an eighth of the capacity, without the number that a message begins with
     */
    public int maxMessageLength() {
        return requests.maxMessageLength() - NUMBER_LENGTH;
    }

    /**
     * Returns the block that the pair lies in, if the pair was opened or created there by its key or its {@link SharedMemory}.
     *
     * @return the block
     * @throws IllegalStateException if the pair was opened or created in a {@link MemorySegment}, of which nobody knows whether it
     *     is a block
     */
    public SharedMemory block() {
        if (block == null) {
            throw new IllegalStateException("the ring pair was opened in a memory segment: it does not know a block");
        }
        return block;
    }

    /**
     * Removes the block that the pair lies in, as {@link SharedMemory#remove()} does. Those who have it mapped can go on using it.
     *
     * <p>It is removed by its id: if another block has the key meanwhile, that one stays.
     *
     * @throws ShmException if the block cannot be removed, as when it was removed before
     * @throws IllegalStateException if the pair was opened or created in a {@link MemorySegment}
     */
    public void remove() throws ShmException {
        block().remove();
    }

    /** Returns what gives back the roles when the memory has gone, without a reference to that memory. */
    private Consumer<MemorySegment> beforeDetach() {
        long capacity = capacity();
        Consumer<MemorySegment> ofRequests = requests.beforeDetach();
        Consumer<MemorySegment> ofReplies = replies.beforeDetach();
        return mapping -> {
            ofRequests.accept(RingPairFormat.requests(mapping, capacity));
            ofReplies.accept(RingPairFormat.replies(mapping, capacity));
        };
    }
}
