package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.Simulation.Scenario;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls out of which something is thrown while others go on, as {@link ThrowAtEveryAccessTest} does not let them; and a thread
 * that closes what another one uses.
 */
@Patient
@Isolated("other objects of this process that sign at the same time make it unsure whose signature is in the memory")
class ThrownCallsTest {

    private static final long SLOT = RingLayout.SLOTS_BEGIN;

    private final List<String> notes = new ArrayList<>();

    /** The process lives, and does not use the ring any more. */
    @ParameterizedTest
    @ValueSource(strings = {"write v/21", "claim v/21; commit v/21", "claim n/21; abort n/21"})
    void shouldHoldUpNobodyWithoutAFurtherCall(String act) {
        Scenario scenario = new Scenario(
                Rings.MPSC, true, act, 4, Simulation.CAPACITY, 0, simulation -> simulation.produce("write a/5"),
                "open; write x/5", act);
        for (boolean after : new boolean[] {false, true}) {
            int moment = 0;
            while (hasThrownAndHeldUpNobody(scenario, moment, after)) {
                moment++;
            }
            assertTrue(moment > 5, moment + " moments");
        }
    }

    private static boolean hasThrownAndHeldUpNobody(Scenario scenario, int moment, boolean after) {
        Simulation simulation = new Simulation(scenario, Simulation.LIVING, false);
        boolean thrown = false;
        try {
            simulation.victim.runAndThrow(
                    () -> simulation.act(scenario.act()), moment, after, false, StackOverflowError::new);
        } catch (StackOverflowError asIntended) {
            thrown = true;
        }
        boolean more = thrown || moment < simulation.victim.count();
        // What it can close is closed, as by a try statement.
        simulation.victim.run(() -> simulation.act("leave"));
        simulation.newProducer();
        simulation.produce("write s/13");
        simulation.consume("drain");
        assertTrue(
                simulation.delivered.contains("s"),
                () -> "thrown " + (after ? "after" : "before") + " access " + moment + ": " + simulation.delivered);
        return more;
    }

    /** Another consumer begins, and reads, as soon as it can. */
    @ParameterizedTest
    @CsvSource({"SPSC, read-and-close 9", "SPSC, control-and-close 9", "MPSC, read-and-close 9",
        "MPSC, control-and-close 9"})
    void shouldLeaveTheSuccessorAloneWhenItsHandlerHasClosedIt(Rings kind, String act) {
        for (boolean after : new boolean[] {false, true}) {
            int moment = 0;
            while (hasThrownAndLeftTheSuccessorAlone(kind, act, moment, after)) {
                moment++;
            }
            assertTrue(moment > 5, moment + " moments");
        }
    }

    private static boolean hasThrownAndLeftTheSuccessorAlone(Rings kind, String act, int moment, boolean after) {
        MemorySegment memory = kind.memory(512);
        RingScript producer = new RingScript(memory, new ArrayList<>());
        producer.accept("create " + kind + "-512; write a/5; write b/13; write d/8; write e/8");
        SimulatedProcess process = new SimulatedProcess(memory, Simulation.LIVING, false);
        List<String> delivered = new ArrayList<>();
        Consumer<String> closing = InstrumentedClasses.end(memory, delivered);
        process.run(() -> closing.accept("open"));
        List<String> ofSuccessor = new ArrayList<>();
        RingScript successor = new RingScript(memory, ofSuccessor);
        successor.accept("open");
        long[] position = {-1};
        boolean thrown = false;
        try {
            process.runAndThrow(() -> closing.accept(act), moment, after, false, () -> {
                successor.accept("read 1");
                if (!ofSuccessor.remove(RingScript.OCCUPIED)) {
                    position[0] = Rings.getLong(memory, RingLayout.CONSUMER_POSITION_OFFSET);
                }
                return new StackOverflowError();
            });
        } catch (StackOverflowError asIntended) {
            thrown = true;
        }
        boolean more = thrown || moment < process.count();
        String where = "thrown " + (after ? "after" : "before") + " access " + moment;
        if (position[0] >= 0) {
            assertEquals(position[0], Rings.getLong(memory, RingLayout.CONSUMER_POSITION_OFFSET), where);
        }
        process.run(() -> closing.accept("close"));
        successor.accept("drain");
        List<String> all = new ArrayList<>(delivered);
        all.addAll(ofSuccessor);
        assertEquals(List.of("a", "b", "d", "e"), List.copyOf(new LinkedHashSet<>(all)), where);
        assertTrue(all.size() <= 5, where + ": " + all);
        return more;
    }

