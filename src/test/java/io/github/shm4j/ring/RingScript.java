package io.github.shm4j.ring;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.ring.ControlledMessageHandler.Action;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * One end of a ring, which does what it is told in words and notes what happens to it.
 *
 * <p>A message is told as its name and its length, as in "write a/21", and noted by its name when it is delivered. Public,
 * because it also is one of the {@link InstrumentedClasses}.
 */
public final class RingScript implements Consumer<String> {

    /** Noted when there is no room. */
    static final String NO_ROOM = "no room";

    /** Noted when the role is taken. */
    static final String OCCUPIED = "occupied";

    /** Noted when the role was taken away. */
    static final String LOST = "lost";

    /** How many empty reads in a row make an impatient consumer ask twice what is the matter. */
    private static final int EMPTY_READS = 40;

    /** More than any test writes: then the same ones come again and again. */
    private static final int MOST_MESSAGES = 100_000;

    /**
     * One of the things that it does.
     *
     * @param content what to write, if the argument is a message
     */
    private record Command(String name, String argument, MemorySegment content) {}

    // Tests tell and check the same few words and messages many million times.
    private static final Map<String, List<Command>> COMMANDS = new ConcurrentHashMap<>();
    private static final Map<String, String> TEXTS = new ConcurrentHashMap<>();
    private static final Map<String, String> NAMES = new ConcurrentHashMap<>();

    private final MemorySegment memory;
    private final List<String> notes;
    private final Map<String, Claim> claims = new HashMap<>();
    private RingUser ring;
    private SpscProducer.Batch batch;

    /**
     * Makes an end.
     *
     * @param memory the ring
     * @param notes where to note what happens
     */
    public RingScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
        this.notes = notes;
    }

    /** The content of a message, which says what it has to be. */
    static String text(String message) {
        String known = TEXTS.get(message);
        return known != null ? known : TEXTS.computeIfAbsent(message, RingScript::newText);
    }

    private static String newText(String message) {
        int length = Integer.parseInt(message.substring(message.indexOf('/') + 1));
        StringBuilder text = new StringBuilder(message);
        while (text.length() < length) {
            text.append((char) ('a' + (text.length() + length) % 26));
        }
        return text.length() == length ? text.toString() : text.substring(0, length);
    }

    /** Does a number of things, separated by semicolons. */
    @Override
    public void accept(String commands) {
        List<Command> known = COMMANDS.get(commands);
        for (Command command : known != null ? known : COMMANDS.computeIfAbsent(commands, RingScript::parse)) {
            try {
                execute(command);
            } catch (RingOccupiedException occupied) {
                notes.add(OCCUPIED);
            } catch (RingRoleLostException lost) {
                notes.add(LOST);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    private static List<Command> parse(String commands) {
        return Arrays.stream(commands.split(";"))
                .map(command -> command.strip().split(" "))
                .map(words -> command(words[0], words.length > 1 ? words[1] : ""))
                .toList();
    }

    private static Command command(String name, String argument) {
        return new Command(name, argument, argument.contains("/") ? Rings.message(text(argument)) : null);
    }

    private void execute(Command command) throws InterruptedException {
        String argument = command.argument();
        switch (command.name()) {
            case "" -> {
            }
            case "create" -> {
                ring = Rings.valueOf(argument.substring(0, 4)).create(memory, Long.parseLong(argument.substring(5)));
                beImpatient();
            }
            case "open" -> {
                ring = RingUser.open(memory, Duration.ZERO);
                ring.clearAsInLargeRings();
                beImpatient();
            }
            case "write" -> {
                if (!ring.write(Rings.TYPE, command.content())) {
                    notes.add(NO_ROOM);
                }
            }
            case "claim" -> {
                claims.put(argument, new Claim());
                if (!ring.tryClaim(Rings.TYPE, text(argument).length(), claims.get(argument))) {
                    notes.add(NO_ROOM);
                }
            }
            case "commit" -> {
                Claim claim = claims.get(argument);
                if (claim.isOpen()) {
                    fill(claim.segment(), text(argument));
                    claim.commit();
                }
                claims.remove(argument);
            }
            case "abort" -> {
                Claim claim = claims.get(argument);
                if (claim.isOpen()) {
                    fill(claim.segment(), text(argument));
                }
                claim.close();
                claims.remove(argument);
            }
            case "leave" -> claims.values().forEach(Claim::close);
            case "read" -> ring.read(this::note, Integer.parseInt(argument));
            case "control" -> {
                Action[] actions = {Action.CONTINUE, Action.COMMIT, Action.CONTINUE, Action.BREAK};
                int[] count = new int[1];
                ring.controlledRead((type, view, offset, length) -> {
                    note(type, view, offset, length);
                    return actions[count[0]++ % actions.length];
                }, Integer.parseInt(argument));
            }
            case "read-and-close" -> ring.read((type, view, offset, length) -> {
                note(type, view, offset, length);
                ring.consumer().close();
            }, Integer.parseInt(argument));
            case "control-and-close" -> ring.controlledRead((type, view, offset, length) -> {
                note(type, view, offset, length);
                ring.consumer().close();
                return Action.CONTINUE;
            }, Integer.parseInt(argument));
            case "peek" -> ring.peek(this::note, Integer.parseInt(argument));
            case "browse" -> ring.browse(this::note, Integer.parseInt(argument));
            case "free" -> ring.release();
            case "drain" -> drain();
            case "batch" -> batch = ring.beginBatch();
            case "publish" -> batch.publish();
            case "end" -> batch.close();
            case "close" -> ring.close();
            case "take" -> ring.take(argument.equals("producer"));
            case "take-over" -> ring.takeOver(argument.equals("producer"));
            case "detach" -> ring.beforeDetach().accept(memory);
            case "check" -> ring.recoverIfStalled();
            case "await" -> ring.awaitMessage(WaitStrategy.BLOCKING, Duration.ofMillis(Long.parseLong(argument)));
            case "await-room" -> ring.awaitRoom(
                    ring.maxMessageLength(), WaitStrategy.BLOCKING, Duration.ofMillis(Long.parseLong(argument)));
            default -> throw new IllegalArgumentException(command.name());
        }
    }

    private void beImpatient() {
        if (ring instanceof RingUser mpsc) {
            mpsc.checkWithoutWaiting();
        }
    }

    private static void fill(MemorySegment segment, String text) {
        int half = text.length() / 2;
        segment.asSlice(0, half).copyFrom(Rings.message(text.substring(0, half)));
        SimulatedProcess.step();
        segment.asSlice(half).copyFrom(Rings.message(text.substring(half)));
        SimulatedProcess.step();
    }

    /** Reads until there is certainly nothing that could be read, although no other process does anything. */
    private void drain() {
        long position = -1;
        for (int empty = 0; empty < EMPTY_READS; empty++) {
            ring.read(this::note, 3);
            if (notes.size() > MOST_MESSAGES) {
                throw new AssertionError("endless");
            }
            if (ring.consumerPosition() != position) {
                position = ring.consumerPosition();
                empty = 0;
            }
        }
    }

    private void note(int type, MemorySegment view, long offset, int length) {
        String text = new String(
                view.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        String name = NAMES.get(text);
        if (name == null) {
            name = text.substring(0, Math.max(0, text.indexOf('/')));
            if (text.equals(text(name + "/" + length))) {
                NAMES.put(text, name);
            } else {
                name = null;
            }
        }
        if (type != Rings.TYPE || name == null) {
            throw new AssertionError("torn: " + type + ", " + text);
        }
        SimulatedProcess.step();
        notes.add(name);
        SimulatedProcess.handle();
    }
}
