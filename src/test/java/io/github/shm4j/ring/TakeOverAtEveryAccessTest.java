package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.Simulation.Scenario;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Takes the role of a process that lives before each single access that it makes to the shared memory. */
@Patient
class TakeOverAtEveryAccessTest {

    private static final Set<Long> LOOKED_AT = Set.of(
            RingLayout.CONSUMER_SUCCESSIONS_OFFSET, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_SUCCESSIONS);

    static List<Scenario> producers() {
        return Scenarios.ofProducers().stream()
                .filter(scenario -> scenario.kind() == Rings.SPSC && hasItsRole(scenario))
                .toList();
    }

    static List<Scenario> consumers() {
        return Scenarios.ofConsumers().stream().filter(TakeOverAtEveryAccessTest::hasItsRole).toList();
    }

    /** Whether the process does more before it is observed than open the ring, and so has something that can be taken. */
    private static boolean hasItsRole(Scenario scenario) {
        return scenario.prepared().contains(";");
    }

    /** One process that is robbed before an access, and the one that robs it. */
    private static final class Robbery {

        final Simulation simulation;
        final List<String> notesOfTaker = new ArrayList<>();
        final SimulatedProcess taker;

        private final Semaphore atMoment = new Semaphore(0);
        private final Semaphore goOn = new Semaphore(0);
        private final Consumer<String> ofTaker;
        private final Thread robbed;
        private Throwable failure;
        private boolean reached;

        /** Lets the process begin what it does, until it comes to an access or has done all. */
        Robbery(Scenario scenario, int moment) throws InterruptedException {
            simulation = new Simulation(scenario, Simulation.LIVING, false);
            taker = new SimulatedProcess(simulation.memory, Rings.livingOwner(), false);
            ofTaker = InstrumentedClasses.end(simulation.memory, notesOfTaker);
            robbed = Thread.ofPlatform().unstarted(() -> {
                try {
                    simulation.victim.run(() -> simulation.act(scenario.act()), access -> {
                        if (access == moment) {
                            reached = true;
                            atMoment.release();
                            goOn.acquireUninterruptibly();
                        }
                    });
                } catch (Throwable thrown) {
                    failure = thrown;
                } finally {
                    atMoment.release();
                }
            });
            robbed.start();
            atMoment.acquire();
        }

        /** Lets the process do all the rest. */
        void goOn() {
            goOn.release();
            try {
                robbed.join();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }

        void take(String commands) {
            taker.run(() -> ofTaker.accept(commands));
        }
    }

    @FunctionalInterface
    private interface Judgement {
        void of(Robbery robbery);
    }

    private static void robAtEach(Scenario scenario, Consumer<Robbery> course, Judgement judgement)
            throws InterruptedException {
        boolean reached = true;
        for (int i = 0; reached; i++) {
            Robbery robbery = new Robbery(scenario, i);
            reached = robbery.reached;
            try {
                course.accept(robbery);
                judgement.of(robbery);
            } catch (Throwable failure) {
                throw new AssertionError("robbed before access " + i + ", having made "
                        + robbery.simulation.victim.made() + ", delivered " + robbery.simulation.notesOfVictim + " and "
                        + robbery.notesOfTaker, failure);
            } finally {
                robbery.goOn();
            }
        }
    }

    /** The other process runs, so that it finishes what it has begun while the taker waits. */
    // fault 25
    @ParameterizedTest
    @MethodSource("consumers")
    void shouldGoOnBehindAConsumerThatRuns(Scenario scenario) throws InterruptedException {
        robAtEach(scenario, robbery -> {
            robbery.taker.meanwhile(robbery::goOn);
            robbery.take("open; take-over consumer");
            robbery.goOn();
            robbery.take("drain");
        }, robbery -> assertSeam(scenario, robbery));
    }

    private static void assertSeam(Scenario scenario, Robbery robbery) {
        assertEquals(null, robbery.failure);
        Simulation simulation = robbery.simulation;
        List<String> first = new ArrayList<>(simulation.delivered);
        first.addAll(simulation.notesOfVictim);
        first.removeAll(List.of(RingScript.LOST, RingScript.OCCUPIED));
        List<String> second = robbery.notesOfTaker;
        List<String> written = simulation.written;
        assertEquals(written.subList(written.size() - second.size(), written.size()), second);
        int again = first.size() + second.size() - written.size();
        assertTrue(again >= 0, "lost: " + first + " and " + second + " of " + written);
        assertTrue(again <= (scenario.act().contains("peek") ? written.size() : 1), first + " and " + second);
        simulation.notesOfVictim.clear();
        if (!scenario.act().contains("close")) {
            simulation.act("read 1");
            assertEquals(List.of(RingScript.LOST), simulation.notesOfVictim);
        }
        simulation.act("close");
        simulation.newConsumer();
        simulation.consume("read 1");
        assertEquals(RingScript.OCCUPIED, simulation.delivered.getLast(), "the taker has its role still");
        robbery.take("close");
        simulation.produce("close");
        simulation.refused.clear();
        simulation.assertWorks();
    }

