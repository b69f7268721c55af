package io.github.shm4j.support;

import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import java.time.Instant;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * The blocks that one test creates, each with a key that was free. {@link #close} removes them and no others: other programs
 * and other runs of the same tests have blocks on the machine too.
 *
 * <p>A shutdown hook removes them if a signal ends the tests.
 */
public final class Blocks implements AutoCloseable {

    private static final Set<Blocks> IN_USE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Blocks::removeAll));
    }

    private final Deque<SharedMemory> created = new ConcurrentLinkedDeque<>();
    private final Deque<ShmKey> promised = new ConcurrentLinkedDeque<>();

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

    /** Returns a key that no block has. If somebody creates a block with it, that is removed at the end. */
    public ShmKey freeKey() throws ShmException {
        while (true) {
            ShmKey key = ShmKey.random();
            try {
                SharedMemory.open(key);
            } catch (ShmNotFoundException free) {
                promise(key);
                return key;
            }
        }
    }

    /** Takes over the removal of a block. */
    public SharedMemory adopt(SharedMemory memory) {
        IN_USE.add(this);
        created.push(memory);
        return memory;
    }

    /** Takes over the removal of a block that somebody may create. */
    public void promise(ShmKey key) {
        IN_USE.add(this);
        promised.push(key);
    }

    @Override
    public void close() throws ShmException {
        ShmException failure = null;
        for (ShmKey key : promised) {
            failure = first(failure, () -> SharedMemory.open(key).remove());
        }
        for (SharedMemory memory : created) {
            failure = first(failure, memory::remove);
        }
        IN_USE.remove(this);
        if (failure != null) {
            throw failure;
        }
    }

    /** Removes the blocks of processes that had to be killed. */
    static void removeThoseMadeBy(Set<Long> pids, Instant since) {
        try {
            for (ShmStatus block : SharedMemory.list()) {
                if (pids.contains(block.creatorPid()) && !block.changeTime().isBefore(since)) {
                    first(null, SharedMemory.ofId(block.id())::remove);
                }
            }
        } catch (ShmException notListed) {
            System.err.println("blocks may be left: " + notListed.getMessage());
        }
    }

    private static void removeAll() {
        for (Blocks blocks : IN_USE) {
            try {
                blocks.close();
            } catch (ShmException left) {
                System.err.println("a block is left: " + left.getMessage());
            }
        }
    }

    private interface Removal {
        void run() throws ShmException;
    }

    /** Removes a block, if it is still there, and returns the first of the failures so far. */
    private static ShmException first(ShmException earlier, Removal removal) {
        try {
            removal.run();
            return earlier;
        } catch (ShmNotFoundException gone) {
            // The test has removed it.
            return earlier;
        } catch (ShmException failure) {
            return earlier == null ? failure : earlier;
        }
    }
}
