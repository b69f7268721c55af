package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.Simulation.Scenario;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stops a process before each single access that it makes to the shared memory, lets the others do as much as they can, and
 * then lets it go on: nothing may be lost, doubled or skipped.
 */
@Patient
class StopAtEveryAccessTest {

    static List<Scenario> producers() {
        return Scenarios.ofProducers();
    }

    static List<Scenario> consumers() {
        return Scenarios.ofConsumers();
    }

    /** Calls the others once at each access in turn, and then the test. */
    private static void stopAtEach(Scenario scenario, Consumer<Simulation> others, Consumer<Simulation> test) {
        int accesses = Integer.MAX_VALUE;
        for (int i = 0; i < accesses; i++) {
            Simulation simulation = new Simulation(scenario, Simulation.LIVING, false);
            int moment = i;
            boolean[] stopped = new boolean[1];
            try {
                simulation.victim.run(() -> simulation.act(scenario.act()), number -> {
                    if (number == moment) {
                        stopped[0] = true;
                        others.accept(simulation);
                    }
                });
                if (!stopped[0]) {
                    accesses = i;
                }
                simulation.victim.run(() -> simulation.act("close"));
                test.accept(simulation);
            } catch (Throwable failure) {
                throw new AssertionError("stopped before access " + i, failure);
            }
        }
        assertTrue(accesses > 0, "the process does nothing");
    }

