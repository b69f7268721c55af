package io.github.shm4j.support;

import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The blocks that one test makes: each with a key that was free, all removed at the end, and nothing else.
 *
 * <p>Other programs, and other runs of the same tests, have blocks on the machine too.
 */
public final class Blocks implements AutoCloseable {

    private final Deque<SharedMemory> made = new ArrayDeque<>();
    private final Deque<ShmKey> promised = new ArrayDeque<>();

    /** Creates a block with a random key, 0600. */
    public SharedMemory create(long size) throws ShmException {
        return create(size, ShmPermissions.OWNER_ONLY);
    }

    /** Creates a block with a random key. */
    public SharedMemory create(long size, ShmPermissions permissions, CreateOption... options) throws ShmException {
        while (true) {
            try {
                return adopt(SharedMemory.create(ShmKey.random(), size, permissions, options));
            } catch (ShmAlreadyExistsException taken) {
                // Draw another one.
            }
        }
    }

    /** Returns a key that no block has; if somebody makes one with it, it is removed at the end. */
    public ShmKey freeKey() throws ShmException {
        while (true) {
            ShmKey key = ShmKey.random();
            try {
                SharedMemory.open(key);
            } catch (ShmNotFoundException free) {
                promised.push(key);
                return key;
            }
        }
    }

    /** Takes over the removal of a block. */
    public SharedMemory adopt(SharedMemory memory) {
        made.push(memory);
        return memory;
    }

    @Override
    public void close() throws ShmException {
        for (ShmKey key : promised) {
            try {
                SharedMemory.open(key).remove();
            } catch (ShmNotFoundException gone) {
                // As it should be.
            }
        }
        for (SharedMemory memory : made) {
            try {
                memory.remove();
            } catch (ShmNotFoundException gone) {
                // The test has removed it.
            }
        }
    }
}
