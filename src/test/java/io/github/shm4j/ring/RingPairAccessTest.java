package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills a process that creates a pair of rings, and throws out of it and of one that takes a side, at each single access. */
@Patient
@Isolated("other objects of this process that sign at the same time make it unsure whose signature is in the memory")
class RingPairAccessTest {

    private static final long CAPACITY = 128;

    /** How many accesses it takes at most to clear what was begun of two rings, and to look at some of that. */
    private static final int CLEANING = 24;

    @Test
    void shouldLeaveTheMemoryToTheNextCreatorWhereverSomethingIsThrown() {
        int moments = 0;
        for (int mode = 0; mode < 2; mode++) {
            for (int moment = 1;; moment++) {
                MemorySegment memory = Pairs.memory(CAPACITY);
                SimulatedProcess creator = new SimulatedProcess(memory, Rings.livingOwner(), false);
                try {
                    creator.runAndThrow(
                            () -> InstrumentedClasses.end(RingPairScript.class, memory, new ArrayList<>())
                                    .accept("create " + CAPACITY),
                            moment, mode == 1, false, StackOverflowError::new);
                    break;
                } catch (StackOverflowError asIntended) {
                    moments++;
                }
                boolean complete = memory.get(ValueLayout.JAVA_INT, RingLayout.VERSION_OFFSET) != 0;
                if (!complete) {
                    assertEquals(-1, memory.mismatch(Pairs.memory(CAPACITY)), "zeros after access " + moment);
                }
                Pairs.assertUsable(complete ? RingPair.open(memory, Duration.ZERO) : RingPair.create(memory, CAPACITY));
            }
        }
        assertTrue(moments > 100, moments + " moments");
    }

    /** What is done to leave the memory as it was fails, too: once, or again and again as on a stack that is exhausted. */
    @Test
    void shouldLeaveTheCreationBegunWhereTheCleaningFails() {
        int begun = 0;
        int suppressed = 0;
        // Of the many accesses that look whether all is zero, one is as good as another.
        for (int first = 1;; first += 7) {
            for (int second = first + 1; second <= first + CLEANING; second++) {
                MemorySegment memory = Pairs.memory(CAPACITY);
                SimulatedProcess creator = new SimulatedProcess(memory, Rings.terminatedOwner(), false);
                StackOverflowError thrown = throwTwice(creator, memory, first, second, second == first + 1);
                if (thrown == null) {
                    assertTrue(begun > 100 && suppressed > 100, begun + " begun, " + suppressed + " suppressed");
                    return;
                }
                String when = "thrown at accesses " + first + " and " + second;
                assertEquals("first", thrown.getMessage(), when);
                suppressed += thrown.getSuppressed().length;
                if (memory.get(ValueLayout.JAVA_INT, RingLayout.VERSION_OFFSET) != 0) {
                    Pairs.assertUsable(RingPair.open(memory, Duration.ZERO));
                } else if (Rings.getLong(memory, RingLayout.CREATOR_OFFSET) == Owner.NOBODY) {
                    assertEquals(-1, memory.mismatch(Pairs.memory(CAPACITY)), () -> when + ", of " + creator.made());
                } else {
                    begun++;
                    String refused =
                            assertThrows(RingFormatException.class, () -> RingPair.open(memory, Duration.ZERO))
                                    .getMessage();
                    assertTrue(refused.contains("the ring pair is not complete"), refused);
                }
            }
        }
    }

    /** Returns what comes out of the creation, or null if it is over before that. */
    private static StackOverflowError throwTwice(
            SimulatedProcess creator, MemorySegment memory, int first, int second, boolean again) {
        try {
            creator.run(
                    () -> InstrumentedClasses.end(RingPairScript.class, memory, new ArrayList<>())
                            .accept("create " + CAPACITY),
                    number -> {
                        if (number == first || number == second || again && number > second) {
                            throw new StackOverflowError(number == first ? "first" : "again");
                        }
                    });
            return null;
        } catch (StackOverflowError asIntended) {
            return asIntended;
        }
    }

    @Test
    void shouldRefuseAPairWhoseCreatorWasKilledAtAnyMoment() {
        int incomplete = 0;
        boolean complete = false;
        for (int last = 0; !complete; last++) {
            MemorySegment memory = Pairs.memory(CAPACITY);
            SimulatedProcess creator = new SimulatedProcess(memory, Rings.terminatedOwner(), false);
            creator.runAndKill(
                    () -> InstrumentedClasses.end(RingPairScript.class, memory, new ArrayList<>())
                            .accept("create " + CAPACITY),
                    last);
            complete = creator.count() <= last;
            if (Rings.getLong(memory, RingLayout.CREATOR_OFFSET) == Owner.NOBODY) {
                Pairs.assertUsable(RingPair.create(memory, CAPACITY));
            } else if (memory.get(ValueLayout.JAVA_INT, RingLayout.VERSION_OFFSET) == 0) {
                incomplete++;
                String refused = assertThrows(RingFormatException.class, () -> RingPair.open(memory, Duration.ZERO))
                        .getMessage();
                assertTrue(refused.contains("the ring pair is not complete"), refused);
            } else {
                Pairs.assertUsable(RingPair.open(memory, Duration.ZERO));
            }
        }
        assertTrue(incomplete > 100, incomplete + " moments");
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "server"})
    void shouldHaveBothRolesOfASideOrGiveThemBackWhereverSomethingIsThrown(String side) {
        int moments = 0;
        for (int mode = 0; mode < 4; mode++) {
            boolean thrown = true;
            for (int moment = 0; thrown; moment++) {
                MemorySegment memory = Pairs.memory(CAPACITY);
                RingPair.create(memory, CAPACITY);
                SimulatedProcess process = new SimulatedProcess(memory, Rings.livingOwner(), false);
                Consumer<String> end = InstrumentedClasses.end(RingPairScript.class, memory, new ArrayList<>());
                process.run(() -> end.accept("open"));
                try {
                    process.runAndThrow(
                            () -> end.accept(side), moment, (mode & 1) != 0, (mode & 2) != 0, StackOverflowError::new);
                    thrown = false;
                } catch (StackOverflowError asIntended) {
                    moments++;
                    process.run(() -> end.accept(side));
                }
                process.run(() -> end.accept("close"));
                Pairs.assertUsable(RingPair.open(memory, Duration.ZERO));
            }
        }
        assertTrue(moments > 40, moments + " moments");
    }
}