    // fault 25
    @ParameterizedTest
    @MethodSource("producers")
    void shouldGoOnBehindAProducerThatRuns(Scenario scenario) throws InterruptedException {
        robAtEach(scenario, robbery -> {
            robbery.taker.meanwhile(robbery::goOn);
            robbery.take("open; take-over producer");
            robbery.goOn();
            robbery.simulation.consume("drain");
            robbery.take("write y/21; write z/5");
            robbery.simulation.consume("drain");
        }, robbery -> {
            assertEquals(null, robbery.failure);
            Simulation simulation = robbery.simulation;
            List<String> ofRobbed = scenario.messages().stream().filter(name -> !name.equals("n")).toList();
            int others = simulation.written.size();
            assertEquals(simulation.written, simulation.delivered.subList(0, others));
            int end = simulation.delivered.size() - 2;
            assertEquals(List.of("y", "z"), simulation.delivered.subList(end, end + 2));
            List<String> published = simulation.delivered.subList(others, end);
            assertEquals(ofRobbed.subList(0, published.size()), published);
            boolean lost = simulation.notesOfVictim.contains(RingScript.LOST);
            assertTrue(lost || published.equals(ofRobbed) || simulation.notesOfVictim.contains(RingScript.NO_ROOM),
                    "not told: " + published + " of " + ofRobbed);
            simulation.notesOfVictim.clear();
            if (!scenario.act().contains("close")) {
                simulation.act("write q/5");
                assertEquals(List.of(RingScript.LOST), simulation.notesOfVictim);
            }
            simulation.act("close");
            simulation.newProducer();
            simulation.produce("open; write q/5");
            assertEquals(List.of(RingScript.OCCUPIED), simulation.refused, "the taker has its role still");
            robbery.take("close");
            simulation.consume("close");
            simulation.refused.clear();
            simulation.assertWorks();
        });
    }

    /** However long it was stopped, from its next look on it leaves the ring alone. */
    @ParameterizedTest
    @MethodSource("consumers")
    void shouldStoreNothingOnceAConsumerHasLooked(Scenario scenario) throws InterruptedException {
        robAtEach(scenario, robbery -> robbery.take("open; take-over consumer; drain"),
                TakeOverAtEveryAccessTest::assertNothingStored);
    }

    @ParameterizedTest
    @MethodSource("producers")
    void shouldStoreNothingOnceAProducerHasLooked(Scenario scenario) throws InterruptedException {
        robAtEach(scenario, robbery -> robbery.take("open; take-over producer; write y/21"),
                TakeOverAtEveryAccessTest::assertNothingStored);
    }

    private static void assertNothingStored(Robbery robbery) {
        List<SimulatedProcess.Access> made = robbery.simulation.victim.made();
        int before = made.size();
        robbery.goOn();
        assertTrue(robbery.failure == null || robbery.failure instanceof RuntimeException, () -> "" + robbery.failure);
        boolean looked = false;
        for (SimulatedProcess.Access access : made.subList(before, made.size())) {
            looked |= LOOKED_AT.contains(access.offset());
            boolean read = access.offset() < 0 || access.how().matches("get|getAcquire|getOpaque|copyOut");
            assertTrue(read || !looked, () -> access + " in " + made.subList(before, made.size()));
        }
    }

