package io.github.shm4j;

import io.github.shm4j.internal.CallBuffers;
import io.github.shm4j.internal.Credentials;
import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.Pages;
import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.ipc_perm;
import io.github.shm4j.internal.sysv.shmid_ds;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * A block of System V shared memory: memory that the kernel keeps and any number of processes can map.
 *
 * <p>A program creates or opens a block by its {@linkplain ShmKey key}; every later call names it by its id. Attaching maps
 * it into this process as a {@link MemorySegment}:
 *
 * {@snippet class="Example01FirstBlock" region="first"}
 *
 * <h2>Lifetime</h2>
 *
 * <p>A block <b>outlives the processes that use it</b>, until somebody {@linkplain #remove() removes} it or the machine
 * restarts. A {@code SharedMemory} only names the block: it holds nothing in this process, so there is nothing to close.
 * A mapping lives as long as the {@link Arena} given to {@link #attach(AttachMode, Arena) attach}; closing that arena
 * detaches, and any later access through the segment is an {@link IllegalStateException}. A block that is removed while
 * mapped stays usable for the processes that have it mapped. The kernel destroys it when the last of them detaches.
 *
 * <p>The kernel detaches a process that terminates, for whatever reason.
 *
 * <h2>Threads and memory ordering</h2>
 *
 * <p>Instances are immutable and can be used by any number of threads. Which threads may use a mapping is up to its
 * arena. Mappings of one block in different processes are the same memory: stores become visible as between threads of
 * one process, so plain accesses promise nothing about their order. Use the access modes of a
 * {@link java.lang.invoke.VarHandle} on naturally aligned fields, a release store paired with an acquire load for
 * instance, to publish what other processes shall read.
 *
 * <h2>Errors</h2>
 *
 * <p>What the kernel refuses is a {@link ShmException}. Every method that makes a native call can also throw
 * {@link UnsupportedOperationException} on a system that the library does not support, and
 * {@link IllegalCallerException} if the JVM denies native access; the messages say what is needed. A {@code null}
 * argument is a {@link NullPointerException}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/sysvipc.7.html">sysvipc(7)</a>
 */
public final class SharedMemory {

    private static final CreateOption[] NO_CREATE_OPTIONS = {};
    private static final AttachOption[] NO_ATTACH_OPTIONS = {};

    private final int id;

    SharedMemory(int id) {
        this.id = id;
    }

    /**
     * The outcome of {@link SharedMemory#openOrCreate(ShmKey, long)}.
     *
     * @param memory the block
     * @param created {@code true} if this call created the block, which then is filled with zeros; {@code false} if it
     *     existed, with whatever contents
     */
    public record Opened(SharedMemory memory, boolean created) {}

    /**
     * Creates a block that only the owner can read and write.
     *
     * @param key the key that no other block may have; with {@link ShmKey#PRIVATE} this is {@link #createPrivate(long)}
     * @param size the size in bytes
     * @return the block, filled with zeros
     * @throws IllegalArgumentException if the size is negative
     * @throws ShmAlreadyExistsException if a block with the key exists, whatever its size and owner
     * @throws ShmLimitException if the size or the number of blocks is above what the system allows or has
     * @throws ShmException if the size is 0, or for another reason of the kernel
     */
    public static SharedMemory create(ShmKey key, long size) throws ShmException {
        return create(key, size, ShmPermissions.OWNER_ONLY, NO_CREATE_OPTIONS);
    }

    /**
     * Creates a block ({@code shmget} with {@code IPC_CREAT} and {@code IPC_EXCL}).
     *
     * @param key the key that no other block may have; with {@link ShmKey#PRIVATE} the block gets none
     * @param size the size in bytes; the kernel maps whole pages, but states exactly this size to everybody
     * @param permissions who may read and write
     * @param options how to create it
     * @return the block, filled with zeros
     * @throws IllegalArgumentException if the size is negative or the options contradict each other
     * @throws ShmAlreadyExistsException if a block with the key exists, whatever its size and owner
     * @throws ShmLimitException if the size or the number of blocks is above what the system allows or has
     * @throws ShmNotPermittedException if this process may not use huge pages
     * @throws ShmException if the size is 0, or for another reason of the kernel
     */
    public static SharedMemory create(ShmKey key, long size, ShmPermissions permissions, CreateOption... options)
            throws ShmException {
        return Creation.create(key, size, permissions, options);
    }

    /**
     * Creates a block without a key, that only the owner can read and write.
     *
     * <p>Other processes find it by its {@linkplain #id() id}, which somebody has to tell them.
     *
     * @param size the size in bytes
     * @return the block, filled with zeros
     * @throws IllegalArgumentException if the size is negative
     * @throws ShmLimitException if the size or the number of blocks is above what the system allows or has
     * @throws ShmException if the size is 0, or for another reason of the kernel
     */
    public static SharedMemory createPrivate(long size) throws ShmException {
        return create(ShmKey.PRIVATE, size, ShmPermissions.OWNER_ONLY, NO_CREATE_OPTIONS);
    }

    /**
     * Creates a block without a key ({@code shmget} with {@code IPC_PRIVATE}).
     *
     * @param size the size in bytes
     * @param permissions who may read and write
     * @param options how to create it
     * @return the block, filled with zeros
     * @throws IllegalArgumentException if the size is negative or the options contradict each other
     * @throws ShmLimitException if the size or the number of blocks is above what the system allows or has
     * @throws ShmNotPermittedException if this process may not use huge pages
     * @throws ShmException if the size is 0, or for another reason of the kernel
     */
    public static SharedMemory createPrivate(long size, ShmPermissions permissions, CreateOption... options)
            throws ShmException {
        return create(ShmKey.PRIVATE, size, permissions, options);
    }

    /**
     * Opens the block that has a key, whoever created it.
     *
     * <p>This finds the id and checks no permission; {@link #attach(AttachMode, Arena) attach} does. Any user can have
     * created the block: see {@link #open(ShmKey, ShmTrust)}.
     *
     * @param key the key
     * @return the block
     * @throws IllegalArgumentException if the key is {@link ShmKey#PRIVATE}
     * @throws ShmNotFoundException if no block has the key
     * @throws ShmException for another reason of the kernel
     */
    public static SharedMemory open(ShmKey key) throws ShmException {
        return open(key, 0);
    }

    /**
     * Opens the block that has a key and at least a size ({@code shmget}).
     *
     * @param key the key
     * @param minimumSize the size in bytes that the block must at least have; its real size is in its {@link #status()}
     * @return the block
     * @throws IllegalArgumentException if the key is {@link ShmKey#PRIVATE} or the size is negative
     * @throws ShmNotFoundException if no block has the key
     * @throws ShmException if the block is smaller ({@code EINVAL}), or for another reason of the kernel
     */
    public static SharedMemory open(ShmKey key, long minimumSize) throws ShmException {
        requireNamed(key);
        requireSize("minimumSize", minimumSize);
        int result = ShmCalls.shmget(key.value(), minimumSize, 0);
        if (result < 0) {
            throw Failures.open(key, minimumSize, -result);
        }
        return new SharedMemory(result);
    }

    /**
     * Opens the block that has a key if its owner and its creator are trusted.
     *
     * <p>The block that is verified is the one with the returned id, so nobody can exchange it for another one afterwards.
     *
     * @param key the key
     * @param trust whose blocks to open
     * @return the block
     * @throws IllegalArgumentException if the key is {@link ShmKey#PRIVATE}
     * @throws ShmNotFoundException if no block has the key
     * @throws ShmUntrustedException if the block exists, but is not trusted
     * @throws ShmException for another reason of the kernel
     */
    public static SharedMemory open(ShmKey key, ShmTrust trust) throws ShmException {
        Objects.requireNonNull(trust, "trust");
        SharedMemory memory = open(key, 0);
        if (!trust.refusesNothing()) {
            trust.verify(memory.statusEvenIfUnreadable());
        }
        return memory;
    }

    /**
     * Opens the block that has a key, or creates it, readable and writable by the owner only.
     *
     * <p>An existing block is accepted only if its owner and its creator are the caller or root.
     *
     * @param key the key
     * @param size the size in bytes to create the block with, and that an existing one must at least have
     * @return the block, and whether it was created
     * @throws IllegalArgumentException if the key is {@link ShmKey#PRIVATE} or the size is negative
     * @throws ShmUntrustedException if the block exists, but its owner or creator is neither the caller nor root
     * @throws ShmLimitException if the size or the number of blocks is above what the system allows or has
     * @throws ShmException if the block exists, but is smaller ({@code EINVAL}), or for another reason of the kernel
     */
    public static Opened openOrCreate(ShmKey key, long size) throws ShmException {
        return openOrCreate(key, size, ShmPermissions.OWNER_ONLY, ShmTrust.callerOrRoot(), NO_CREATE_OPTIONS);
    }

    /**
     * Opens the block that has a key, or creates it.
     *
     * @param key the key
     * @param size the size in bytes to create the block with, and that an existing one must at least have
     * @param permissions who may read and write a created block
     * @param trust whose existing block to accept
     * @param options how to create the block
     * @return the block, and whether it was created
     * @throws IllegalArgumentException if the key is {@link ShmKey#PRIVATE}, the size is negative or the options
     *     contradict each other
     * @throws ShmUntrustedException if the block exists, but is not trusted
     * @throws ShmLimitException if the size or the number of blocks is above what the system allows or has
     * @throws ShmNotPermittedException if this process may not use huge pages
     * @throws ShmException if the block exists, but is smaller ({@code EINVAL}), or for another reason of the kernel
     */
    public static Opened openOrCreate(
            ShmKey key, long size, ShmPermissions permissions, ShmTrust trust, CreateOption... options)
            throws ShmException {
        return Creation.openOrCreate(key, size, permissions, trust, options);
    }

    /**
     * Returns the block with an id, without asking the kernel whether there is one.
     *
     * <p>{@code ipcs} shows ids, and a peer may hand one over. The kernel gives a removed block's id to another block only
     * after its sequence numbers have wrapped around.
     *
     * @param id the id; 0 is a valid one
     * @return the block
     * @throws IllegalArgumentException if the id is negative
     */
    public static SharedMemory ofId(int id) {
        if (id < 0) {
            throw new IllegalArgumentException("id is " + id + "; ids are 0 or greater");
        }
        return new SharedMemory(id);
    }

    /**
     * Lists the blocks of all users in this IPC namespace.
     *
     * <p>The list comes from {@code /proc/sysvipc/shm}, which also reports how much of each block is in memory. Where that
     * file cannot be read, the list comes from {@code SHM_STAT_ANY}, block by block. Neither needs permission to read the
     * blocks. Blocks that are created or removed meanwhile may or may not be in the list.
     *
     * @return a new modifiable list in the kernel's order
     * @throws ShmException if the kernel offers neither
     */
    public static List<ShmStatus> list() throws ShmException {
        return BlockList.read();
    }

    /**
     * Returns the kernel's identifier of this block.
     *
     * @return the id, 0 or greater
     */
    public int id() {
        return id;
    }

    /**
     * Maps this block into this process for the lifetime of an arena.
     *
     * @param mode whether the memory can be written
     * @param arena the lifetime and the threads of the mapping
     * @return the memory, of the size that the kernel states for the block
     * @throws IllegalStateException if the arena is closed
     * @throws WrongThreadException if the arena is confined to another thread
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmAccessDeniedException if the block's permissions do not allow this user to read or, if asked for, to
     *     write it
     * @throws ShmLimitException if the address space of this process has no room
     * @throws ShmException for another reason of the kernel
     * @see #attach(AttachMode, Arena, AttachOption...)
     */
    public MemorySegment attach(AttachMode mode, Arena arena) throws ShmException {
        return attach(mode, arena, NO_ATTACH_OPTIONS);
    }

    /**
     * Maps this block into this process for the lifetime of an arena ({@code shmat}), and does more if asked to.
     *
     * <p>The memory is detached ({@code shmdt}) when the arena ends. A confined or shared arena ends when it is closed, an
     * automatic one when nothing refers to it any more, and the global one never. Detaching fails if something else in the
     * process has unmapped the memory. Closing the arena then throws an {@link UncheckedIOException}. For an automatic
     * arena, which nobody closes, the error is logged to the {@link System.Logger} named {@code io.github.shm4j}.
     *
     * <p>Each call makes a new mapping at another address; all mappings of a block are the same memory. If the call fails,
     * nothing stays mapped.
     *
     * @param mode whether the memory can be written
     * @param arena the lifetime and the threads of the mapping
     * @param options what to do besides mapping
     * @return the memory, of the size that the kernel states for the block
     * @throws IllegalStateException if the arena is closed
     * @throws WrongThreadException if the arena is confined to another thread
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmAccessDeniedException if the block's permissions do not allow this user to read or, if asked for, to
     *     write or to remove it
     * @throws ShmLimitException if the address space of this process has no room, or if the memory shall be
     *     {@linkplain AttachOption#PRE_TOUCH pre-touched} and the system does not have it
     * @throws ShmException for another reason of the kernel
     */
    public MemorySegment attach(AttachMode mode, Arena arena, AttachOption... options) throws ShmException {
        return Mapping.attach(this, mode, arena, options);
    }

    /**
     * Asks the kernel about this block ({@code shmctl} with {@code IPC_STAT}).
     *
     * @return the status as it is now
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmAccessDeniedException if this user may not read the block; {@link #list()} shows it all the same
     * @throws ShmException for another reason of the kernel
     */
    public ShmStatus status() throws ShmException {
        Platform.require();
        MemorySegment shmid = CallBuffers.struct();
        control(SysVShm.IPC_STAT(), "IPC_STAT", shmid);
        return KernelStatus.of(id, shmid);
    }

    /**
     * Sets who may read and write this block ({@code shmctl} with {@code IPC_SET}).
     *
     * <p>Processes that have the block mapped keep their mappings, whatever is set. The kernel sets owner and permissions
     * together, so this method first asks who the owner is. It can undo a change of owner that another process makes at the
     * same moment.
     *
     * @param permissions the new permissions
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmNotPermittedException if this user is neither owner nor creator nor privileged
     * @throws ShmException if the user namespace of this process does not map the owner's user or group, so that it cannot
     *     be kept; or for another reason of the kernel
     */
    public void setPermissions(ShmPermissions permissions) throws ShmException {
        Objects.requireNonNull(permissions, "permissions");
        ShmStatus now = statusEvenIfUnreadable();
        if (Credentials.mayBeUnmapped(now.ownerUid(), now.ownerGid())) {
            throw Failures.unmappedOwner(id);
        }
        set(now.ownerUid(), now.ownerGid(), permissions);
    }

    /**
     * Gives this block to another user ({@code shmctl} with {@code IPC_SET}).
     *
     * <p>The creator stays the creator and so may still change and remove the block. The kernel sets owner and permissions
     * together, so this method first asks for the permissions. It can undo a change of permissions that another process
     * makes at the same moment.
     *
     * @param uid the new owner's user id
     * @param gid the new owner's group id
     * @throws IllegalArgumentException if one of the ids is not from 0 to 4294967294
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmNotPermittedException if this user is neither owner nor creator nor privileged
     * @throws ShmException for another reason of the kernel
     */
    public void setOwner(long uid, long gid) throws ShmException {
        requireUnsigned("uid", uid);
        requireUnsigned("gid", gid);
        set(uid, gid, statusEvenIfUnreadable().permissions());
    }

    /** The list has blocks of which IPC_STAT refuses the status: the owner may change them even so. */
    ShmStatus statusEvenIfUnreadable() throws ShmException {
        try {
            return status();
        } catch (ShmAccessDeniedException unreadable) {
            for (ShmStatus status : list()) {
                if (status.id() == id) {
                    return status;
                }
            }
            throw unreadable;
        }
    }

    private void set(long uid, long gid, ShmPermissions permissions) throws ShmException {
        MemorySegment shmid = CallBuffers.struct();
        shmid.fill((byte) 0);
        MemorySegment perm = shmid_ds.shm_perm(shmid);
        ipc_perm.uid(perm, (int) uid);
        ipc_perm.gid(perm, (int) gid);
        ipc_perm.mode(perm, permissions.mode());
        control(SysVShm.IPC_SET(), "IPC_SET", shmid);
    }

    /**
     * Keeps this block from being swapped out ({@code shmctl} with {@code SHM_LOCK}).
     *
     * <p>This does not give memory to pages that have none yet. Such a page stays in memory from its first use on.
     *
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmNotPermittedException if this process may not lock memory, or not this block
     * @throws ShmLimitException if the limit on locked memory is reached
     * @throws ShmException for another reason of the kernel
     */
    public void lockInMemory() throws ShmException {
        Platform.require();
        control(SysVShm.SHM_LOCK(), "SHM_LOCK", MemorySegment.NULL);
    }

    /**
     * Allows this block to be swapped out again ({@code shmctl} with {@code SHM_UNLOCK}).
     *
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmNotPermittedException if this process may not lock memory, or not this block
     * @throws ShmException for another reason of the kernel
     */
    public void unlockFromMemory() throws ShmException {
        Platform.require();
        control(SysVShm.SHM_UNLOCK(), "SHM_UNLOCK", MemorySegment.NULL);
    }

    /**
     * Overwrites the whole block with zeros.
     *
     * <p>Removing a block does not erase it for the processes that still have it mapped. Wipe before removing what must not
     * be read any more. The kernel frees the block's memory where it can, which also clears the rest of the last page and
     * leaves a sparse block sparse.
     *
     * @throws ShmNotFoundException if the block has been removed
     * @throws ShmAccessDeniedException if this user may not read and write the block
     * @throws ShmLimitException if the address space of this process has no room, or if the kernel cannot free the memory,
     *     so that zeros have to be written, and there is not enough memory for them
     * @throws ShmException for another reason of the kernel
     */
    public void wipe() throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = attach(AttachMode.READ_WRITE, arena);
            if (Pages.remove(segment.address(), segment.byteSize()) < 0) {
                Mapping.preTouch(id, segment.address(), segment.byteSize(), false);
                segment.fill((byte) 0);
            }
        }
    }

    /**
     * Removes this block ({@code shmctl} with {@code IPC_RMID}).
     *
     * <p>Its key is free at once. The kernel frees its memory when the last process detaches; until then processes that have
     * it mapped can use it.
     *
     * @throws ShmNotFoundException if the block has been removed and nobody has it mapped any more
     * @throws ShmNotPermittedException if this user is neither owner nor creator nor privileged
     * @throws ShmException for another reason of the kernel
     */
    public void remove() throws ShmException {
        Platform.require();
        control(SysVShm.IPC_RMID(), "IPC_RMID", MemorySegment.NULL);
        Events.removed(id);
    }

    private void control(int command, String name, MemorySegment struct) throws ShmException {
        int result = ShmCalls.shmctl(id, command, struct);
        if (result < 0) {
            throw Failures.control(id, name, -result);
        }
    }

    static void requireNamed(ShmKey key) {
        Objects.requireNonNull(key, "key");
        if (key.equals(ShmKey.PRIVATE)) {
            throw new IllegalArgumentException(
                    "key is IPC_PRIVATE, which never names a block: create one with createPrivate, open it with ofId");
        }
    }

    static void requireSize(String name, long size) {
        if (size < 0) {
            throw new IllegalArgumentException(name + " is " + size + "; it must not be negative");
        }
    }

    static void requireUnsigned(String name, long id) {
        // The highest number is (uid_t) -1, which stands for "no user" in every call.
        if (id < 0 || id >= 0xffff_ffffL) {
            throw new IllegalArgumentException(name + " is " + id + "; it must be from 0 to 4294967294");
        }
    }

    /** {@return whether the other object stands for a block with the same id} */
    @Override
    public boolean equals(Object other) {
        return other instanceof SharedMemory that && id == that.id;
    }

    @Override
    public int hashCode() {
        return id;
    }

    /** {@return the id in words} */
    @Override
    public String toString() {
        return "SharedMemory[id=" + id + "]";
    }

}