    @ParameterizedTest
    @MethodSource("producers")
    void shouldDeliverWhatAStoppedProducerWritesLater(Scenario scenario) {
        List<Consumer<Simulation>> others = List.of(
                simulation -> simulation.consume("drain"),
                simulation -> {
                    simulation.newProducer();
                    simulation.produceIfPossible("write s/13");
                    simulation.produceIfPossible("write t/21");
                    simulation.produce("close");
                    simulation.consume("drain");
                },
                simulation -> {
                    // More than once around the ring, as far as the stopped one lets them.
                    simulation.newProducer();
                    for (int i = 0; i < 3; i++) {
                        simulation.fill();
                        simulation.consume("drain");
                    }
                    simulation.produce("close");
                },
                simulation -> {
                    simulation.newProducer();
                    simulation.fill();
                    simulation.produce("close");
                });
        for (Consumer<Simulation> other : others) {
            stopAtEach(scenario, other, simulation -> {
                simulation.consume("drain");
                List<String> ofVictim = scenario.messages().stream().filter(name -> !name.equals("n")).toList();
                assertEquals(
                        simulation.written,
                        simulation.delivered.stream().filter(name -> !ofVictim.contains(name)).toList());
                List<String> deliveredOfVictim =
                        simulation.delivered.stream().filter(ofVictim::contains).toList();
                if (simulation.notesOfVictim.isEmpty()) {
                    assertEquals(ofVictim, deliveredOfVictim);
                } else {
                    assertTrue(deliveredOfVictim.size() >= ofVictim.size() - simulation.notesOfVictim.size());
                    assertEquals(deliveredOfVictim.stream().distinct().toList(), deliveredOfVictim);
                }
                assertEquals(simulation.abandoned, simulation.statistics().recordsSkipped());
                simulation.consume("close");
                simulation.refused.clear();
                simulation.assertWorks();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("consumers")
    void shouldDeliverOnceWhatAStoppedConsumerReads(Scenario scenario) {
        Consumer<Simulation> others = simulation -> {
            simulation.fill();
            simulation.newConsumer();
            int before = simulation.delivered.size();
            simulation.consume("read 2");
            // If it had no role yet, another one may have it, and give it back.
            simulation.consume("close");
            for (String note : simulation.delivered.subList(before, simulation.delivered.size())) {
                simulation.notesOfVictim.add(note);
            }
            while (simulation.delivered.size() > before) {
                simulation.delivered.removeLast();
            }
            // What it has freed is in use again.
            simulation.fill();
        };
        stopAtEach(scenario, others, simulation -> {
            simulation.newConsumer();
            List<String> before = new ArrayList<>(simulation.delivered);
            simulation.delivered.clear();
            simulation.consume("drain");
            simulation.fill();
            simulation.consume("drain");
            List<String> all = Stream.of(before, simulation.notesOfVictim, simulation.delivered)
                    .flatMap(List::stream)
                    .filter(note -> !note.equals(RingScript.OCCUPIED))
                    .toList();
            if (scenario.prepared().contains("peek")) {
                // Not freed, so they come again.
                all = all.stream().distinct().toList();
            }
            assertEquals(simulation.written, all);
            assertEquals(simulation.abandoned, simulation.statistics().recordsSkipped());
            simulation.produce("close");
            simulation.consume("close");
            simulation.refused.clear();
            simulation.assertWorks();
        });
    }

    /**
     * A producer that is stopped at each of its accesses goes on at each access of a consumer that finds its record
     * incomplete, and at once claims another one with the same slot.
     */
    @Test
    void shouldNeverSkipARecordThatIsCompletedMeanwhile() {
        int ofProducer = Integer.MAX_VALUE;
        for (int i = 0; i < ofProducer; i++) {
            int ofConsumer = Integer.MAX_VALUE;
            for (int j = 0; j < ofConsumer; j++) {
                MemorySegment memory = Arena.ofAuto().allocate(RingLayout.dataOffset(2) + Simulation.CAPACITY, 128);
                Simulation.create(Rings.MPSC, 2, Simulation.CAPACITY, memory);
                List<String> delivered = new ArrayList<>();
                RingScript other = new RingScript(memory, new ArrayList<>());
                other.accept("open; write a/5");
                SimulatedProcess consumer = new SimulatedProcess(memory, Rings.livingOwner(), false);
                Consumer<String> consuming = InstrumentedClasses.end(memory, delivered);
                consumer.run(() -> consuming.accept("open; read 9"));
                Slow producer = new Slow(memory, i, "write v/21; write w/5");
                other.accept("write b/13");
                int moment = j;
                consumer.run(() -> consuming.accept("drain"), number -> {
                    if (number == moment) {
                        producer.goOn();
                    }
                });
                if (consumer.count() <= moment) {
                    ofConsumer = j;
                    producer.goOn();
                }
                if (!producer.wasStopped) {
                    ofProducer = i;
                }
                consumer.run(() -> consuming.accept("drain"));
                String at = "producer stopped before access " + i + ", gone on before the consumer's " + j;
                List<String> sorted = delivered.stream().sorted().toList();
                assertEquals(List.of("a", "b", "v", "w"), sorted, at);
                assertTrue(delivered.indexOf("v") < delivered.indexOf("w"), at);
                long skipped = Rings.getLong(memory, RingLayout.RECORDS_SKIPPED_OFFSET);
                assertEquals(0, skipped, at);
            }
        }
    }

    /** One that has lost the race for a position, and then finds no room, has nothing to do with what the winner leaves there. */
    @Test
    void shouldNotSeemToBeAtWorkWhereAnotherOneWasKilled() {
        Scenario scenario = producers().stream()
                .filter(candidate -> candidate.kind() == Rings.MPSC && candidate.name().equals("writes"))
                .findFirst()
                .orElseThrow();
        boolean stopped = true;
        for (int i = 0; stopped; i++) {
            Simulation simulation = new Simulation(scenario, Simulation.LIVING, false);
            int moment = i;
            simulation.victim.run(() -> simulation.act(scenario.act()), number -> {
                if (number == moment) {
                    simulation.newProducer();
                    simulation.beforeItIsKilled("write n/21", Simulation::claims);
                    simulation.fill();
                }
            });
            stopped = simulation.victim.count() > moment;
            List<String> expected = new ArrayList<>(simulation.written);
            if (simulation.notesOfVictim.isEmpty()) {
                expected.add("v");
            }
            simulation.consume("drain");
            expected.sort(null);
            assertEquals(expected, simulation.delivered.stream().sorted().toList(), "stopped before access " + i);
            assertEquals(stopped ? 1 : 0, simulation.statistics().recordsSkipped(), "stopped before access " + i);
        }
    }

    /**
     * While a consumer skips what a killed producer has left, another one takes its slot and claims a record, and is stopped
     * at each of its accesses.
     */
    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void shouldNeverSkipARecordThatIsClaimedMeanwhile(int accessesOfKilled) {
        int ofProducer = Integer.MAX_VALUE;
        for (int i = 0; i < ofProducer; i++) {
            int ofConsumer = Integer.MAX_VALUE;
            for (int j = 0; j < ofConsumer; j++) {
                MemorySegment memory = Arena.ofAuto().allocate(RingLayout.dataOffset(1) + Simulation.CAPACITY, 128);
                Simulation.create(Rings.MPSC, 1, Simulation.CAPACITY, memory);
                SimulatedProcess killed = new SimulatedProcess(memory, Simulation.TERMINATED, false);
                Consumer<String> killedEnd = InstrumentedClasses.end(memory, new ArrayList<>());
                killed.run(() -> killedEnd.accept("open; write a/5"));
                killed.runAndKill(() -> killedEnd.accept("write n/21"), accessesOfKilled);
                List<String> delivered = new ArrayList<>();
                SimulatedProcess consumer = new SimulatedProcess(memory, Rings.livingOwner(), false);
                Consumer<String> consuming = InstrumentedClasses.end(memory, delivered);
                consumer.run(() -> consuming.accept("open; read 9"));
                Slow[] producer = new Slow[1];
                int claimed = i;
                int moment = j;
                consumer.run(() -> consuming.accept("drain"), number -> {
                    if (number == moment) {
                        producer[0] = new Slow(memory, claimed, "write v/21; write w/5");
                    }
                });
                if (producer[0] == null) {
                    ofConsumer = j;
                    producer[0] = new Slow(memory, claimed, "write v/21; write w/5");
                }
                if (!producer[0].wasStopped) {
                    ofProducer = i;
                }
                producer[0].goOn();
                consumer.run(() -> consuming.accept("drain"));
                String at = "producer begun before the consumer's access " + j + ", stopped before " + i;
                assertEquals(List.of("a", "v", "w"), delivered, at);
                assertEquals(1, Rings.getLong(memory, RingLayout.RECORDS_SKIPPED_OFFSET), at);
            }
        }
    }

    /** What a producer did that was killed right after a header had published all of it. */
    record Predecessor(int capacity, int lead, String commands) {}

    static List<Predecessor> predecessors() {
        return List.of(
                new Predecessor(512, 0, "batch; write a/5; write b/13; write d/21; publish"),
                // Full, and each record is freed at once.
                new Predecessor(64, 48, "batch; write a/8; write b/8; write d/8; write e/8; publish"),
                // With padding, and freed two at a time.
                new Predecessor(256, 240, "batch; write a/21; write b/8; write d/3; publish"),
                // Not cleared by the consumer.
                new Predecessor(1 << 15, 0, "batch; write a/2500; write b/8; write d/2600; publish"));
    }

    /**
     * While a consumer reads, clears and frees what a killed producer has left, another one comes at each of its accesses,
     * is stopped at each of its own, and goes on after some more of the consumer's.
     */
    @ParameterizedTest
    @MethodSource("predecessors")
    void shouldFindTheEndOfTheRecordsWhileTheyAreConsumed(Predecessor predecessor) {
        boolean stopped = true;
        int ofProducer = 0;
        for (; stopped; ofProducer++) {
            stopped = false;
            boolean begun = true;
            for (int ofConsumer = 0; begun; ofConsumer++) {
                for (int meanwhile = 0; meanwhile < 40; meanwhile = 2 * meanwhile + 1) {
                    List<String> delivered = new ArrayList<>();
                    MemorySegment memory = leftBehind(predecessor, delivered);
                    int[] moments = {ofProducer, ofConsumer, ofConsumer + meanwhile};
                    SimulatedProcess consumer = new SimulatedProcess(memory, Rings.livingOwner(), ofConsumer % 2 == 0);
                    Consumer<String> consuming = InstrumentedClasses.end(memory, delivered);
                    consumer.run(() -> consuming.accept("open"));
                    Slow[] producer = new Slow[1];
                    consumer.run(() -> consuming.accept("read 9; read 9"), number -> {
                        if (number == moments[1]) {
                            producer[0] = new Slow(memory, moments[0], "write v/8; close");
                        }
                        if (number == moments[2]) {
                            producer[0].goOn();
                        }
                    });
                    begun = producer[0] != null;
                    if (!begun) {
                        break;
                    }
                    boolean late = consumer.count() <= moments[2];
                    if (late) {
                        producer[0].goOn();
                    }
                    stopped |= producer[0].wasStopped;
                    List<String> expected = new ArrayList<>(Simulation.names(predecessor.commands()));
                    if (producer[0].notes.isEmpty()) {
                        expected.add("v");
                    }
                    expected.add("w");
                    consumer.run(() -> consuming.accept("drain"));
                    new RingScript(memory, producer[0].notes).accept("open; write w/8; close");
                    consumer.run(() -> consuming.accept("drain"));
                    assertEquals(expected, delivered, () -> "producer begun before the consumer's access " + moments[1]
                            + ", stopped before " + moments[0] + ", gone on before " + moments[2]);
                    if (late) {
                        break;
                    }
                }
            }
        }
        assertTrue(ofProducer > 10, "the walk has several steps");
    }

    private static MemorySegment leftBehind(Predecessor predecessor, List<String> notes) {
        MemorySegment memory = Rings.SPSC.memory(predecessor.capacity());
        Rings.SPSC.create(memory, predecessor.capacity());
        RingScript leading = new RingScript(memory, notes);
        leading.accept("open");
        for (int position = 0; position < predecessor.lead(); position += 16) {
            leading.accept("write x/8; read 9");
        }
        leading.accept("close");
        notes.clear();
        SimulatedProcess killed = new SimulatedProcess(memory, Simulation.TERMINATED, false);
        Consumer<String> end = InstrumentedClasses.end(memory, notes);
        killed.run(() -> end.accept("open"));
        assertThrows(SimulatedProcess.Killed.class,
                () -> killed.run(() -> end.accept(predecessor.commands()), number -> {
                    if (!killed.made().isEmpty()
                            && killed.made().getLast().how().equals("setRelease")
                            && killed.made().getLast().offset() >= Rings.SPSC.data()) {
                        throw new SimulatedProcess.Killed();
                    }
                }));
        assertEquals(predecessor.lead(), Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET));
        return memory;
    }

    /** A producer on a thread of its own, which waits at one access. */
    private static final class Slow {

        /** Threads that are used again: there are ten thousands of such producers. */
        private static final ExecutorService THREADS =
                Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());

        private final Semaphore hasStopped = new Semaphore(0);
        private final Semaphore mayGoOn = new Semaphore(0);
        final List<String> notes = new ArrayList<>();
        volatile boolean wasStopped;
        private volatile Throwable failure;

        Slow(MemorySegment memory, int moment, String commands) {
            THREADS.execute(() -> {
                try {
                    SimulatedProcess accesses = new SimulatedProcess(memory, Simulation.LIVING, false);
                    Consumer<String> end = InstrumentedClasses.end(memory, notes);
                    accesses.run(() -> end.accept("open"));
                    accesses.run(() -> end.accept(commands), number -> {
                        if (number == moment) {
                            wasStopped = true;
                            hasStopped.release();
                            mayGoOn.acquireUninterruptibly();
                        }
                    });
                } catch (Throwable thrown) {
                    failure = thrown;
                } finally {
                    hasStopped.release();
                }
            });
            hasStopped.acquireUninterruptibly();
        }

        void goOn() {
            mayGoOn.release();
            // The second time, the thread has done all it has to.
            hasStopped.acquireUninterruptibly(wasStopped ? 1 : 0);
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }
    }
}