    @ParameterizedTest
    @EnumSource
    void shouldPeekOnceMoreAtWhatItHadNoMemoryToNote(Rings kind) {
        // What is noted of 16 messages is moved with the next one: the first accesses are the header, and the two arrays.
        for (int moment = 0; moment < 3; moment++) {
            notes.clear();
            MemorySegment memory = kind.memory(1024);
            RingScript producer = new RingScript(memory, new ArrayList<>());
            producer.accept("create " + kind + "-1024");
            List<String> written = IntStream.range(0, 20).mapToObj(i -> "m" + i).toList();
            written.forEach(name -> producer.accept("write " + name + "/8"));
            SimulatedProcess process = new SimulatedProcess(memory, Rings.livingOwner(), false);
            Consumer<String> end = InstrumentedClasses.end(memory, notes);
            process.run(() -> end.accept("open; peek 16"));
            int thrown = moment;
            assertThrows(
                    OutOfMemoryError.class,
                    () -> process.runAndThrow(
                            () -> end.accept("peek 1"), thrown, false, false, OutOfMemoryError::new));
            process.run(() -> end.accept("peek 9"));
            assertEquals(written, notes);
            process.run(() -> end.accept("free; close"));
            RingStatistics statistics = RingUser.open(memory).statistics();
            assertEquals(20, statistics.messagesRead());
            assertEquals(20 * 16, Rings.getLong(memory, RingLayout.CONSUMER_POSITION_OFFSET));
        }
    }

    /** Only the thread that has the memory can find out whether it has signed there. */
    @Test
    void shouldFinishToSignAlthoughAnotherThreadHasCreatedARingMeanwhile() throws InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Rings.SPSC.sizeFor(512), 128);
            Rings.SPSC.create(memory, 512);
            SimulatedProcess process = new SimulatedProcess(memory, Simulation.LIVING, false);
            Consumer<String> end = InstrumentedClasses.end(memory, notes);
            process.run(() -> end.accept("open"));
            assertThrows(
                    StackOverflowError.class,
                    () -> process.runAndThrow(() -> end.accept("read 1"), 1, true, false, StackOverflowError::new));
            assertEquals(Simulation.LIVING, Rings.getLong(memory, RingLayout.CONSUMER_OFFSET));
            MemorySegment elsewhere = Rings.SPSC.memory(512);
            List<String> ofOther = new ArrayList<>();
            Thread other = Thread.ofPlatform().start(() -> new SimulatedProcess(elsewhere, Simulation.LIVING, false)
                    .run(() -> InstrumentedClasses.end(elsewhere, ofOther).accept("create SPSC-512; write a/5")));
            other.join();
            assertEquals(16, Rings.getLong(elsewhere, RingLayout.PRODUCER_POSITION_OFFSET));
            process.run(() -> end.accept("read 1"));
            assertEquals(List.of(), notes);
            process.run(() -> end.accept("close"));
            assertEquals(Owner.NOBODY, Rings.getLong(memory, RingLayout.CONSUMER_OFFSET));
        }
    }

    /** The thread that claims has taken the slot, and is stopped before it has an open claim. */
    @Test
    void shouldKeepTheSlotOfAClaimThatBecomesOpenWhileItIsClosed() throws InterruptedException {
        MemorySegment memory = Rings.MPSC.memory(512);
        Rings.MPSC.create(memory, 512);
        SimulatedProcess process = new SimulatedProcess(memory, Rings.livingOwner(), false);
        Consumer<String> end = InstrumentedClasses.end(memory, notes);
        process.run(() -> end.accept("open; write a/5"));
        Throwable[] refused = new Throwable[1];
        Thread closer = Thread.ofPlatform().unstarted(() -> {
            try {
                end.accept("close");
            } catch (IllegalStateException claimed) {
                refused[0] = claimed;
            }
        });
        process.run(() -> end.accept("claim v/21"), number -> {
            if (!process.made().isEmpty()
                    && process.made().getLast().offset() == SLOT + RingLayout.SLOT_CLAIM
                    && closer.getState() == Thread.State.NEW) {
                closer.start();
                while (closer.getState() != Thread.State.TIMED_WAITING && closer.isAlive()) {
                    Thread.onSpinWait();
                }
            }
        });
        closer.join();
        assertInstanceOf(IllegalStateException.class, refused[0]);
        assertEquals(Rings.livingOwner(), Rings.getLong(memory, SLOT + RingLayout.SLOT_OWNER));
        process.run(() -> end.accept("commit v/21; close"));
        assertEquals(Owner.NOBODY, Rings.getLong(memory, SLOT + RingLayout.SLOT_OWNER));
        new RingScript(memory, notes).accept("open; read 9");
        assertEquals(List.of("a", "v"), notes);
    }
}
