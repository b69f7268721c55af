package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.Simulation.Scenario;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Throws out of each single access to the shared memory, before and after it is made, once or again at all that follow in
 * the same call. Then the same object goes on, or is closed, or its process ends: nothing may be lost, doubled or stuck.
 */
@Patient(busySeconds = 600)
class ThrowAtEveryAccessTest {

    static List<Scenario> producers() {
        return Scenarios.ofProducers();
    }

    static List<Scenario> consumers() {
        return Scenarios.ofConsumers();
    }

    /** What happens to the object behind what was thrown. */
    private enum Then {
        GOES_ON,
        CLOSES,
        /** Its memory goes, as that of a block whose arena is closed. */
        LOSES_ITS_MEMORY,
        ENDS
    }

    /** Is thrown so often that to note where would take more time than all else. */
    private static final class Exhausted extends StackOverflowError {

        private static final long serialVersionUID = 1L;

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    private static final class Wrong extends IllegalStateException {

        private static final long serialVersionUID = 1L;

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    @FunctionalInterface
    private interface Check {

        void check(Simulation simulation, Then then, int completed);
    }

    /**
     * Calls the check with a simulation whose process was thrown out of each access in turn.
     *
     * @param modes before the access, after it, and, as on a stack that is exhausted, both once more with all that follow
     */
    private static void throwAtEach(Scenario scenario, Supplier<? extends Throwable> thrown, int modes, Check check) {
        for (Then then : Then.values()) {
            for (int mode = 0; mode < modes; mode++) {
                boolean after = (mode & 1) != 0;
                boolean again = (mode & 2) != 0;
                boolean reached = true;
                int moment = 0;
                for (; reached; moment++) {
                    Simulation simulation =
                            new Simulation(scenario, then == Then.ENDS ? Simulation.TERMINATED : Simulation.LIVING,
                                    false);
                    int completed = actAndThrow(scenario, simulation, moment, after, again, thrown);
                    reached = completed >= 0;
                    try {
                        check.check(simulation, then, completed);
                    } catch (Throwable wrong) {
                        throw new AssertionError(
                                "thrown " + (after ? "after" : "before") + " access " + moment
                                        + (again ? " and all that follow" : "") + "; then it " + then + "; made "
                                        + simulation.victim.made(),
                                wrong);
                    }
                }
                assertTrue(moment > 1 || after, "the process does nothing");
            }
        }
    }

    /** Lets the process act one command at a time; returns how many were completed, or -1 if nothing was thrown. */
    private static int actAndThrow(
            Scenario scenario, Simulation simulation, int moment, boolean after, boolean again,
            Supplier<? extends Throwable> thrown) {
        Class<?> expected = thrown.get().getClass();
        String[] commands = scenario.act().split(";");
        int before = 0;
        for (int i = 0; i < commands.length; i++) {
            String command = commands[i];
            try {
                simulation.victim.runAndThrow(() -> simulation.act(command), moment - before, after, again, thrown);
            } catch (Throwable asIntended) {
                if (asIntended.getClass() != expected) {
                    throw new AssertionError(command, asIntended);
                }
                return i;
            }
            before += simulation.victim.count();
        }
        return -1;
    }

    private static void goOn(Scenario scenario, Simulation simulation, Then then, int completed, String commands) {
        String[] acts = scenario.act().split("; ");
        boolean closing = completed < 0 ? acts[acts.length - 1].equals("close") : acts[completed].equals("close");
        boolean opening = completed == 0 && acts[0].equals("open");
        switch (then) {
            case GOES_ON -> simulation.victim.run(
                    () -> simulation.act(closing ? "close" : (opening ? "open; " : "") + commands + "; close"));
            case CLOSES -> simulation.victim.run(() -> simulation.act(opening ? "" : "close"));
            case LOSES_ITS_MEMORY -> simulation.victim.run(() -> simulation.act(opening ? "" : "detach"));
            case ENDS -> {
            }
        }
    }

    private static void checkProducer(Scenario scenario, Simulation simulation, Then then, int completed) {
        String[] commands = scenario.act().split(";");
        boolean batching = (scenario.prepared() + ";" + scenario.act()).contains("batch");
        List<String> certain = new ArrayList<>();
        List<String> possible = new ArrayList<>();
        int count = completed < 0 ? commands.length : completed;
        for (int i = 0; i < commands.length && i <= count; i++) {
            boolean writes = commands[i].strip().startsWith("write");
            boolean commits = commands[i].strip().startsWith("commit");
            if (writes || commits) {
                String name = commands[i].strip().split("[ /]")[1];
                possible.add(name);
                if (i < count && !simulation.notesOfVictim.contains(RingScript.NO_ROOM)) {
                    certain.add(name);
                }
            }
        }
        if (then != Then.LOSES_ITS_MEMORY) {
            simulation.victim.run(() -> simulation.act("leave"));
        }
        List<String> before = List.copyOf(simulation.written);
        simulation.consume("drain");
        goOn(scenario, simulation, then, completed, "write z/13");
        simulation.refused.clear();
        simulation.newProducer();
        simulation.produceIfPossible("write y/8");
        assertEquals(List.of(), simulation.refused, "nobody else has a role");
        simulation.consume("drain");
        List<String> delivered = new ArrayList<>(simulation.delivered);
        assertEquals("y", delivered.removeLast());
        if (then == Then.GOES_ON && !scenario.act().contains("close")) {
            assertTrue(delivered.remove("z"), () -> "what is written later: " + simulation.delivered);
        } else {
            delivered.remove("z");
        }
        assertEquals(before, delivered.subList(0, before.size()));
        List<String> ofVictim = delivered.subList(before.size(), delivered.size());
        assertEquals(possible.subList(0, Math.min(ofVictim.size(), possible.size())).size(), ofVictim.size());
        if (then == Then.GOES_ON || then == Then.CLOSES || !batching) {
            assertTrue(ofVictim.containsAll(certain), () -> certain + " were written: " + simulation.delivered);
        }
        assertTrue(possible.containsAll(ofVictim), () -> possible + " may be written: " + simulation.delivered);
        assertEquals(List.copyOf(new LinkedHashSet<>(ofVictim)), ofVictim, "once each");
        simulation.written.clear();
        simulation.fill();
        simulation.consume("drain");
        simulation.produce("close");
        simulation.consume("close");
        simulation.refused.clear();
        simulation.assertWorks();
    }

    private static boolean opens(Scenario scenario) {
        return scenario.act().startsWith("open");
    }

    /** Two objects of one process want the same role, and something is thrown out of each access of one of them. */
    @ParameterizedTest
    @CsvSource({"SPSC, write a/8, false", "SPSC, write a/8, true", "SPSC, read 1, false", "SPSC, read 1, true",
        "MPSC, read 1, false", "MPSC, read 1, true"})
    void shouldKnowWhichObjectOfItsProcessHasSigned(Rings kind, String act, boolean otherWasFirst) {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            while (hasThrownOutOfOneOfTwo(kind, act, otherWasFirst, moment, after, again)) {
                moment++;
            }
            assertTrue(moment >= 1, moment + " moments");
        }
    }

