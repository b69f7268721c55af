package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills, stops and throws out of the client of a pair of rings, and its server, at each single access to the shared memory: each
 * request is handled at least once, those of a client that goes on get their own reply, and nobody gets that to another one.
 */
@Patient
class PairAtEveryAccessTest {

    private static final int CAPACITY = 512;

    /** One pair, a process that is observed, and the other side as everybody has it. */
    private static final class Subject {

        final MemorySegment memory = Arena.ofAuto().allocate(RingPair.sizeFor(CAPACITY), 128);
        final RingPair pair = RingPair.create(memory, CAPACITY);
        final List<String> notes = new ArrayList<>();
        final SimulatedProcess process;
        final Consumer<String> end;

        /** The names of the requests that this server has handled. */
        final List<String> handled = new ArrayList<>();

        /** The numbers and names of replies. */
        final List<String> replies = new ArrayList<>();

        private RingServer server;
        private SpscProducer requests;
        private RingConsumer consumer;
        private long number;

        /** Makes a pair in which some requests were handled, with replies that nobody waits for. */
        Subject(int before, long owner, boolean descending) {
            server = pair.server();
            try (RingClient client = pair.client()) {
                for (int i = 0; i < before; i++) {
                    assertThrows(RingTimeoutException.class, () -> client.call(PairScript.TYPE,
                            PairScript.text(RingScript.text("o/18")), MemorySegment.ofArray(new byte[0]),
                            Duration.ZERO));
                    serve();
                }
            }
            handled.clear();
            process = new SimulatedProcess(memory, owner, descending);
            end = InstrumentedClasses.end(PairScript.class, memory, notes);
        }

        /** Handles all requests that are there. */
        void serve() {
            while (server.serve(
                    (type, view, offset, length, reply) -> PairScript.handle(handled, () -> {
                    }, type, view, offset, length, reply),
                    99) != 0) {
                // There may be more, now that there is room for replies.
            }
        }

        void act(String commands, IntConsumer before) {
            process.run(() -> end.accept(commands), before);
        }

        /** Becomes the client, by the rings alone, so that each reply can be seen. */
        void beginRequests(String... names) {
            server.close();
            requests = pair.requests().producer();
            consumer = pair.replies().consumer();
            for (String name : names) {
                request(name);
            }
        }

        void request(String name) {
            byte[] text = RingScript.text(name + "/21").getBytes(StandardCharsets.US_ASCII);
            MemorySegment message = MemorySegment.ofArray(new long[4]).asSlice(0, 8 + text.length);
            RingLayout.LONG.set(message, 0L, ++number);
            MemorySegment.copy(MemorySegment.ofArray(text), 0, message, 8, text.length);
            assertTrue(requests.write(PairScript.TYPE, message));
        }

        void readReplies() {
            consumer.read((type, view, offset, length) -> {
                long to = (long) RingLayout.LONG.get(view, offset);
                replies.add(to + (type == RingServer.FAILED ? " failed"
                        : " " + PairScript.name(view, offset + 8, length - 8)));
            }, 99);
        }

        /** Lets another server handle what is left. */
        void succeedServer() {
            server = pair.server();
            serve();
            readReplies();
        }
    }