    /** Such a copy can take longer than the taker waits. */
    @Test
    void shouldPublishNothingThatWasCopiedForTooLong() throws InterruptedException {
        int length = BulkCopy.LARGE;
        MemorySegment memory = Rings.SPSC.memory(8L * length);
        Rings.SPSC.create(memory, 8L * length).close();
        List<String> notes = new ArrayList<>();
        SimulatedProcess robbed = new SimulatedProcess(memory, Simulation.LIVING, false);
        Consumer<String> ofRobbed = InstrumentedClasses.end(memory, notes);
        robbed.run(() -> ofRobbed.accept("open; write x/5"));
        SimulatedProcess taker = new SimulatedProcess(memory, Rings.livingOwner(), false);
        Consumer<String> ofTaker = InstrumentedClasses.end(memory, new ArrayList<>());
        boolean[] taken = new boolean[1];
        robbed.run(() -> ofRobbed.accept("write v/" + length), access -> {
            if (!taken[0] && access > 0 && robbed.made().getLast().how().equals("copy")) {
                taken[0] = true;
                Thread other = Thread.ofPlatform()
                        .start(() -> taker.run(() -> ofTaker.accept("open; take-over producer; write y/21")));
                try {
                    other.join();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            }
        });
        assertTrue(taken[0]);
        assertEquals(List.of(RingScript.LOST), notes);
        notes.clear();
        int end = (int) (RingLayout.recordLength(8 + 5) + RingLayout.recordLength(8 + 21));
        assertEquals((long) end, RingBuffer.open(memory).producerPosition());
    }

    /** Whoever takes over can be killed as everybody else. */
    @ParameterizedTest
    @EnumSource
    void shouldGoOnWhenTheTakerIsKilled(Rings kind) throws InterruptedException {
        for (boolean producing : new boolean[] {false, true}) {
            if (producing && kind == Rings.MPSC) {
                continue;
            }
            Scenario scenario = new Scenario(kind, producing, "is robbed", 4, Simulation.CAPACITY, 0,
                    simulation -> simulation.produce("write a/5; write b/13"),
                    "open; " + (producing ? "write x/5" : "read 1"),
                    producing ? "write v/21" : "read 1");
            String command = "take-over " + (producing ? "producer" : "consumer");
            int accesses = Integer.MAX_VALUE;
            for (int i = 0; i <= accesses; i++) {
                Simulation simulation = new Simulation(scenario, Simulation.LIVING, false);
                SimulatedProcess taker = new SimulatedProcess(simulation.memory, Simulation.TERMINATED, false);
                Consumer<String> ofTaker = InstrumentedClasses.end(simulation.memory, new ArrayList<>());
                taker.run(() -> ofTaker.accept("open"));
                int last = i;
                taker.runAndKill(() -> ofTaker.accept(command), last);
                accesses = taker.count() <= last ? last : accesses;
                simulation.act(scenario.act());
                if (producing) {
                    simulation.newProducer();
                    simulation.produceIfPossible("write s/5");
                } else {
                    simulation.newConsumer();
                    simulation.consume("drain");
                }
                boolean refused = (producing ? simulation.refused : simulation.delivered).contains(RingScript.OCCUPIED);
                // At the latest, a successor tells the robbed one.
                simulation.notesOfVictim.clear();
                simulation.act(producing ? "write w/5" : "read 1");
                assertEquals(!refused, simulation.notesOfVictim.contains(RingScript.LOST));
                simulation.act("close");
                simulation.produce("close");
                simulation.consume("drain; close");
                simulation.refused.clear();
                simulation.assertWorks();
            }
        }
    }

    /** It is of another pid namespace, so that the kernel's count of attachments alone says whether it is there. */
    // fault 24
    @ParameterizedTest
    @EnumSource
    void shouldSucceedWhoCannotBeSeenWhereNobodyElseIsAttached(Rings kind) {
        long unseen = Simulation.TERMINATED | 1L << 63;
        MemorySegment memory = kind.memory(1024);
        kind.create(memory, 1024).close();
        List<String> notes = new ArrayList<>();
        SimulatedProcess successor = new SimulatedProcess(memory, Simulation.LIVING, false);
        Consumer<String> end = InstrumentedClasses.end(memory, notes);
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, unseen);
        for (long slot = RingLayout.SLOTS_BEGIN; slot < kind.data(); slot += RingLayout.SLOT_LENGTH) {
            Rings.setLong(memory, slot, unseen);
        }
        successor.run(() -> end.accept("open; write a/5; read 1"));
        assertEquals(List.of(RingScript.OCCUPIED, RingScript.OCCUPIED), notes);
        notes.clear();
        successor.setAlone(true);
        successor.run(() -> end.accept("write a/5; read 1"));
        assertEquals(List.of("a"), notes);
    }

