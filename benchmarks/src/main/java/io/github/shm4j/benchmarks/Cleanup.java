package io.github.shm4j.benchmarks;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Cleans up after a run that is interrupted: whoever stops a benchmark must not have to look for its blocks. */
public final class Cleanup {

    private static final Set<Runnable> ACTIONS = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ACTIONS.forEach(Runnable::run)));
    }

    private Cleanup() {}

    /**
     * Registers what to do if the JVM is told to stop before it has been done.
     *
     * @return the same action; {@link #done} takes it back
     */
    public static Runnable register(Runnable action) {
        ACTIONS.add(action);
        return action;
    }

    /** Registers a block, to be removed if the JVM is told to stop before. */
    public static Runnable register(SharedMemory block) {
        return register(() -> {
            try {
                block.remove();
            } catch (ShmException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }

    /** Takes an action back. */
    public static void done(Runnable action) {
        ACTIONS.remove(action);
    }
}
