package io.github.shm4j.structure;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A kind of structure: how its header begins, how much memory it takes, and what it throws.
 *
 * <p>All headers begin alike:
 *
 * <pre>
 *  offset  size
 *       0     8  magic number
 *       8     4  version, written last
 *      12     4  a number that the kind gives a meaning to
 *      16     8  a length that the kind gives a meaning to
 *      24     4  a count that the kind gives a meaning to; 0 in most
 *      32     8  pid namespace of the creator
 *      40     8  time namespace of the creator
 *      48     8  creator
 * </pre>
 */
public abstract class Format implements RoleSignature.Refusal {

    public static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    public static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    public static final long MAGIC_OFFSET = 0;
    public static final long VERSION_OFFSET = 8;
    public static final long NUMBER_OFFSET = 12;
    public static final long LENGTH_OFFSET = 16;
    public static final long PID_NAMESPACE_OFFSET = 32;
    public static final long TIME_NAMESPACE_OFFSET = 40;
    public static final long CREATOR_OFFSET = 48;

    /** What different processes write lies in different lines of this length. */
    public static final long LINE_LENGTH = 128;

    /** Beyond every version and position that a structure can reach in the lifetime of its machine. */
    public static final long GREATEST_POSITION = 1L << 62;

    final String name;
    final long magic;
    final int version;

    /** The bytes before the contents, all zeros in a structure that has just been created. */
    final long headerLength;

    /**
     * Describes a kind.
     *
     * @param name what it is called, without an article
     * @param headerLength the bytes before the contents
     */
    protected Format(String name, long magic, int version, long headerLength) {
        this.name = name;
        this.magic = magic;
        this.version = version;
        this.headerLength = headerLength;
    }

    /** {@return what it is called, without an article} */
    public final String name() {
        return name;
    }

    /** {@return how much memory a new structure takes, header included, or -1 if none has this number and length} */
    protected abstract long size(int number, long length);

    /** {@return the count of a new structure; 0 if the kind has none} */
    protected int count(int number) {
        return 0;
    }

    /**
     * Checks the numbers in the header of a structure that somebody has made.
     *
     * @return how much memory it takes, header included
     */
    protected long requireSize(int number, long length, int count) {
        long size = size(number, length);
        if (size < 0) {
            throw corrupted("its header speaks of a length of " + length + " bytes and of the number " + number
                    + ", which no " + name + " has: it was overwritten");
        }
        return size;
    }

    /** {@return how much of a structure, from its beginning, has to have memory before it is used} */
    protected long backedSize(long size, long length) {
        return size;
    }

    /**
     * Makes what is in the contents of an empty structure, before its header says that it is complete. If that fails, everything is zero
     * again that was, or something is left near the beginning, which keeps the creation begun.
     */
    protected void createContents(MemorySegment memory, long length) {}

    /** Takes away again what {@link #createContents} has made. */
    protected void removeContents(MemorySegment memory, long length) {}

    /** {@return what to throw where the memory holds no complete structure of this kind} */
    public abstract RuntimeException wrongFormat(String message);

    /** {@return whether that is what was thrown} */
    public abstract boolean isWrongFormat(RuntimeException failure);

    /** {@return what to throw where somebody has overwritten the memory} */
    public abstract RuntimeException corrupted(String message);

    @Override
    public RuntimeException overwritten(String what) {
        return corrupted(what + ": the memory was overwritten");
    }

    /** {@return what to throw where the system has no memory} */
    public abstract RuntimeException noMemory(InternalError fault);
}
