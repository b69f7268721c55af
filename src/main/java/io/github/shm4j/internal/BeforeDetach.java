package io.github.shm4j.internal;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Actions that run when the arena of a mapping ends, just before the memory is detached. */
public final class BeforeDetach {

    private static final Map<Long, Consumer<MemorySegment>> ACTIONS = new ConcurrentHashMap<>();

    private BeforeDetach() {}

    /**
     * Sets the action to run before a mapping is detached.
     *
     * @param mapping the mapping, from its beginning
     * @param action receives the mapping, with a scope that is alive. It must not refer to the arena: an automatic arena
     *     that is reachable never ends
     */
    public static void set(MemorySegment mapping, Consumer<MemorySegment> action) {
        ACTIONS.put(mapping.address(), action);
    }

    /**
     * Runs the action of a mapping, if one was set.
     *
     * @param mapping the mapping, with a scope that is alive
     */
    public static void run(MemorySegment mapping) {
        Consumer<MemorySegment> action = ACTIONS.remove(mapping.address());
        if (action != null) {
            action.accept(mapping);
        }
    }
}
