package io.github.shm4j.shmop;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Objects;

/**
 * An open block of shared memory with the semantics of PHP's {@code shmop} functions.
 *
 * {@snippet class="Example03Shmop" region="first"}
 *
 * <p>The correspondence:
 *
 * <table class="striped">
 * <caption>PHP functions and their counterparts</caption>
 * <thead><tr><th scope="col">PHP</th><th scope="col">here</th></tr></thead>
 * <tbody>
 * <tr><th scope="row">{@code shmop_open}</th><td>{@link #open(ShmKey, String, ShmPermissions, long) open}</td></tr>
 * <tr><th scope="row">{@code shmop_read}</th><td>{@link #read(long, long) read}</td></tr>
 * <tr><th scope="row">{@code shmop_write}</th><td>{@link #write(byte[], long) write}, {@link #writeUpTo writeUpTo}</td></tr>
 * <tr><th scope="row">{@code shmop_size}</th><td>{@link #size()}</td></tr>
 * <tr><th scope="row">{@code shmop_delete}</th><td>{@link #delete()}</td></tr>
 * <tr><th scope="row">{@code shmop_close}, end of scope</th><td>{@link #close()}</td></tr>
 * <tr><th scope="row">{@code ftok}</th><td>{@link #ftok(Path, String) ftok}</td></tr>
 * </tbody>
 * </table>
 *
 * <p>It differs from PHP where PHP fails quietly. A failure throws an exception, where PHP returns {@code false} and prints
 * a warning. A write that does not fit is refused, not truncated ({@link #writeUpTo writeUpTo} truncates). A closed block
 * can no longer be read. Mode {@code "c"} does not open a block that a stranger created, unless told to.
 *
 * <h2>Lifetime</h2>
 *
 * <p>The block is mapped from {@code open} to {@link #close()}. It outlives both until somebody {@linkplain #delete()
 * deletes} it. If an instance becomes unreachable without having been closed, a cleaner detaches it and logs a warning to
 * the {@link System.Logger} named {@code io.github.shm4j}.
 *
 * <h2>Memory that is not there</h2>
 *
 * <p>A block of huge pages that nobody has reserved can have pages for which the kernel has no memory. Reading or writing
 * such a page throws an {@link InternalError}, in compiled code perhaps some instructions after the call has returned, with a
 * part of the bytes copied. {@link io.github.shm4j.AttachOption#PRE_TOUCH} finds out before. In PHP such an access kills the
 * process.
 *
 * <h2>Threads and memory ordering</h2>
 *
 * <p>Instances can be used by any number of threads. Reads and writes are plain copies without any ordering: a read that
 * overlaps a write of another thread or process may see some bytes old and some new. After closing, the next call of any
 * thread throws {@link IllegalStateException}. To close an instance, the JVM has to ask every thread, which takes tens of
 * microseconds. Programs that open and close often should use {@link SharedMemory} and a confined arena.
 *
 * @see <a href="https://www.php.net/manual/en/book.shmop.php">PHP: shmop</a>
 */
public final class Shmop implements AutoCloseable {

    // Each further round means that another process removed the block between two calls of this one.
    private static final int OPEN_OR_CREATE_ROUNDS = 1000;

    private final SharedMemory memory;
    private final MemorySegment segment;
    private final Mapping mapping;
    private final Cleaner.Cleanable cleanable;

    private Shmop(SharedMemory memory, MemorySegment segment, Mapping mapping) {
        this.memory = memory;
        this.segment = segment;
        this.mapping = mapping;
        this.cleanable = Leaks.CLEANER.register(this, mapping);
    }

