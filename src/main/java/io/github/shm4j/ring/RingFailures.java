package io.github.shm4j.ring;

import io.github.shm4j.structure.Format;

/** What is thrown where memory does not hold what it should, of a ring or of a pair of them. */
abstract class RingFailures extends Format {

    RingFailures(String name, long magic, int version, long headerLength) {
        super(name, magic, version, headerLength);
    }

    @Override
    public RingFormatException wrongFormat(String message) {
        return new RingFormatException(message);
    }

    @Override
    public boolean isWrongFormat(RuntimeException failure) {
        return failure instanceof RingFormatException;
    }

    @Override
    public RingCorruptedException corrupted(String message) {
        return new RingCorruptedException(message);
    }

    @Override
    public RingCorruptedException overwritten(String what) {
        return RingCorruptedException.overwritten(what);
    }

    @Override
    public RingOccupiedException occupied(String message) {
        return new RingOccupiedException(message);
    }

    @Override
    public RingRoleLostException lost(String message) {
        return new RingRoleLostException(message);
    }

    @Override
    public boolean hasCommands() {
        return true;
    }

    @Override
    public RingMemoryException noMemory(InternalError fault) {
        return new RingMemoryException(fault);
    }
}