    /** An owner that cannot be seen comes back, and signs as it had before. */
    @ParameterizedTest
    @EnumSource
    void shouldLeaveTheRoleToAnOwnerThatComesBackBeforeItIsTaken(Rings kind) {
        long unseen = Simulation.TERMINATED | 1L << 63;
        for (boolean producing : new boolean[] {false, true}) {
            long field = producing ? RingLayout.SLOTS_BEGIN : RingLayout.CONSUMER_OFFSET;
            int succeeded = 0;
            int left = 0;
            boolean reached = true;
            for (int i = 0; reached; i++) {
                MemorySegment memory = kind.memory(1024);
                kind.create(memory, 1024).close();
                List<String> notes = new ArrayList<>();
                SimulatedProcess successor = new SimulatedProcess(memory, Simulation.LIVING, false);
                Consumer<String> end = InstrumentedClasses.end(memory, notes);
                successor.run(() -> end.accept("open"));
                Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, unseen);
                for (long slot = RingLayout.SLOTS_BEGIN; slot < kind.data(); slot += RingLayout.SLOT_LENGTH) {
                    Rings.setLong(memory, slot, unseen);
                }
                boolean[] back = new boolean[1];
                successor.runAlone(() -> end.accept(producing ? "write a/5" : "read 1"), i,
                        () -> back[0] = Rings.getLong(memory, field) == unseen);
                reached = successor.count() > i;
                if (back[0]) {
                    assertEquals(unseen, Rings.getLong(memory, field), "robbed before access " + i);
                    assertEquals(List.of(RingScript.OCCUPIED), notes);
                    left++;
                } else if (!notes.contains(RingScript.OCCUPIED)) {
                    succeeded++;
                }
            }
            assertTrue(left > 0 && succeeded > 0, left + " and " + succeeded);
        }
    }

    /** Of two that take over from the same owner, the first may count after the second has noted the count. */
    @ParameterizedTest
    @EnumSource
    void shouldLetTheLastOfTwoTakersGoOn(Rings kind) throws InterruptedException {
        int accesses = Integer.MAX_VALUE;
        for (int i = 0; i <= accesses; i++) {
            MemorySegment memory = kind.memory(1024);
            kind.create(memory, 1024).close();
            new RingScript(memory, new ArrayList<>()).accept("open; write a/5; write b/13; close");
            Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Simulation.TERMINATED);
            SimulatedProcess first = new SimulatedProcess(memory, Simulation.LIVING, false);
            SimulatedProcess second = new SimulatedProcess(memory, Rings.livingOwner(), false);
            List<String> ofFirst = new ArrayList<>();
            List<String> ofSecond = new ArrayList<>();
            Consumer<String> firstEnd = InstrumentedClasses.end(memory, ofFirst);
            Consumer<String> secondEnd = InstrumentedClasses.end(memory, ofSecond);
            Semaphore atMoment = new Semaphore(0);
            Semaphore goOn = new Semaphore(0);
            int moment = i;
            Thread thread = Thread.ofPlatform().unstarted(() -> {
                try {
                    first.run(() -> firstEnd.accept("open; read 1"), access -> {
                        if (access == moment) {
                            atMoment.release();
                            goOn.acquireUninterruptibly();
                        }
                    });
                } finally {
                    atMoment.release();
                }
            });
            thread.start();
            atMoment.acquire();
            second.meanwhile(() -> {
                goOn.release();
                try {
                    thread.join();
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            });
            boolean alive = Rings.getLong(memory, RingLayout.CONSUMER_OFFSET) == Simulation.LIVING;
            second.run(() -> secondEnd.accept("open; take-over consumer; read 1; close"));
            goOn.release();
            thread.join();
            accesses = first.count();
            if (alive) {
                assertTrue(!ofSecond.contains(RingScript.LOST), "before access " + i + ": " + ofSecond);
                assertEquals(0, Rings.getLong(memory, RingLayout.CONSUMER_OFFSET), "given back");
            }
        }
    }

    /** As long as others are attached, one of them may be at work there. */
    @Test
    void shouldSkipWhatOneLeftWhoCannotBeSeenWhereNobodyElseIsAttached() {
        MemorySegment memory = Rings.MPSC.memory(1024);
        Rings.MPSC.create(memory, 1024).close();
        SimulatedProcess killed = new SimulatedProcess(memory, Simulation.TERMINATED, false);
        Consumer<String> producer = InstrumentedClasses.end(memory, new ArrayList<>());
        killed.run(() -> producer.accept("open; claim n/21"));
        Rings.setLong(memory, RingLayout.SLOTS_BEGIN, Simulation.TERMINATED | 1L << 63);
        new RingScript(memory, new ArrayList<>()).accept("open; write a/5; close");
        List<String> notes = new ArrayList<>();
        SimulatedProcess consumer = new SimulatedProcess(memory, Simulation.LIVING, false);
        Consumer<String> end = InstrumentedClasses.end(memory, notes);
        consumer.run(() -> end.accept("open; drain"));
        assertEquals(List.of(), notes);
        consumer.setAlone(true);
        consumer.run(() -> end.accept("drain"));
        assertEquals(List.of("a"), notes);
    }
}
