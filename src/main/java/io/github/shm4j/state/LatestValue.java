package io.github.shm4j.state;

import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.Copies;
import io.github.shm4j.structure.Format;
import io.github.shm4j.structure.Header;
import io.github.shm4j.structure.InBlocks;
import io.github.shm4j.structure.Paces;
import io.github.shm4j.structure.SoleRole;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * One record in shared memory, of which readers always get the newest whole one.
 *
 * <p>One process writes records of a fixed size, any number of others read. A reader needs the permission to read and nothing
 * else: it stores nothing, so the writer does not know of it and is never held up. The convenient place is a block of its own,
 * which outlives its users as {@link SharedMemory} says:
 *
 * {@snippet class="Example10LatestValue" region="value"}
 *
 * <h2>What readers get</h2>
 *
 * <p>Each record has a version: 1 for the first, and one more for each that follows. {@link #read} copies the newest record and
 * returns its version, {@link #version()} tells without copying whether there is a newer one. No reader ever sees a version
 * that is less than one it has seen before, nor bytes of two records at the same time.
 *
 * <p>A reader waits for nobody. Where the writer is stopped or killed in the middle of a record, readers go on getting the one
 * before. There are several buffers, which the writer uses in turns; a reader has to copy again only if the writer has come
 * back to the buffer that it copied from, having finished a record in each other buffer meanwhile. There are 64 buffers for
 * records of up to 256 bytes, and fewer for longer ones: 4 from 4 KiB on.
 *
 * <h2>The writer</h2>
 *
 * <p>{@link #writer()} gives the role of the writer, which a process has until it closes that object, or terminates. While a process
 * has it which may be alive, others get a {@link ValueOccupiedException} that names it. The successor of one that was killed
 * goes on with the next version; what its predecessor had not finished never was there.
 *
 * <p>The same is true of what is thrown out of a call, at whatever instruction, as a {@link StackOverflowError} can be: the
 * record was written or not, and {@link #version()} tells which.
 *
 * <p>A process is known by its pid and its start time. One of another pid or time namespace than the creator cannot be
 * seen, and counts as alive until it gives the role back, or until nobody else has the block attached. {@link #takeOverWriter()}
 * takes the role from one that has terminated there although others have.
 *
 * <h2>Memory</h2>
 *
 * <p>What the writer stores before it writes a record, there or elsewhere in shared memory, is visible to a reader that has got
 * the record.
 *
 * <p>The memory is not trusted. Any process that may write can change any byte of it at any time; the worst that can happen is
 * a wrong record, a {@link ValueCorruptedException} or a {@link ValueOvertakenException}.
 *
 * <p>An object of this class holds nothing, so there is nothing to close, and any number of threads can share it. Close the
 * writer before its arena. If the block was opened or created by its key, the end of the arena gives the role back, too.
 *
 * <h2>Layout</h2>
 *
 * <p>All numbers are in the byte order of the machine, and aligned to their size.
 *
 * <pre>
 *  offset  size
 *       0     8  magic number 0x73686d346a76616c, "shm4jval"
 *       8     4  version, 1; written last
 *      12     4  number of buffers B, a power of two from 4 to 64
 *      16     8  record size n in bytes
 *      32     8  pid namespace of the creator
 *      40     8  time namespace of the creator
 *      48     8  creator
 *     128     8  newest version, 0 if nothing was written
 *     136     8  writer
 *     144     8  writer successions
 *     256        B buffers of n bytes, each aligned to 128 bytes
 * </pre>
 *
 * <p>The record of version v is in buffer v modulo B. The file {@code docs/latest-value-protocol.md} says who may change what, and why
 * that is enough.
 */
public final class LatestValue {

    /**
     * The outcome of an {@code openOrCreate}.
     *
     * @param value the value
     * @param created {@code true} if this call has created it, {@code false} if it was there
     */
    public record Opened(LatestValue value, boolean created) {}

    /** How often a reader tries to copy before it gives up. */
    static final int MOST_ROUNDS = 1000;

    private static final LatestValueFormat FORMAT = LatestValueFormat.INSTANCE;
    private static final InBlocks<LatestValue> BLOCKS =
            new InBlocks<>(FORMAT, LatestValue::open, value -> value.role.beforeDetach());

    final MemorySegment memory;
    final long size;

    private final long mask;
    private final long stride;
    private final SharedMemory block;
    private final SoleRole role;

    private LatestValue(MemorySegment memory, Header header, SharedMemory block) {
        this.memory = memory.asSlice(0, header.size());
        this.size = header.length();
        this.mask = header.number() - 1;
        this.stride = LatestValueFormat.stride(size);
        this.block = block;
        this.role = new SoleRole(
                FORMAT,
                header,
                LatestValueFormat.WRITER_OFFSET,
                LatestValueFormat.WRITER_SUCCESSIONS_OFFSET,
                "writer");
        // A class that is initialized first in a call on an exhausted stack can never be used.
        Paces.prepare();
        WaitLoop.prepare();
        if (!memory.isReadOnly()) {
            Copies.prepare();
            SoleRole.prepare();
        }
    }

    /**
     * Returns how much memory a value takes.
     *
     * @param size the size of the record in bytes, at least 1
     * @return the number of bytes with header and all buffers
     * @throws IllegalArgumentException if the size is less than 1 or greater than 2<sup>48</sup>
     */
    public static long sizeFor(long size) {
        return FORMAT.size(LatestValueFormat.buffers(size), size);
    }

    /**
     * Returns whether some memory holds a value, complete or being created. One that was damaged is one, too: opening it says
     * what is wrong.
     *
     * @param memory the memory; may be read-only, of any size and alignment
     * @return whether its first bytes are those of a value
     */
    public static boolean isLatestValue(MemorySegment memory) {
        return Header.isIn(memory, FORMAT);
    }

    /**
     * Creates a value in memory that is all zeros, as a new block or a new file is. Of the buffers, this call looks at the first
     * MiB, and stores zeros to each page of the rest.
     *
     * @param memory the memory, of at least {@link #sizeFor(long) sizeFor(size)} bytes
     * @param size the size of the record in bytes, at least 1
     * @return the value, of version 0
     * @throws IllegalArgumentException if the size is less than 1 or greater than 2<sup>48</sup>, or if the memory is too
     *     small, read-only or not aligned to 8 bytes
     * @throws ValueFormatException if the memory is not all zeros, because it holds a value already or something else
     * @throws ValueMemoryException if the system has no memory for a part of the value
     */
    public static LatestValue create(MemorySegment memory, long size) {
        Header.create(memory, FORMAT, LatestValueFormat.buffers(size), size);
        return open(memory, Duration.ZERO);
    }

    /**
     * Opens the value in some memory, waiting up to a second for its creator.
     *
     * @param memory the memory; may be read-only if the value is only to be read
     * @return the value
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws ValueException if the memory holds no complete value, or one that cannot be used
     */
    public static LatestValue open(MemorySegment memory) {
        return open(memory, Header.TIMEOUT);
    }

    /**
     * Opens the value in some memory.
     *
     * @param memory the memory; may be read-only if the value is only to be read
     * @param timeout how long to wait for a creator that is still at work; an interrupt ends the wait early
     * @return the value
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws ValueException if the memory holds no complete value, or one that cannot be used
     */
    public static LatestValue open(MemorySegment memory, Duration timeout) {
        return open(memory, timeout, null);
    }

    private static LatestValue open(MemorySegment memory, Duration timeout, SharedMemory block) {
        return new LatestValue(memory, Header.open(memory, FORMAT, timeout), block);
    }

    /**
     * Opens the value in a block, waiting up to a second for its creator. Whose block it is is for the caller to judge.
     *
     * @param block the block
     * @param mode {@link AttachMode#READ_ONLY} if the value is only to be read
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value
     * @throws ValueException if the block holds no complete value, or one that cannot be used
     * @throws ShmException if the block cannot be mapped
     */
    public static LatestValue open(SharedMemory block, AttachMode mode, Arena arena) throws ShmException {
        return BLOCKS.open(block, mode, arena);
    }

    /**
     * Creates a block with a value in it, for its owner only.
     *
     * @param key the key that no other block may have
     * @param size the size of the record in bytes, at least 1
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value, of version 0
     * @throws IllegalArgumentException if the size is less than 1 or greater than 2<sup>48</sup>
     * @throws ShmException if the block cannot be created or mapped
     */
    public static LatestValue create(ShmKey key, long size, Arena arena) throws ShmException {
        return create(key, size, ShmPermissions.OWNER_ONLY, arena);
    }

    /**
     * Creates a block with a value in it.
     *
     * @param key the key that no other block may have
     * @param size the size of the record in bytes, at least 1
     * @param permissions who may use the value; to read it, one needs to be allowed to read only
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value, of version 0
     * @throws IllegalArgumentException if the size is less than 1 or greater than 2<sup>48</sup>
     * @throws ShmException if the block cannot be created or mapped
     */
    public static LatestValue create(ShmKey key, long size, ShmPermissions permissions, Arena arena)
            throws ShmException {
        return BLOCKS.create(key, LatestValueFormat.buffers(size), size, permissions, arena);
    }

    /**
     * Opens the value in the block that has a key, if the block is this user's or root's, to write it.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value
     * @throws ValueException if the block holds no complete value, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody else's
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static LatestValue open(ShmKey key, Arena arena) throws ShmException {
        return open(key, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the value in the block that has a key, to write it.
     *
     * @param key the key
     * @param trust whose block it may be
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value
     * @throws ValueException if the block holds no complete value, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody's who is not trusted
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static LatestValue open(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
        return BLOCKS.open(key, trust, AttachMode.READ_WRITE, arena);
    }

    /**
     * Opens the value in the block that has a key, to read it. The block must be this user's or root's.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value
     * @throws ValueException if the block holds no complete value, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody else's
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static LatestValue openReadOnly(ShmKey key, Arena arena) throws ShmException {
        return openReadOnly(key, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the value in the block that has a key, to read it.
     *
     * @param key the key
     * @param trust whose block it may be
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value
     * @throws ValueException if the block holds no complete value, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody's who is not trusted
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static LatestValue openReadOnly(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
        return BLOCKS.open(key, trust, AttachMode.READ_ONLY, arena);
    }

    /**
     * Opens the value in the block that has a key, or creates it, for its owner only, if no block has. An existing block must be
     * this user's or root's.
     *
     * @param key the key
     * @param size the size of the record in bytes, at least 1, which an existing value must have
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value, and whether it was created
     * @throws IllegalArgumentException if the size is less than 1 or greater than 2<sup>48</sup>
     * @throws ValueException if there is a block, and it holds no complete value of this size, or one that cannot be used
     * @throws ShmUntrustedException if there is a block, and it is somebody else's
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened openOrCreate(ShmKey key, long size, Arena arena) throws ShmException {
        return openOrCreate(key, size, ShmPermissions.OWNER_ONLY, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the value in the block that has a key, or creates it if no block has.
     *
     * <p>Of several processes that call this at the same time one creates the value, and the others open it. A block of
     * exactly the right size that is all zeros counts as one whose creator has terminated before it created the value.
     *
     * @param key the key
     * @param size the size of the record in bytes, at least 1, which an existing value must have
     * @param permissions who may use the value if it is created
     * @param trust whose block it may be if there is one
     * @param arena the lifetime of the mapping; the value is used by the threads that may use the arena
     * @return the value, and whether it was created
     * @throws IllegalArgumentException if the size is less than 1 or greater than 2<sup>48</sup>
     * @throws ValueException if there is a block, and it holds no complete value of this size, or one that cannot be used
     * @throws ShmUntrustedException if there is a block, and it is somebody's who is not trusted
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened openOrCreate(
            ShmKey key, long size, ShmPermissions permissions, ShmTrust trust, Arena arena) throws ShmException {
        InBlocks.Opened<LatestValue> opened =
                BLOCKS.openOrCreate(key, LatestValueFormat.buffers(size), size, permissions, trust, arena);
        LatestValue value = opened.structure();
        if (value.size != size) {
            throw new ValueFormatException(
                    "the record of the latest value has " + value.size + " bytes; expected was " + size);
        }
        return new Opened(value, opened.created());
    }

    /**
     * Returns the size of the record.
     *
     * @return the number of bytes, fixed when the value was created
     */
    public long size() {
        return size;
    }

    /**
     * Returns the version of the newest record, for any thread. A reader that has this version already need not copy.
     *
     * @return the version, which grows by one with each record; 0 if none was written yet
     * @throws ValueCorruptedException if the memory was overwritten
     */
    public long version() {
        long version = (long) LONG.getAcquire(memory, LatestValueFormat.NEWEST_VERSION_OFFSET);
        return requireVersion(version);
    }

    private static long requireVersion(long version) {
        if (version < 0 || version > Format.GREATEST_POSITION) {
            throw new ValueCorruptedException("the newest version is " + version + ": the memory was overwritten");
        }
        return version;
    }

    /** Returns where the record of a version is, whatever the version. */
    long begin(long version) {
        return LatestValueFormat.BUFFERS_BEGIN + (version & mask) * stride;
    }

    /**
     * Copies the newest record, for any thread.
     *
     * @param target where to copy it to: {@link #size()} bytes, from its beginning. If this method does not return normally,
     *     there can be anything in it
     * @return the version of the record; 0 if none was written yet, and then the target is as it was
     * @throws IllegalArgumentException if the target is smaller than the record, or read-only
     * @throws ValueOvertakenException if the writer overtakes the reader all the time
     * @throws ValueCorruptedException if the memory was overwritten
     */
    public long read(MemorySegment target) {
        if (target.byteSize() < size) {
            throw new IllegalArgumentException(
                    "the target has " + target.byteSize() + " bytes; the record has " + size);
        }
        // In a local variable, so that the compiler need not look after each barrier what kind of segment it is.
        MemorySegment memory = this.memory;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            // SYNC POINT version: with the release in LatestValueWriter.write. Whoever sees the version sees all of the record.
            long version = (long) LONG.getAcquire(memory, LatestValueFormat.NEWEST_VERSION_OFFSET);
            if (version <= 0) {
                return requireVersion(version);
            }
            Copies.copyOut(memory, begin(version), target, size);
            // SYNC POINT buffer: with the fence in LatestValueWriter.write. If we have copied anything of a later record, we
            // now see the version of the last one before it.
            VarHandle.acquireFence();
            long passed = (long) LONG.getAcquire(memory, LatestValueFormat.NEWEST_VERSION_OFFSET) - version;
            if (passed < 0) {
                throw new ValueCorruptedException("the newest version was " + version + " and then is "
                        + (version + passed) + ": the memory was overwritten");
            }
            if (passed < mask) {
                return requireVersion(version);
            }
        }
        throw new ValueOvertakenException("the writer has gone around all " + (mask + 1)
                + " buffers while this reader copied " + size + " bytes, " + MOST_ROUNDS
                + " times in a row: let the writer pause between records");
    }

    /**
     * Waits until there is a newer record than one that is known, for any thread.
     *
     * <p>A reader tells the writer nothing, so nobody wakes it, and {@link WaitStrategy#BLOCKING} is {@link WaitStrategy#PARK}.
     *
     * @param version a version that was seen before; 0 to wait for the first record
     * @param strategy how to wait
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if there is a newer one; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws ValueCorruptedException if the memory was overwritten
     */
    public boolean awaitNewer(long version, WaitStrategy strategy, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        if (version() > version) {
            return true;
        }
        return new WaitLoop(Paces.of(strategy), false, timeout)
                .await(pastSpinning -> version() > version ? WaitLoop.FOUND : WaitLoop.NOTHING, null, false);
    }

    /**
     * Becomes the writer. The next record gets the version that follows the newest one.
     *
     * <p>If something is thrown that keeps this from giving the role back, an exhausted stack for one, the next call for this
     * object finishes it.
     *
     * @return the writer, which others cannot be until it is closed
     * @throws ValueOccupiedException if the value has a writer, in this process or another one that may be alive
     * @throws ValueCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public LatestValueWriter writer() {
        return writer(false);
    }

    /**
     * Becomes the writer in the place of another process, whether that is alive or not.
     *
     * <p>{@linkplain io.github.shm4j.ring.RingBuffer##take-over Taking a role over} is for whoever knows that its owner has
     * terminated. If that is alive, its next {@link LatestValueWriter#write write} throws a {@link ValueRoleLostException}. If it is
     * stopped while it writes, and goes on after this method has waited for it, readers can get a record that is torn, or an older
     * version again, which is a {@link ValueCorruptedException} where they notice.
     *
     * @return the writer, which others cannot be until it is closed
     * @throws ValueOccupiedException if this process has the role, through this or another object: close that writer
     * @throws ValueCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public LatestValueWriter takeOverWriter() {
        return writer(true);
    }

    private LatestValueWriter writer(boolean takingOver) {
        if (memory.isReadOnly()) {
            throw new IllegalStateException(
                    "the memory of the latest value is read-only here: it can only be read; open"
                            + " it for writing to become its writer");
        }
        SoleRole.Hold hold = new SoleRole.Hold();
        LatestValueWriter writer = new LatestValueWriter(this, role, hold);
        if (takingOver) {
            role.takeOver(hold, memory);
        } else {
            role.take(hold, memory);
        }
        return writer;
    }

    /**
     * Returns the block that the value lies in, if it was opened or created there by its key or its {@link SharedMemory}.
     *
     * @return the block
     * @throws IllegalStateException if the value was opened or created in a {@link MemorySegment}, of which nobody knows whether
     *     it is a block
     */
    public SharedMemory block() {
        if (block == null) {
            throw new IllegalStateException("the value was opened in a memory segment: it does not know a block");
        }
        return block;
    }

    /**
     * Removes the block that the value lies in, as {@link SharedMemory#remove()} does. Those who have it mapped can go on using
     * it.
     *
     * <p>It is removed by its id: if another block has the key meanwhile, that one stays.
     *
     * @throws ShmException if the block cannot be removed, as when it was removed before
     * @throws IllegalStateException if the value was opened or created in a {@link MemorySegment}
     */
    public void remove() throws ShmException {
        block().remove();
    }
}