    /**
     * Opens or creates a block, as PHP's {@code shmop_open} does.
     *
     * <table class="striped">
     * <caption>The modes</caption>
     * <thead><tr><th scope="col">mode</th><th scope="col">block exists</th><th scope="col">no such block</th></tr></thead>
     * <tbody>
     * <tr><th scope="row">{@code "a"} access</th><td>opened read-only</td><td>{@code ShmNotFoundException}</td></tr>
     * <tr><th scope="row">{@code "w"} write</th><td>opened</td><td>{@code ShmNotFoundException}</td></tr>
     * <tr><th scope="row">{@code "c"} create</th><td>opened if at least of the size</td><td>created</td></tr>
     * <tr><th scope="row">{@code "n"} new</th><td>{@code ShmAlreadyExistsException}</td><td>created</td></tr>
     * </tbody>
     * </table>
     *
     * <p>Mode {@code "c"} accepts an existing block only if its owner and its creator are the caller or root; see {@link
     * #open(ShmKey, String, ShmPermissions, long, ShmTrust)}. A block that this call created is removed again if it then
     * cannot be attached.
     *
     * @param key the key; with {@link ShmKey#PRIVATE} the modes {@code "c"} and {@code "n"} create a block of which no
     *     other process knows
     * @param mode one of {@code "a"}, {@code "c"}, {@code "w"} and {@code "n"}
     * @param permissions who may read and write a block that is created; not used otherwise
     * @param size the size in bytes of a block that is created, and that one opened with {@code "c"} must at least have;
     *     not used with {@code "a"} and {@code "w"}, where the size is the block's
     * @return the open block
     * @throws IllegalArgumentException if the mode is none of the four, if the size is not positive in mode {@code "c"} or
     *     {@code "n"} or is negative in the others, or if the key is {@link ShmKey#PRIVATE} in mode {@code "a"} or
     *     {@code "w"}
     * @throws io.github.shm4j.ShmNotFoundException if no block has the key, in mode {@code "a"} and {@code "w"}; or if
     *     somebody else removes the block while this call opens it
     * @throws io.github.shm4j.ShmAlreadyExistsException if a block has the key, in mode {@code "n"}
     * @throws io.github.shm4j.ShmUntrustedException if a stranger's block has the key, in mode {@code "c"}
     * @throws io.github.shm4j.ShmAccessDeniedException if the block's permissions do not allow this user to read it or,
     *     except in mode {@code "a"}, to write it
     * @throws io.github.shm4j.ShmLimitException if a limit of the system or the process is reached
     * @throws ShmException if the existing block is smaller than the size in mode {@code "c"}, or for another reason of
     *     the kernel
     */
    public static Shmop open(ShmKey key, String mode, ShmPermissions permissions, long size) throws ShmException {
        // PHP programs often open other users' blocks. To ask for a new block and get a stranger's would be a surprise.
        return open(key, mode, permissions, size, "c".equals(mode) ? ShmTrust.callerOrRoot() : ShmTrust.anyone());
    }

    /**
     * Opens or creates a block and says whose existing block to accept.
     *
     * <p>Everything else is as for {@link #open(ShmKey, String, ShmPermissions, long)}.
     *
     * @param key the key
     * @param mode one of {@code "a"}, {@code "c"}, {@code "w"} and {@code "n"}
     * @param permissions who may read and write a block that is created
     * @param size the size in bytes
     * @param trust whose existing block to open, in every mode but {@code "n"}, which opens none; {@link ShmTrust#anyone()}
     *     is what PHP does
     * @return the open block
     * @throws IllegalArgumentException as for the method with four arguments
     * @throws io.github.shm4j.ShmUntrustedException if the block that has the key is not trusted
     * @throws ShmException as for the method with four arguments
     */
    public static Shmop open(ShmKey key, String mode, ShmPermissions permissions, long size, ShmTrust trust)
            throws ShmException {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(mode, "mode");
        Objects.requireNonNull(permissions, "permissions");
        Objects.requireNonNull(trust, "trust");
        boolean creates =
                switch (mode) {
                    case "a", "w" -> false;
                    case "c", "n" -> true;
                    default -> throw new IllegalArgumentException("mode is \"" + mode
                            + "\"; it must be \"a\" (read-only), \"c\" (open or create), \"n\" (new) or \"w\" (write)");
                };
        if (size < 0 || size == 0 && creates) {
            throw new IllegalArgumentException("size is " + size + "; it must be "
                    + (creates ? "greater than 0 for modes \"c\" and \"n\"" : "0 or greater"));
        }
        if (!creates) {
            return attach(SharedMemory.open(key, trust),
                    mode.equals("a") ? AttachMode.READ_ONLY : AttachMode.READ_WRITE);
        }
        if (mode.equals("n") || key.equals(ShmKey.PRIVATE)) {
            return attachOrRemove(new SharedMemory.Opened(SharedMemory.create(key, size, permissions), true));
        }
        ShmNotFoundException gone = null;
        for (int round = 0; round < OPEN_OR_CREATE_ROUNDS; round++) {
            try {
                return attachOrRemove(SharedMemory.openOrCreate(key, size, permissions, trust));
            } catch (ShmNotFoundException removedMeanwhile) {
                gone = removedMeanwhile;
            }
        }
        throw gone;
    }

    /** Removes a block that this call has created if it cannot be attached. */
    private static Shmop attachOrRemove(SharedMemory.Opened opened) throws ShmException {
        try {
            return attach(opened.memory(), AttachMode.READ_WRITE);
        } catch (Throwable failure) {
            if (opened.created()) {
                try {
                    opened.memory().remove();
                } catch (ShmNotFoundException gone) {
                    // Somebody else has removed it.
                } catch (ShmException alsoFailed) {
                    failure.addSuppressed(alsoFailed);
                }
            }
            throw failure;
        }
    }

