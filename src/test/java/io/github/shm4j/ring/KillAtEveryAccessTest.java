package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.Stage.Scene;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills a process before each single access that it makes to the shared memory, also in the middle of copying, and looks
 * what the others get.
 */
@Patient
class KillAtEveryAccessTest {

    static List<Scene> producers() {
        return Scenes.ofProducers();
    }

    static List<Scene> consumers() {
        return Scenes.ofConsumers();
    }

    /** Calls the test with a stage on which the process was killed before each access in turn, and after the last. */
    private static void killAtEach(Scene scene, ObjIntConsumer<Stage> test) {
        for (boolean descending : new boolean[] {false, true}) {
            int accesses = Integer.MAX_VALUE;
            for (int i = 0; i <= accesses; i++) {
                Stage stage = new Stage(scene, Stage.ENDED, descending);
                int last = i;
                stage.victim.runAndKill(() -> stage.act(scene.act()), last);
                if (stage.victim.count() <= last) {
                    accesses = last;
                }
                try {
                    test.accept(stage, i);
                } catch (Throwable failure) {
                    throw new AssertionError("killed before access " + i + ", having made " + stage.victim.made(),
                            failure);
                }
            }
            assertTrue(accesses > 0, "the process does nothing");
        }
    }

    // fault 1, fault 2
    @ParameterizedTest
    @MethodSource("producers")
    void shouldDeliverWhatWasPublishedAndNothingElse(Scene scene) {
        killAtEach(scene, (stage, last) -> {
            List<String> expected = new ArrayList<>(stage.written);
            expected.addAll(published(scene, stage));
            if (last % 2 == 0) {
                stage.consume("drain");
                assertEquals(expected, stage.delivered);
            } else {
                stage.consume("close");
                stage.newConsumer();
            }
            stage.written.clear();
            stage.written.addAll(expected);
            stage.refused.clear();
            stage.newProducer();
            stage.fill();
            stage.consume("drain");
            assertEquals(stage.written, stage.delivered);
            RingStatistics statistics = stage.statistics();
            assertEquals(incomplete(stage), statistics.recordsSkipped());
            assertEquals(incomplete(stage) == 0, statistics.bytesSkipped() == 0);
            assertEquals(stage.led + stage.delivered.size(), statistics.messagesRead());
            assertEquals(statistics.messagesRead(), statistics.messagesWritten());
            stage.produce("close");
            stage.consume("close");
            stage.assertWorks();
            assertEquals(statistics.recordsSkipped(), stage.statistics().recordsSkipped());
        });
    }

