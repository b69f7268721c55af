package io.github.shm4j;

/** How a block is mapped into this process. */
public enum AttachMode {

    /**
     * The memory can be read only.
     *
     * <p>Both the mapping ({@code SHM_RDONLY}) and the {@link java.lang.foreign.MemorySegment} are read-only: a write is
     * an exception. With the mapping alone, it would end the JVM.
     */
    READ_ONLY,

    /** The memory can be read and written. */
    READ_WRITE
}
