package io.github.shm4j;

/** How a block is mapped into this process. */
public enum AttachMode {

    /**
     * The memory can be read only.
     *
     * <p>Both the mapping ({@code SHM_RDONLY}) and the {@link java.lang.foreign.MemorySegment} are read-only, so a write
     * throws an exception. If only the mapping were read-only, a write would kill the JVM.
     */
    READ_ONLY,

    /** The memory can be read and written. */
    READ_WRITE
}
