package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.Simulation.Scenario;
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

    static List<Scenario> producers() {
        return Scenarios.ofProducers();
    }

    static List<Scenario> consumers() {
        return Scenarios.ofConsumers();
    }

    /** Calls the test with a simulation whose process was killed before each access in turn, and after the last. */
    private static void killAtEach(Scenario scenario, ObjIntConsumer<Simulation> test) {
        for (boolean descending : new boolean[] {false, true}) {
            int accesses = Integer.MAX_VALUE;
            for (int i = 0; i <= accesses; i++) {
                Simulation simulation = new Simulation(scenario, Simulation.TERMINATED, descending);
                int last = i;
                simulation.victim.runAndKill(() -> simulation.act(scenario.act()), last);
                if (simulation.victim.count() <= last) {
                    accesses = last;
                }
                try {
                    test.accept(simulation, i);
                } catch (Throwable failure) {
                    throw new AssertionError("killed before access " + i + ", having made " + simulation.victim.made(),
                            failure);
                }
            }
            assertTrue(accesses > 0, "the process does nothing");
        }
    }

    // fault 1, fault 2
    @ParameterizedTest
    @MethodSource("producers")
    void shouldDeliverWhatWasPublishedAndNothingElse(Scenario scenario) {
        killAtEach(scenario, (simulation, last) -> {
            List<String> expected = new ArrayList<>(simulation.written);
            expected.addAll(published(scenario, simulation));
            if (last % 2 == 0) {
                simulation.consume("drain");
                assertEquals(expected, simulation.delivered);
            } else {
                simulation.consume("close");
                simulation.newConsumer();
            }
            simulation.written.clear();
            simulation.written.addAll(expected);
            simulation.refused.clear();
            simulation.newProducer();
            simulation.fill();
            simulation.consume("drain");
            assertEquals(simulation.written, simulation.delivered);
            RingStatistics statistics = simulation.statistics();
            assertEquals(incomplete(simulation), statistics.recordsSkipped());
            assertEquals(incomplete(simulation) == 0, statistics.bytesSkipped() == 0);
            assertEquals(simulation.led + simulation.delivered.size(), statistics.messagesRead());
            assertEquals(statistics.messagesRead(), statistics.messagesWritten());
            simulation.produce("close");
            simulation.consume("close");
            simulation.assertWorks();
            assertEquals(statistics.recordsSkipped(), simulation.statistics().recordsSkipped());
        });
    }

    /** The messages that the killed process has published, in the order in which they come. */
    private static List<String> published(Scenario scenario, Simulation simulation) {
        List<String> names = scenario.messages();
        if (simulation.kind == Rings.SPSC || names.size() == 1) {
            List<String> messages = names.stream().filter(name -> !name.equals("n")).toList();
            List<SimulatedProcess.Access> made = simulation.victim.made();
            if (simulation.kind == Rings.SPSC) {
                // The headers of a batch are plain stores: the consumer comes to them by way of the one that is released.
                made = made.reversed().stream()
                        .dropWhile(access -> !simulation.completes(access) || !access.how().equals("setRelease"))
                        .toList();
            }
            return messages.subList(0, (int) made.stream().filter(simulation::publishes).count());
        }
        // Claimed in this order, whichever was committed first. None of them goes around the bend.
        List<Long> claimed = simulation.victim.made().stream()
                .filter(Simulation::claims)
                .map(access -> Simulation.value(access, 0))
                .toList();
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < claimed.size(); i++) {
            long header = simulation.memory.byteSize() - simulation.capacity + claimed.get(i) % simulation.capacity;
            if (simulation.victim.made().stream()
                    .anyMatch(access -> access.offset() == header && simulation.publishes(access))) {
                messages.add(names.get(i));
            }
        }
        return messages;
    }

    /** How many records there are that killed processes have claimed and not completed. */
    private static long incomplete(Simulation simulation) {
        if (simulation.kind == Rings.SPSC) {
            return 0;
        }
        // Others see nothing of what it has noted about its own objects.
        List<SimulatedProcess.Access> made =
                simulation.victim.made().stream().filter(access -> access.offset() >= 0).toList();
        // Neighbours that both have no header cannot be told apart.
        boolean one = simulation.withoutHeader && !made.isEmpty() && Simulation.claims(made.getLast());
        return made.stream().filter(Simulation::claims).count() - made.stream().filter(simulation::completes).count()
                + (one ? 0 : simulation.abandoned);
    }

    @ParameterizedTest
    @MethodSource("consumers")
    void shouldGoOnBehindTheLastMessageWhoseHandlerHadReturned(Scenario scenario) {
        killAtEach(scenario, (simulation, last) -> {
            // Nobody is there to read, and nobody hangs.
            simulation.fill();
            assertEquals(List.of(), simulation.refused);
            int before = simulation.delivered.size();
            simulation.newConsumer();
            simulation.consume("drain");
            simulation.fill();
            simulation.consume("drain");
            List<String> seen = new ArrayList<>(simulation.delivered.subList(0, before));
            seen.addAll(simulation.notesOfVictim);
            assertEquals(simulation.written.subList(0, seen.size()), seen);
            assertEquals(simulation.read(RingLayout.CONSUMER_POSITION_OFFSET),
                    simulation.read(RingLayout.FREE_POSITION_OFFSET));
            List<String> after = simulation.delivered.subList(before, simulation.delivered.size());
            int begin = simulation.written.size() - after.size();
            assertEquals(simulation.written.subList(begin, simulation.written.size()), after);
            // What was peeked at and not freed comes again; of other messages, the one that was being handled.
            int again = seen.size() - begin;
            boolean peeking = scenario.prepared().contains("peek") || scenario.act().contains("peek");
            assertTrue(again >= 0 && (again <= 1 || peeking), () -> again + " messages came again");
            // What the process had counted, but not consumed yet, its successor counts again.
            boolean window = hasCountedAhead(simulation);
            RingStatistics statistics = simulation.statistics();
            long skipped = statistics.recordsSkipped();
            assertTrue(skipped == simulation.abandoned || window && skipped == simulation.abandoned + 1,
                    skipped + " skipped");
            long expected = simulation.led + simulation.written.size();
            assertTrue(statistics.messagesRead() == expected
                    || window && statistics.messagesRead() > expected, statistics::toString);
            assertEquals(statistics.messagesRead(), statistics.messagesWritten());
            simulation.produce("close");
            simulation.consume("close");
            simulation.refused.clear();
            simulation.assertWorks();
        });
    }

    /** Whether the process was killed between counting and advancing its position. */
    private static boolean hasCountedAhead(Simulation simulation) {
        return simulation.victim.made().reversed().stream()
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
            SimulatedProcess creator = new SimulatedProcess(memory, Simulation.TERMINATED, false);
            creator.runAndKill(
                    () -> InstrumentedClasses.end(memory, new ArrayList<>()).accept("create " + kind + "-64"),
                    last);
            complete = creator.count() <= last;
            if (Rings.getLong(memory, RingLayout.CREATOR_OFFSET) == Owner.NOBODY) {
                // It has looked who creates the ring, at most.
                assertTrue(creator.made().size() <= 1, () -> creator.made().toString());
                assertThrows(RingFormatException.class, () -> RingUser.open(memory, Duration.ZERO));
                kind.create(memory, 64).close();
            } else if (memory.get(ValueLayout.JAVA_INT, RingLayout.VERSION_OFFSET) == 0) {
                RingFormatException incomplete =
                        assertThrows(RingFormatException.class, () -> RingUser.open(memory, Duration.ZERO));
                String message = incomplete.getMessage();
                assertTrue(message.contains("process " + Owner.pid(Simulation.TERMINATED) + ", which has terminated"),
                        message);
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