    private static boolean hasThrownOutOfOneOfTwo(
            Rings kind, String act, boolean otherWasFirst, int moment, boolean after, boolean again) {
        MemorySegment memory = kind.memory(512);
        kind.create(memory, 512);
        MemorySegment elsewhere = kind.memory(512);
        kind.create(elsewhere, 512);
        SimulatedProcess process = new SimulatedProcess(memory, Simulation.LIVING, false);
        List<String> notes = new ArrayList<>();
        List<String> notesOfOther = new ArrayList<>();
        Consumer<String> one = InstrumentedClasses.end(memory, notes);
        Consumer<String> other = InstrumentedClasses.end(memory, notesOfOther);
        process.run(() -> one.accept("open"));
        process.run(() -> other.accept(otherWasFirst ? "open; " + act : "open"));
        boolean thrown = false;
        try {
            process.runAndThrow(() -> one.accept(act + "; close"), moment, after, again, Exhausted::new);
        } catch (StackOverflowError asIntended) {
            thrown = true;
        }
        process.run(() -> InstrumentedClasses.end(elsewhere, new ArrayList<>()).accept("open; " + act));
        process.run(() -> other.accept(act));
        boolean closed = false;
        try {
            process.run(() -> one.accept(act));
        } catch (IllegalStateException wasClosed) {
            closed = true;
        }
        Supplier<String> what = () -> moment + " " + after + " " + again + ": " + process.made();
        long field = act.startsWith("write") ? RingLayout.SLOTS_BEGIN : RingLayout.CONSUMER_OFFSET;
        boolean has = !closed && !notes.contains(RingScript.OCCUPIED);
        if (closed && notesOfOther.remove(RingScript.OCCUPIED)) {
            // It has not been able to give the role back.
            process.run(() -> one.accept("close"));
            process.run(() -> other.accept(act));
        }
        boolean otherHas = !notesOfOther.contains(RingScript.OCCUPIED);
        assertTrue(has != otherHas && (otherHas || !otherWasFirst), what);
        if (otherHas) {
            process.run(() -> one.accept("close"));
            assertEquals(Simulation.LIVING, Rings.getLong(memory, field) & Long.MAX_VALUE, what);
        }
        process.run(() -> (has ? one : other).accept("close"));
        process.run(() -> (has ? other : one).accept("close"));
        assertEquals(Owner.NOBODY, Rings.getLong(memory, field), what);
        RingUser next = kind.open(memory);
        Rings.read(next, 9);
        assertTrue(next.write(Rings.TYPE, Rings.message("works")));
        assertEquals(List.of("works"), Rings.read(next, 9));
        return thrown;
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveTheMemoryToTheNextCreator(Rings kind) {
        int moments = 0;
        for (boolean after : new boolean[] {false, true}) {
            for (int moment = 1;; moment++) {
                MemorySegment memory = kind.memory(64);
                SimulatedProcess creator = new SimulatedProcess(memory, Rings.livingOwner(), false);
                try {
                    creator.runAndThrow(
                            () -> InstrumentedClasses.end(memory, new ArrayList<>()).accept("create " + kind + "-64"),
                            moment, after, false, Exhausted::new);
                    break;
                } catch (StackOverflowError asIntended) {
                    moments++;
                }
                boolean complete = memory.get(ValueLayout.JAVA_INT, RingLayout.VERSION_OFFSET) != 0;
                RingUser ring = complete ? kind.open(memory) : kind.create(memory, 64);
                assertTrue(ring.write(Rings.TYPE, Rings.message("works")));
                assertEquals(List.of("works"), Rings.read(ring, 9));
            }
        }
        assertTrue(moments > 20, moments + " moments");
    }

    @ParameterizedTest
    @MethodSource("producers")
    void shouldFindWhatWasWrittenOnAnExhaustedStack(Scenario scenario) {
        throwAtEach(
                scenario,
                Exhausted::new,
                4,
                (simulation, then, completed) -> checkProducer(scenario, simulation, then, completed));
    }

    @ParameterizedTest
    @MethodSource("producers")
    void shouldFindWhatWasWrittenWhateverIsThrown(Scenario scenario) {
        throwAtEach(
                scenario,
                Wrong::new,
                2,
                (simulation, then, completed) -> checkProducer(scenario, simulation, then, completed));
    }

    @ParameterizedTest
    @MethodSource("consumers")
    void shouldDeliverTheRestOnAnExhaustedStack(Scenario scenario) {
        throwAtEach(scenario, Exhausted::new, 4, (simulation, then, completed) -> {
            goOn(scenario, simulation, then, completed, opens(scenario) && completed == 0 ? "drain" : "free; drain");
            int ofVictim = simulation.notesOfVictim.size();
            simulation.newConsumer();
            int before = simulation.delivered.size();
            simulation.consume("drain");
            assertTrue(!simulation.delivered.contains(RingScript.OCCUPIED), "nobody else has a role");
            simulation.fill();
            simulation.consume("drain");
            List<String> all = new ArrayList<>(simulation.delivered.subList(0, before));
            all.addAll(simulation.notesOfVictim.subList(0, ofVictim));
            all.addAll(simulation.delivered.subList(before, simulation.delivered.size()));
            assertEquals(simulation.written, List.copyOf(new LinkedHashSet<>(all)));
            boolean peeking = (scenario.prepared() + scenario.act()).contains("peek");
            assertTrue(all.size() - simulation.written.size() <= 1 || peeking, () -> "again: " + all);
            if (then == Then.GOES_ON || then == Then.CLOSES) {
                assertEquals(simulation.led + simulation.written.size(), simulation.statistics().messagesRead());
                // Who closes between counting a record and skipping it leaves it to a successor, which counts it again.
                long again = simulation.statistics().recordsSkipped() - simulation.abandoned;
                assertTrue(again == 0 || again == 1 && then == Then.CLOSES, () -> again + " skipped again");
            }
            simulation.produce("close");
            simulation.consume("close");
            simulation.refused.clear();
            simulation.assertWorks();
        });
    }
}
