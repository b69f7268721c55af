package io.github.shm4j.internal;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** What is done with a mapping when its arena ends, while the memory is still there. */
public final class BeforeDetach {

    private static final Map<Long, Consumer<MemorySegment>> ACTIONS = new ConcurrentHashMap<>();

    private BeforeDetach() {}

    /**
     * Sets what to do with a mapping before it is detached.
     *
     * @param mapping the mapping, from its beginning
     * @param action receives the mapping, with a scope that is alive. It must not refer to the arena, whose end an automatic
     *     one would never come to then
     */
    public static void set(MemorySegment mapping, Consumer<MemorySegment> action) {
        ACTIONS.put(mapping.address(), action);
    }

    /**
     * Does what was set.
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
