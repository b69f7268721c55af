package io.github.shm4j.ring;

import io.github.shm4j.WaitStrategy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Does to a pair of rings what short commands say: {@code open}, {@code client}, {@code call v/21}, which sends a message of
 * {@link RingScript} and waits for the reply, {@code server}, {@code serve 9}, {@code close}.
 *
 * <p>The reply to a request is its text in upper case. Noted are the names of requests that are handled, and of replies.
 */
public final class PairScript implements Consumer<String> {

    /** The type of all requests and replies. */
    static final int TYPE = 7;

    private final MemorySegment memory;
    private final List<String> notes;
    private RingPair pair;
    private RingClient client;
    private RingServer server;

    public PairScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
        this.notes = notes;
    }

    /** The reply to a request. */
    static String reply(String request) {
        return request.toUpperCase(Locale.ROOT);
    }

    /** The name of a message of which each byte is right. */
    static String name(MemorySegment memory, long offset, int length) {
        String text = new String(
                memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
        String request = text.toLowerCase(Locale.ROOT);
        String name = request.substring(0, Math.max(0, request.indexOf('/')));
        String right = RingScript.text(name + "/" + length);
        if (text.equals(right)) {
            return name;
        }
        if (text.equals(reply(right))) {
            return reply(name);
        }
        throw new AssertionError("torn: " + text);
    }

    /** Handles a request, whoever the server is. */
    static void handle(
            List<String> notes, Runnable step, int type, MemorySegment memory, long offset, int length,
            RingServer.Reply reply) {
        String name = name(memory, offset, length);
        if (type != TYPE) {
            throw new AssertionError("a request has type " + type);
        }
        notes.add(name);
        step.run();
        reply.send(TYPE, text(reply(RingScript.text(name + "/" + length))));
        step.run();
    }

    static MemorySegment text(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void accept(String commands) {
        for (String command : commands.split("; ")) {
            String[] words = command.split(" ");
            switch (words[0]) {
                case "open" -> pair = RingPair.open(memory, Duration.ZERO);
                case "client" -> client = pair.client(WaitStrategy.BUSY_SPIN);
                case "call" -> call(words[1]);
                case "server" -> server = pair.server(WaitStrategy.BUSY_SPIN);
                case "serve" -> server.serve(
                        (type, view, offset, length, reply) -> handle(
                                notes, SimulatedProcess::step, type, view, offset, length, reply),
                        Integer.parseInt(words[1]));
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

    private void call(String request) {
        MemorySegment target = MemorySegment.ofArray(new byte[pair.maxMessageLength()]);
        try {
            // The test lets somebody reply.
            int length = client.call(TYPE, text(RingScript.text(request)), target, Duration.ofDays(1));
            notes.add(name(target, 0, length));
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }
}