    /** The messages that the killed process has published, in the order in which they come. */
    private static List<String> published(Scene scene, Stage stage) {
        List<String> names = scene.messages();
        if (stage.kind == Rings.SPSC || names.size() == 1) {
            List<String> messages = names.stream().filter(name -> !name.equals("n")).toList();
            List<Accesses.Access> made = stage.victim.made();
            if (stage.kind == Rings.SPSC) {
                // The headers of a batch are plain stores: the consumer comes to them by way of the one that is released.
                made = made.reversed().stream()
                        .dropWhile(access -> !stage.completes(access) || !access.how().equals("setRelease"))
                        .toList();
            }
            return messages.subList(0, (int) made.stream().filter(stage::publishes).count());
        }
        // Claimed in this order, whichever was committed first. None of them goes around the bend.
        List<Long> claimed = stage.victim.made().stream()
                .filter(Stage::claims)
                .map(access -> Stage.value(access, 0))
                .toList();
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < claimed.size(); i++) {
            long header = stage.memory.byteSize() - stage.capacity + claimed.get(i) % stage.capacity;
            if (stage.victim.made().stream()
                    .anyMatch(access -> access.offset() == header && stage.publishes(access))) {
                messages.add(names.get(i));
            }
        }
        return messages;
    }

    /** How many records there are that killed processes have claimed and not completed. */
    private static long incomplete(Stage stage) {
        if (stage.kind == Rings.SPSC) {
            return 0;
        }
        // Others see nothing of what it has noted about its own objects.
        List<Accesses.Access> made =
                stage.victim.made().stream().filter(access -> access.offset() >= 0).toList();
        // Neighbours that both have no header cannot be told apart.
        boolean one = stage.withoutHeader && !made.isEmpty() && Stage.claims(made.getLast());
        return made.stream().filter(Stage::claims).count() - made.stream().filter(stage::completes).count()
                + (one ? 0 : stage.abandoned);
    }

    @ParameterizedTest
    @MethodSource("consumers")
    void shouldGoOnBehindTheLastMessageWhoseHandlerHadReturned(Scene scene) {
        killAtEach(scene, (stage, last) -> {
            // Nobody is there to read, and nobody hangs.
            stage.fill();
            assertEquals(List.of(), stage.refused);
            int before = stage.delivered.size();
            stage.newConsumer();
            stage.consume("drain");
            stage.fill();
            stage.consume("drain");
            List<String> seen = new ArrayList<>(stage.delivered.subList(0, before));
            seen.addAll(stage.notesOfVictim);
            assertEquals(stage.written.subList(0, seen.size()), seen);
            assertEquals(stage.read(RingLayout.CONSUMER_POSITION_OFFSET), stage.read(RingLayout.FREE_POSITION_OFFSET));
            List<String> after = stage.delivered.subList(before, stage.delivered.size());
            int begin = stage.written.size() - after.size();
            assertEquals(stage.written.subList(begin, stage.written.size()), after);
            // What was peeked at and not freed comes again; of other messages, the one that was being handled.
            int again = seen.size() - begin;
            boolean peeking = scene.prepared().contains("peek") || scene.act().contains("peek");
            assertTrue(again >= 0 && (again <= 1 || peeking), () -> again + " messages came again");
            // What the process had counted, but not consumed yet, its successor counts again.
            boolean window = hasCountedAhead(stage);
            RingStatistics statistics = stage.statistics();
            long skipped = statistics.recordsSkipped();
            assertTrue(skipped == stage.abandoned || window && skipped == stage.abandoned + 1, skipped + " skipped");
            long expected = stage.led + stage.written.size();
            assertTrue(statistics.messagesRead() == expected
                    || window && statistics.messagesRead() > expected, statistics::toString);
            assertEquals(statistics.messagesRead(), statistics.messagesWritten());
            stage.produce("close");
            stage.consume("close");
            stage.refused.clear();
            stage.assertWorks();
        });
    }

    /** Whether the process was killed between counting and advancing its position. */
    private static boolean hasCountedAhead(Stage stage) {
        return stage.victim.made().reversed().stream()
                .takeWhile(
                        access -> access.offset() != RingLayout.CONSUMER_POSITION_OFFSET
                                || !access.how().startsWith("set"))
                .anyMatch(access -> access.how().startsWith("set")
                        && access.offset() >= RingLayout.MESSAGES_READ_OFFSET
                        && access.offset() <= RingLayout.BYTES_SKIPPED_OFFSET);
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayWhoHasNotFinishedTheRing(Rings kind) {
        boolean complete = false;
        for (int last = 0; !complete; last++) {
            MemorySegment memory = kind.memory(64);
            Accesses creator = new Accesses(memory, Stage.ENDED, false);
            creator.runAndKill(() -> ObservedClasses.end(memory, new ArrayList<>()).accept("create " + kind + "-64"),
                    last);
            complete = creator.count() <= last;
            if (Rings.getLong(memory, RingLayout.CREATOR_OFFSET) == Owner.NOBODY) {
                assertEquals(0, creator.made().size());
                assertThrows(RingFormatException.class, () -> RingUser.open(memory, Duration.ZERO));
                kind.create(memory, 64).close();
            } else if (memory.get(ValueLayout.JAVA_INT, RingLayout.VERSION_OFFSET) == 0) {
                RingFormatException incomplete =
                        assertThrows(RingFormatException.class, () -> RingUser.open(memory, Duration.ZERO));
                String message = incomplete.getMessage();
                assertTrue(message.contains("process " + Owner.pid(Stage.ENDED) + ", which has ended"), message);
                RingFormatException again =
                        assertThrows(RingFormatException.class, () -> kind.create(memory, 64));
                assertTrue(again.getMessage().contains("not complete"), again.getMessage());
            } else {
                RingUser ring = RingUser.open(memory, Duration.ZERO);
                assertEquals(64, ring.capacity());
                assertTrue(ring.write(Rings.TYPE, Rings.message("a")));
                assertEquals(List.of("a"), Rings.read(ring, 9));
            }
        }
    }
}
