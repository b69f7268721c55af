package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.Stage.Scene;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Throws out of each single access to the shared memory, before and after it is made, once or again at all that follow in
 * the same call. Then the same object goes on, or is closed, or its process ends: nothing may be lost, doubled or stuck.
 */
@Patient(busySeconds = 600)
@Isolated("other objects of this process that sign at the same time make it unsure whose signature is in the memory")
class ThrowAtEveryAccessTest {

    static List<Scene> producers() {
        return Scenes.ofProducers();
    }

    static List<Scene> consumers() {
        return Scenes.ofConsumers();
    }

    /** What happens to the object behind what was thrown. */
    private enum Then {
        GOES_ON,
        CLOSES,
        /** Its memory goes, as that of a block whose arena is closed. */
        LOSES_ITS_MEMORY,
        ENDS
    }

    @FunctionalInterface
    private interface Check {

        void check(Stage stage, Then then, int completed);
    }

    private static void throwAtEach(Scene scene, Supplier<? extends Throwable> thrown, Check check) {
        for (Then then : Then.values()) {
            for (int mode = 0; mode < 4; mode++) {
                boolean after = (mode & 1) != 0;
                boolean again = (mode & 2) != 0;
                boolean reached = true;
                int moment = 0;
                for (; reached; moment++) {
                    Stage stage = new Stage(scene, then == Then.ENDS ? Stage.ENDED : Stage.LIVING, false);
                    int completed = actAndThrow(scene, stage, moment, after, again, thrown);
                    reached = completed >= 0;
                    try {
                        check.check(stage, then, completed);
                    } catch (Throwable wrong) {
                        throw new AssertionError(
                                "thrown " + (after ? "after" : "before") + " access " + moment
                                        + (again ? " and all that follow" : "") + "; then it " + then + "; made "
                                        + stage.victim.made(),
                                wrong);
                    }
                }
                assertTrue(moment > 1 || after, "the process does nothing");
            }
        }
    }

    /** Lets the process act one command at a time; returns how many were completed, or -1 if nothing was thrown. */
    private static int actAndThrow(
            Scene scene, Stage stage, int moment, boolean after, boolean again, Supplier<? extends Throwable> thrown) {
        Class<?> expected = thrown.get().getClass();
        String[] commands = scene.act().split(";");
        int before = 0;
        for (int i = 0; i < commands.length; i++) {
            String command = commands[i];
            try {
                stage.victim.runAndThrow(() -> stage.act(command), moment - before, after, again, thrown);
            } catch (Throwable asIntended) {
                if (asIntended.getClass() != expected) {
                    throw new AssertionError(command, asIntended);
                }
                return i;
            }
            before += stage.victim.count();
        }
        return -1;
    }

    private static void goOn(Scene scene, Stage stage, Then then, int completed, String commands) {
        String[] acts = scene.act().split("; ");
        boolean closing = completed < 0 ? acts[acts.length - 1].equals("close") : acts[completed].equals("close");
        boolean opening = completed == 0 && acts[0].equals("open");
        switch (then) {
            case GOES_ON -> stage.victim.run(
                    () -> stage.act(closing ? "close" : (opening ? "open; " : "") + commands + "; close"));
            case CLOSES -> stage.victim.run(() -> stage.act(opening ? "" : "close"));
            case LOSES_ITS_MEMORY -> stage.victim.run(() -> stage.act(opening ? "" : "detach"));
            case ENDS -> {
            }
        }
    }