    /**
     * Opens an existing block, where PHP wants a size and permissions that it does not use.
     *
     * @param key the key
     * @param mode {@code "a"} to read only, {@code "w"} to read and write
     * @return the open block
     * @throws IllegalArgumentException if the mode is neither {@code "a"} nor {@code "w"}, or if the key is
     *     {@link ShmKey#PRIVATE}
     * @throws io.github.shm4j.ShmNotFoundException if no block has the key
     * @throws io.github.shm4j.ShmAccessDeniedException if the block's permissions do not allow this user to read it or,
     *     in mode {@code "w"}, to write it
     * @throws ShmException for another reason of the kernel
     */
    public static Shmop open(ShmKey key, String mode) throws ShmException {
        return open(key, mode, ShmPermissions.OWNER_ONLY, 0);
    }

    private static Shmop attach(SharedMemory memory, AttachMode mode) throws ShmException {
        Arena arena = Arena.ofShared();
        try {
            MemorySegment segment = memory.attach(mode, arena);
            return new Shmop(memory, segment, new Mapping(memory.id(), arena));
        } catch (Throwable failure) {
            try {
                arena.close();
            } catch (RuntimeException alsoFailed) {
                failure.addSuppressed(alsoFailed);
            }
            throw failure;
        }
    }

    /**
     * Computes a key as PHP's {@code ftok} does, where the project is one character.
     *
     * @param file an existing file or directory
     * @param project a string of one character from U+0001 to U+00FF; {@code "0"} is the character, not the number
     * @return the key
     * @throws IllegalArgumentException if the project is not one such character, or if the file's path cannot be handed
     *     to C
     * @throws ShmException if the file cannot be found or reached
     * @see ShmKey#ftok(Path, int)
     */
    public static ShmKey ftok(Path file, String project) throws ShmException {
        if (project.length() != 1 || project.charAt(0) == 0 || project.charAt(0) > 0xff) {
            throw new IllegalArgumentException("project is \"" + project
                    + "\"; it must be one character from U+0001 to U+00FF, such as \"j\"");
        }
        return ShmKey.ftok(file, project.charAt(0));
    }

    /**
     * Reads bytes into a new array, as PHP's {@code shmop_read} does.
     *
     * @param offset where to start, in bytes, from 0 to the size
     * @param count how many bytes, or 0 for all to the end
     * @return the bytes, exactly as many as asked for
     * @throws IllegalArgumentException if the offset or the count is negative or leads past the end, or if there are more
     *     bytes than an array can hold
     * @throws IllegalStateException if this block is closed
     */
    public byte[] read(long offset, long count) {
        requireOpen();
        long available = requireOffset(offset);
        if (count < 0 || count > available) {
            throw outOfRange("count", count, available);
        }
        long length = count == 0 ? available : count;
        if (length > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("count is " + count + "; " + length
                    + " bytes do not fit into an array: read them in parts");
        }
        byte[] bytes = new byte[(int) length];
        copyOut(offset, bytes, 0, bytes.length);
        return bytes;
    }

    /**
     * Reads bytes into an array of the caller, without allocating any.
     *
     * <p>Unlike for {@link #read(long, long)}, a count of 0 reads nothing.
     *
     * @param offset where to start, in bytes, from 0 to the size
     * @param target the array to fill
     * @param from the index in the array to start at
     * @param count how many bytes
     * @throws IllegalArgumentException if the offset or the count is negative or leads past the end of this block, or if
     *     the index or the count leads out of the array
     * @throws IllegalStateException if this block is closed
     */
    public void read(long offset, byte[] target, int from, int count) {
        requireOpen();
        long available = requireOffset(offset);
        if (count < 0 || count > available) {
            throw outOfRange("count", count, available);
        }
        if (from < 0 || from > target.length - count) {
            throw new IllegalArgumentException("from is " + from + " and count " + count
                    + "; the array has only " + target.length + " bytes");
        }
        copyOut(offset, target, from, count);
    }

    /**
     * Writes bytes, all or none.
     *
     * <p>PHP 8 truncates what does not fit; this method refuses it, as PHP's next version does.
     *
     * @param bytes the bytes; none at all is allowed
     * @param offset where to start, in bytes, from 0 to the size
     * @return the number of bytes written, always all of them
     * @throws IllegalStateException if this block was opened with mode {@code "a"} or is closed
     * @throws IllegalArgumentException if the offset is negative or past the end, or if the bytes do not fit between it
     *     and the end; then nothing was written
     */
    public int write(byte[] bytes, long offset) {
        requireWritable();
        long available = requireOffset(offset);
        if (bytes.length > available) {
            throw new IllegalArgumentException("bytes has " + bytes.length + " bytes; from offset " + offset + " only "
                    + available + " fit: nothing was written (writeUpTo writes what fits)");
        }
        copyIn(bytes, bytes.length, offset);
        return bytes.length;
    }

