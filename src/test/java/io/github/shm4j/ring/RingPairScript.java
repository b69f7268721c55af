package io.github.shm4j.ring;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Does to a pair of rings what short commands say: {@code create 128}, {@code open}, {@code client}, {@code server}, {@code close}.
 * Public, because it also is one of the {@link InstrumentedClasses}.
 */
public final class RingPairScript implements Consumer<String> {

    private final MemorySegment memory;
    private RingPair pair;
    private RingClient client;
    private RingServer server;

    /**
     * Makes who does it.
     *
     * @param memory where
     * @param notes not used, as nothing happens that is to be noted
     */
    public RingPairScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
    }

    @Override
    public void accept(String command) {
        String[] words = command.split(" ");
        switch (words[0]) {
            case "create" -> pair = RingPair.create(memory, Long.parseLong(words[1]));
            case "open" -> pair = RingPair.open(memory, Duration.ZERO);
            case "client" -> client = pair.client();
            case "server" -> server = pair.server();
            case "close" -> {
                if (client != null) {
                    client.close();
                }
                if (server != null) {
                    server.close();
                }
            }
            default -> throw new IllegalArgumentException(command);
        }
    }
}