    private static void checkProducer(Scene scene, Stage stage, Then then, int completed) {
        String[] commands = scene.act().split(";");
        boolean batching = (scene.prepared() + ";" + scene.act()).contains("batch");
        List<String> certain = new ArrayList<>();
        List<String> possible = new ArrayList<>();
        int count = completed < 0 ? commands.length : completed;
        for (int i = 0; i < commands.length && i <= count; i++) {
            boolean writes = commands[i].strip().startsWith("write");
            boolean commits = commands[i].strip().startsWith("commit");
            if (writes || commits) {
                String name = commands[i].strip().split("[ /]")[1];
                possible.add(name);
                if (i < count && !stage.notesOfVictim.contains(End.NO_ROOM)) {
                    certain.add(name);
                }
            }
        }
        if (then != Then.LOSES_ITS_MEMORY) {
            stage.victim.run(() -> stage.act("leave"));
        }
        List<String> before = List.copyOf(stage.written);
        stage.consume("drain");
        goOn(scene, stage, then, completed, "write z/13");
        stage.refused.clear();
        stage.newProducer();
        stage.produceIfPossible("write y/8");
        assertEquals(List.of(), stage.refused, "nobody else has a part");
        stage.consume("drain");
        List<String> delivered = new ArrayList<>(stage.delivered);
        assertEquals("y", delivered.removeLast());
        if (then == Then.GOES_ON && !scene.act().contains("close")) {
            assertTrue(delivered.remove("z"), () -> "what is written later: " + stage.delivered);
        } else {
            delivered.remove("z");
        }
        assertEquals(before, delivered.subList(0, before.size()));
        List<String> ofVictim = delivered.subList(before.size(), delivered.size());
        assertEquals(possible.subList(0, Math.min(ofVictim.size(), possible.size())).size(), ofVictim.size());
        if (then == Then.GOES_ON || then == Then.CLOSES || !batching) {
            assertTrue(ofVictim.containsAll(certain), () -> certain + " were written: " + stage.delivered);
        }
        assertTrue(possible.containsAll(ofVictim), () -> possible + " may be written: " + stage.delivered);
        assertEquals(List.copyOf(new LinkedHashSet<>(ofVictim)), ofVictim, "once each");
        stage.written.clear();
        stage.fill();
        stage.consume("drain");
        stage.produce("close");
        stage.consume("close");
        stage.refused.clear();
        stage.assertWorks();
    }

    private static boolean opens(Scene scene) {
        return scene.act().startsWith("open");
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveTheMemoryToTheNextCreator(Rings kind) {
        int moments = 0;
        for (boolean after : new boolean[] {false, true}) {
            for (int moment = 1;; moment++) {
                MemorySegment memory = kind.memory(64);
                Accesses creator = new Accesses(memory, Rings.livingMaker(), false);
                try {
                    creator.runAndThrow(
                            () -> ObservedClasses.end(memory, new ArrayList<>()).accept("create " + kind + "-64"),
                            moment, after, false, StackOverflowError::new);
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
    void shouldFindWhatWasWrittenOnAnExhaustedStack(Scene scene) {
        throwAtEach(
                scene,
                StackOverflowError::new,
                (stage, then, completed) -> checkProducer(scene, stage, then, completed));
    }

    @ParameterizedTest
    @MethodSource("producers")
    void shouldFindWhatWasWrittenWhateverIsThrown(Scene scene) {
        throwAtEach(
                scene,
                IllegalStateException::new,
                (stage, then, completed) -> checkProducer(scene, stage, then, completed));
    }

    @ParameterizedTest
    @MethodSource("consumers")
    void shouldDeliverTheRestOnAnExhaustedStack(Scene scene) {
        throwAtEach(scene, StackOverflowError::new, (stage, then, completed) -> {
            goOn(scene, stage, then, completed, opens(scene) && completed == 0 ? "drain" : "free; drain");
            int ofVictim = stage.notesOfVictim.size();
            stage.newConsumer();
            int before = stage.delivered.size();
            stage.consume("drain");
            assertTrue(!stage.delivered.contains(End.OCCUPIED), "nobody else has a part");
            stage.fill();
            stage.consume("drain");
            List<String> all = new ArrayList<>(stage.delivered.subList(0, before));
            all.addAll(stage.notesOfVictim.subList(0, ofVictim));
            all.addAll(stage.delivered.subList(before, stage.delivered.size()));
            assertEquals(stage.written, List.copyOf(new LinkedHashSet<>(all)));
            boolean peeking = (scene.prepared() + scene.act()).contains("peek");
            assertTrue(all.size() - stage.written.size() <= 1 || peeking, () -> "again: " + all);
            if (then == Then.GOES_ON || then == Then.CLOSES) {
                assertEquals(stage.led + stage.written.size(), stage.statistics().messagesRead());
                // Who closes between counting a record and skipping it leaves it to a successor, which counts it again.
                long again = stage.statistics().recordsSkipped() - stage.abandoned;
                assertTrue(again == 0 || again == 1 && then == Then.CLOSES, () -> again + " skipped again");
            }
            stage.produce("close");
            stage.consume("close");
            stage.refused.clear();
            stage.assertWorks();
        });
    }
}