    /**
     * Writes as many bytes as fit, as PHP 8's {@code shmop_write} does.
     *
     * @param bytes the bytes
     * @param offset where to start, in bytes, from 0 to the size
     * @return the number of bytes written, which is less than the array's length if they did not all fit
     * @throws IllegalStateException if this block was opened with mode {@code "a"} or is closed
     * @throws IllegalArgumentException if the offset is negative or past the end
     */
    public int writeUpTo(byte[] bytes, long offset) {
        requireWritable();
        int count = (int) Math.min(bytes.length, requireOffset(offset));
        copyIn(bytes, count, offset);
        return count;
    }

    /**
     * Returns the size of this block.
     *
     * @return the size in bytes that the kernel states, whatever was asked for when opening
     * @throws IllegalStateException if this block is closed
     */
    public long size() {
        requireOpen();
        return segment.byteSize();
    }

    /**
     * Removes this block, as PHP's {@code shmop_delete} does.
     *
     * <p>Nobody can open it by its key any more. It stays readable and writable for every process that has it open, also
     * through this instance. The kernel frees its memory when the last of them closes it. Deleting it again has no effect.
     *
     * @throws IllegalStateException if this block is closed
     * @throws io.github.shm4j.ShmNotPermittedException if this user is neither owner nor creator nor privileged
     * @throws ShmException for another reason of the kernel
     */
    public void delete() throws ShmException {
        requireOpen();
        memory.remove();
    }

    /**
     * Detaches this block.
     *
     * <p>The block itself stays. Closing again has no effect.
     *
     * @throws java.io.UncheckedIOException if the kernel refuses to detach, because something else in this process has
     *     unmapped the memory
     */
    @Override
    public void close() {
        if (mapping.close()) {
            cleanable.clean();
        }
    }

    /** {@return the block's id and size, or that it is closed} */
    @Override
    public String toString() {
        return "Shmop[id=" + memory.id() + ", " + (mapping.closed ? "closed" : "size=" + segment.byteSize())
                + "]";
    }

    private void requireOpen() {
        if (mapping.closed) {
            throw new IllegalStateException("block " + memory.id() + " is closed here: open it again");
        }
    }

    private void requireWritable() {
        requireOpen();
        if (segment.isReadOnly()) {
            throw new IllegalStateException("block " + memory.id()
                    + " was opened with mode \"a\", read-only: open it with mode \"w\" to write");
        }
    }

    /** Returns how many bytes there are from an offset on. */
    private long requireOffset(long offset) {
        long size = segment.byteSize();
        if (offset < 0 || offset > size) {
            throw outOfRange("offset", offset, size);
        }
        return size - offset;
    }

    private static IllegalArgumentException outOfRange(String argument, long value, long highest) {
        return new IllegalArgumentException(argument + " is " + value + "; it must be from 0 to " + highest);
    }

    private void copyOut(long offset, byte[] target, int from, int count) {
        try {
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, target, from, count);
        } finally {
            // If this is the last use of the instance, the cleaner could otherwise detach before the copy is done.
            Reference.reachabilityFence(this);
        }
    }

    private void copyIn(byte[] bytes, int count, long offset) {
        try {
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, count);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** What the cleaner closes. It must not refer to the instance, which would then never become unreachable. */
    private static final class Mapping implements Runnable {

        private final int id;
        private final Arena arena;

        // Volatile, or a loop in another thread could go on with a value that it has read before.
        private volatile boolean closed;

        Mapping(int id, Arena arena) {
            this.id = id;
            this.arena = arena;
        }

        /** Returns whether this call was the one that closed. */
        synchronized boolean close() {
            if (closed) {
                return false;
            }
            closed = true;
            arena.close();
            return true;
        }

        @Override
        public void run() {
            if (close()) {
                System.getLogger("io.github.shm4j")
                        .log(System.Logger.Level.WARNING, "block " + id + " was never closed; it has been detached now"
                                + " that nothing refers to it: close it, for instance with try-with-resources");
            }
        }
    }

    /** Starts the cleaner's thread only in programs that use this class. */
    private static final class Leaks {
        private static final Cleaner CLEANER = Cleaner.create();

        private Leaks() {}
    }
}