    /** A client that comes after another one, and is answered at once. */
    private static void assertServed(Subject subject) {
        List<String> replies = new ArrayList<>();
        SimulatedProcess process = new SimulatedProcess(subject.memory, Rings.livingOwner(), false);
        Consumer<String> end = InstrumentedClasses.end(PairScript.class, subject.memory, replies);
        // Around both rings.
        process.run(
                () -> end
                        .accept("open; client; call p/21; call q/5; call r/40; call s/33; call t/13; call u/40; close"),
                access -> subject.serve());
        assertEquals(List.of("P", "Q", "R", "S", "T", "U"), replies);
        int last = subject.handled.size();
        assertEquals(List.of("p", "q", "r", "s", "t", "u"), subject.handled.subList(last - 6, last));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 9})
    void shouldGiveTheSuccessorOfAKilledClientItsOwnReplies(int before) {
        for (int pace : new int[] {1, 7}) {
            int moment = 0;
            for (boolean killed = true; killed; moment++) {
                Subject subject = new Subject(before, Simulation.TERMINATED, moment % 2 == 0);
                subject.act("open; client", access -> {
                });
                int last = moment;
                try {
                    subject.act("call a/21; call b/40", access -> {
                        if (access >= last) {
                            throw new SimulatedProcess.Killed();
                        }
                        if (access % pace == 0) {
                            subject.serve();
                        }
                    });
                } catch (SimulatedProcess.Killed asIntended) {
                    // What it has done stays.
                }
                killed = subject.process.count() > last;
                List<String> replies = subject.notes;
                assertEquals(List.of("A", "B").subList(0, replies.size()), replies);
                subject.serve();
                List<String> handled = List.copyOf(subject.handled);
                assertEquals(List.of("a", "b").subList(0, handled.size()), handled, "killed before access " + last);
                assertTrue(handled.size() >= replies.size());
                assertServed(subject);
                assertEquals(handled.size() + 6, subject.handled.size(), "nothing is handled twice");
            }
            assertTrue(moment > 30, moment + " moments");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 9})
    void shouldGetEachReplyHoweverLateTheServerIs(int before) {
        for (int moment = 0; moment < 80; moment++) {
            Subject subject = new Subject(before, Simulation.LIVING, moment % 2 == 0);
            subject.act("open; client", access -> {
            });
            int from = moment;
            subject.act("call a/21; call b/40", access -> {
                if (access == from) {
                    assertThrows(RingOccupiedException.class, subject.pair::client);
                }
                if (access >= from) {
                    subject.serve();
                }
            });
            assertEquals(List.of("A", "B"), subject.notes);
            assertEquals(List.of("a", "b"), subject.handled);
            subject.act("close", access -> {
            });
            assertServed(subject);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9})
    void shouldGetItsOwnReplyAfterSomethingWasThrownOutOfACall(int before) {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            for (boolean reached = true; reached; moment++) {
                Subject subject = new Subject(before, Simulation.LIVING, false);
                subject.act("open; client", access -> {
                });
                try {
                    subject.process.runAndThrow(() -> subject.end.accept("call a/21"), access -> subject.serve(),
                            moment, after, again, StackOverflowError::new);
                } catch (StackOverflowError asIntended) {
                    // The client goes on.
                }
                reached = subject.process.count() > moment;
                subject.serve();
                subject.notes.clear();
                String when = "thrown " + (after ? "after" : "before") + " access " + moment;
                List<String> handled = List.copyOf(subject.handled);
                assertTrue(handled.isEmpty() || handled.equals(List.of("a")), () -> when + ": " + handled);
                subject.act("call c/40; call d/21; close", access -> subject.serve());
                assertEquals(List.of("C", "D"), subject.notes, when);
                assertEquals(handled.size() + 2, subject.handled.size(), when);
                assertServed(subject);
            }
            assertTrue(moment > 20, moment + " moments");
        }
    }

    /** What was handled by both together, of three requests: each of them in their order, and at most one twice. */
    private static void assertHandled(Subject subject, String when) {
        List<String> all = List.of("a", "b", "c");
        List<String> first = subject.notes;
        List<String> second = subject.handled;
        assertEquals(all.subList(0, first.size()), first, when);
        assertEquals(all.subList(3 - second.size(), 3), second, when);
        int again = first.size() + second.size() - 3;
        assertTrue(again == 0 || again == 1, () -> when + ": " + first + " and " + second);
        assertReplies(subject, again == 0 ? null : second.getFirst(), when);
    }

    /** Each request has got its reply, and at most one of them two. */
    private static void assertReplies(Subject subject, String twice, String when) {
        List<String> expected = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            String reply = name.charAt(0) - 'a' + 1 + " " + PairScript.reply(name);
            expected.add(reply);
            if (name.equals(twice) && subject.replies.size() > 3) {
                expected.add(reply);
            }
        }
        assertEquals(expected, subject.replies, when);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 9})
    void shouldHandleAgainAtMostTheRequestThatAKilledServerHandled(int before) {
        int moment = 0;
        for (boolean killed = true; killed; moment++) {
            Subject subject = new Subject(before, Simulation.TERMINATED, moment % 2 == 0);
            subject.beginRequests("a", "b", "c");
            subject.readReplies();
            subject.replies.clear();
            subject.act("open; server", access -> {
            });
            int last = moment;
            subject.process.runAndKill(() -> subject.end.accept("serve 9; close"), last);
            killed = subject.process.count() > last;
            if (moment % 3 != 0) {
                subject.readReplies();
            }
            subject.succeedServer();
            assertHandled(subject, "killed before access " + last);
        }
        assertTrue(moment > 30, moment + " moments");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 9})
    void shouldHandleEachRequestOnceWhereverTheServerIsStopped(int before) {
        int moment = 0;
        for (boolean reached = true; reached; moment++) {
            Subject subject = new Subject(before, Simulation.LIVING, moment % 2 == 0);
            subject.beginRequests("a", "b");
            subject.readReplies();
            subject.replies.clear();
            subject.act("open; server", access -> {
            });
            int at = moment;
            subject.act("serve 9", access -> {
                if (access == at) {
                    assertThrows(RingOccupiedException.class, subject.pair::server);
                    subject.request("c");
                    subject.readReplies();
                }
            });
            reached = subject.process.count() > at;
            if (reached) {
                subject.act("serve 9; close", access -> {
                });
                subject.readReplies();
                assertHandled(subject, "stopped before access " + at);
            }
        }
        assertTrue(moment > 30, moment + " moments");
    }

    /** A request that was being handled is handled again if the stack was exhausted, and has got some reply in any case. */
    @Test
    void shouldReplyToEachRequestWhereverSomethingIsThrown() {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            for (boolean reached = true; reached; moment++) {
                Subject subject = new Subject(9, Simulation.LIVING, false);
                subject.beginRequests("a", "b", "c");
                subject.readReplies();
                subject.replies.clear();
                subject.act("open; server", access -> {
                });
                try {
                    subject.process.runAndThrow(() -> subject.end.accept("serve 9"), access -> {
                    }, moment, after, again, StackOverflowError::new);
                } catch (StackOverflowError asIntended) {
                    // The server goes on.
                }
                reached = subject.process.count() > moment;
                subject.readReplies();
                subject.act("serve 9; close", access -> {
                });
                subject.readReplies();
                assertReplied(subject, "thrown " + (after ? "after" : "before") + " access " + moment
                        + (again ? " and later" : ""));
                subject.requests.close();
                subject.consumer.close();
                subject.server = subject.pair.server();
                assertServed(subject);
            }
            assertTrue(moment > 30, moment + " moments");
        }
    }

    private static void assertReplied(Subject subject, String when) {
        List<String> once = subject.notes.stream().distinct().toList();
        assertEquals(List.of("a", "b", "c"), once, when);
        assertTrue(subject.notes.size() <= 4, () -> when + ": " + subject.notes);
        List<String> replies = subject.replies;
        // What was thrown reaches the client, unless the reply was sent before.
        List<String> failed = replies.stream().filter(reply -> reply.endsWith("failed")).toList();
        assertTrue(failed.size() <= 1, () -> when + ": " + replies);
        // The client takes the first one of those to its request, and passes over the others.
        assertTrue(replies.size() <= 5, () -> when + ": " + replies);
        List<String> numbers = replies.stream().map(reply -> reply.substring(0, 1)).toList();
        assertEquals(numbers.stream().sorted().toList(), numbers, when);
        assertEquals(List.of("1", "2", "3"), numbers.stream().distinct().toList(), () -> when + ": " + replies);
        assertTrue(replies.stream().allMatch(reply -> reply.matches("1 A|2 B|3 C|[123] failed")),
                () -> when + ": " + replies);
    }
}
