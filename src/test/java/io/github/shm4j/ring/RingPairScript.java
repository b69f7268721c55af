package io.github.shm4j.ring;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/** Creates a pair of rings, as {@code create 128} says. Public, because it also is one of the {@link InstrumentedClasses}. */
public final class RingPairScript implements Consumer<String> {

    private final MemorySegment memory;

    /**
     * Makes a creator.
     *
     * @param memory where
     * @param notes not used, as nothing happens that is to be noted
     */
    public RingPairScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
    }

    @Override
    public void accept(String command) {
        RingPair.create(memory, Long.parseLong(command.substring("create ".length())));
    }
}
