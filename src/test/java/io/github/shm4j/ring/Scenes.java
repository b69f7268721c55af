package io.github.shm4j.ring;

import io.github.shm4j.ring.Stage.Scene;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What the processes do that are stopped and killed at each access: every operation, in each of its courses. */
final class Scenes {

    private static final int SLOTS = 4;

    /** Here a message of more than 8 bytes does not fit before the end of the ring. */
    private static final int BEND = Stage.CAPACITY - 16;

    private static final int ASLEEP = FutexWaiters.ASLEEP;

    private final List<Scene> scenes = new ArrayList<>();

    private Scenes() {}

    /** Scenes of processes that write. Others have written messages before that nobody has read yet. */
    static List<Scene> ofProducers() {
        Scenes scenes = new Scenes();
        Consumer<Stage> two = stage -> stage.produce("write a/5; write b/13");
        for (Rings kind : Rings.values()) {
            scenes.producer(kind, "becomes a producer", two, "open", "write v/21");
            scenes.producer(kind, "writes", two, "open; write x/5", "write v/21");
            scenes.producer(kind, "writes twice", two, "open; write x/5", "write v/21; write w/13");
            scenes.producer(kind, "writes the longest", two, "open; write x/5", "write v/64");
            scenes.producer(kind, "commits", two, "open; write x/5", "claim v/21; commit v/21");
            scenes.producer(kind, "aborts", two, "open; write x/5", "claim n/21; abort n/21");
            scenes.producer(kind, "aborts and writes", two, "open; write x/5", "claim n/21; abort n/21; write v/13");
            scenes.producer(kind, "closes", two, "open; write x/5", "close");
            scenes.producer(kind, "opens, writes and closes", two, "", "open; write v/21; close");
            scenes.producer(kind, "wakes the consumer", stage -> {
                two.accept(stage);
                stage.memory.set(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET, ASLEEP);
            }, "open; write x/5", "write v/21");
            scenes.producer(kind, "finds no room", Stage::fill, "open", "write v/21; claim n/21; abort n/21");
            scenes.producer(kind, "waits for room", Stage::fill, "open", "await-room 3");
            scenes.at(kind, "goes around the bend", BEND - 16, "open; write x/8", "write v/21");
            scenes.at(kind, "fits exactly before the bend", BEND - 16, "open", "write v/24");
            scenes.at(kind, "becomes a producer before the bend", BEND, "open", "write v/21");
            scenes.at(kind, "commits behind the bend", BEND - 16, "open; write x/8", "claim v/21; commit v/21");
            scenes.at(kind, "aborts behind the bend", BEND - 16, "open; write x/8", "claim n/21; abort n/21");
        }
        // Where it need not store that the records end, as the consumer has cleared the room.
        String around = "open; write x/5" + Stage.AROUND;
        Consumer<Stage> nothing = stage -> {
        };
        for (int length : new int[] {8, 21, 64}) {
            String message = "v/" + length;
            scenes.producer(Rings.SPSC, "writes where there are zeros, " + length, nothing, around, "write " + message);
        }
        scenes.producer(Rings.SPSC, "writes twice where there are zeros", nothing, around, "write v/64; write w/13");
        scenes.producer(
                Rings.SPSC, "commits where there are zeros", nothing, around, "claim v/21; commit v/21; write w/13");
        scenes.producer(
                Rings.SPSC, "aborts where there are zeros", nothing, around,
                "claim n/64; abort n/64; write v/8; write w/13");
        scenes.producer(
                Rings.SPSC, "writes a batch where there are zeros", nothing, around,
                "batch; write v/21; claim n/64; abort n/64; write w/13; end");
        scenes.at(Rings.SPSC, "goes around the bend where there are zeros", BEND - 48, around,
                "write v/13; write w/21");
        scenes.producer(Rings.SPSC, "writes a batch", two, "open", "batch; write v/21; write w/13; end");
        scenes.producer(
                Rings.SPSC,
                "publishes within a batch",
                two,
                "open; write x/5",
                "batch; write v/21; publish; claim n/21; abort n/21; claim w/13; commit w/13; end");
        scenes.producer(Rings.SPSC, "closes a batch", two, "open; write x/5; batch", "write v/21; write w/13; close");
        scenes.at(Rings.SPSC, "writes a batch around the bend", BEND - 16, "open; write x/8; batch", "write v/21; end");
        scenes.at(
                Rings.SPSC,
                "aborts behind the bend and ends its batch",
                BEND - 16,
                "open; write x/8; batch",
                "claim n/21; abort n/21; end; write v/13");
        scenes.producer(
                Rings.SPSC,
                "takes the place of one that was killed",
                stage -> {
                    stage.produce("write a/5; close");
                    stage.beforeItIsKilled("write n/21", access -> access.how().equals("copy"));
                },
                "open",
                "write v/13");
        scenes.behindAHeader("a message", 0, stage -> stage.produce("write a/5"), "write k/21", 1);
        scenes.behindAHeader("a batch", 0, stage -> stage.produce("write a/5"),
                "batch; write k/21; write l/5; write o/8; publish", 1);
        scenes.behindAHeader("padding", BEND, stage -> {
        }, "write n/21", 1);
        scenes.behindAHeader("padding and a message", BEND, stage -> {
        }, "write k/21", 2);
        scenes.behindAHeader("the last message that fits", 0, stage -> {
            for (int i = 1; i < Stage.CAPACITY / 16; i++) {
                stage.produce("write a" + i + "/8");
            }
        }, "write k/8", 1);
        scenes.behindAHeader("a batch that fills the ring", BEND, stage -> {
            for (int i = 2; i < Stage.CAPACITY / 16; i++) {
                stage.produce("write a" + i + "/8");
            }
        }, "batch; write k/8; write l/8; end", 1);
        for (boolean withHeader : new boolean[] {false, true}) {
            scenes.scenes.add(new Scene(
                    Rings.MPSC,
                    true,
                    "takes the slot of one that was killed " + (withHeader ? "with" : "without") + " its header",
                    1,
                    Stage.CAPACITY,
                    0,
                    stage -> {
                        stage.produce("write a/5; close");
                        stage.newProducer();
                        stage.beforeItIsKilled(
                                "write n/21",
                                access -> withHeader ? access.how().equals("copy") : Stage.claims(access));
                        stage.abandoned = 1;
                        stage.withoutHeader = !withHeader;
                    },
                    "open",
                    "write v/13"));
        }
        scenes.producer(
                Rings.MPSC,
                "commits two claims",
                two,
                "open; write x/5",
                "claim v/21; claim w/13; commit v/21; commit w/13");
        scenes.producer(
                Rings.MPSC,
                "commits two claims in the other order",
                two,
                "open; write x/5",
                "claim v/21; claim w/13; commit w/13; commit v/21");
        return scenes.scenes;
    }

    /** Scenes of processes that read. */
    static List<Scene> ofConsumers() {
        Scenes scenes = new Scenes();
        Consumer<Stage> five = stage -> stage.produce("write a/5; write b/13; write d/64; write e/8; write f/21");
        for (Rings kind : Rings.values()) {
            scenes.consumer(kind, "becomes the consumer", five, "open", "read 2");
            scenes.consumer(kind, "reads some", five, "open; read 1", "read 3");
            scenes.consumer(kind, "reads all", five, "open; read 1", "read 9");
            scenes.consumer(kind, "reads what its handler controls", five, "open; read 1", "control 9");
            scenes.consumer(kind, "peeks and frees", five, "open; read 1", "peek 2; free");
            scenes.consumer(kind, "peeks twice and frees", five, "open", "peek 1; peek 9; free; read 9");
            scenes.consumer(kind, "closes", five, "open; read 1", "close");
            scenes.consumer(kind, "closes what it has peeked at", five, "open; read 1; peek 1", "close");
            scenes.consumer(kind, "opens, reads and closes", five, "", "open; read 9; close");
            scenes.consumer(kind, "finds nothing", stage -> {
            }, "open", "read 9; read 9");
            scenes.consumer(kind, "waits for a message", stage -> {
            }, "open", "await 3");
            scenes.consumer(kind, "wakes the producers", stage -> {
                stage.fill();
                stage.memory.set(ValueLayout.JAVA_INT, RingLayout.PRODUCER_SLEEP_OFFSET, ASLEEP);
            }, "open; read 1", "read 9");
            scenes.scenes.add(new Scene(
                    kind,
                    false,
                    "reads around the bend",
                    SLOTS,
                    Stage.CAPACITY,
                    BEND - 16,
                    stage -> stage.produce("write a/8; write b/21; write d/21"),
                    "open",
                    "read 9"));
            scenes.consumer(
                    kind,
                    "takes over from one that was killed before it freed",
                    stage -> {
                        five.accept(stage);
                        stage.consume("close");
                        stage.newConsumer();
                        stage.beforeItIsKilled(
                                "read 3",
                                access -> access.how().startsWith("set")
                                        && access.offset() == RingLayout.CONSUMER_POSITION_OFFSET
                                        && Stage.value(access, 0) == 40);
                    },
                    "open",
                    "read 9");
        }
        for (Rings kind : Rings.values()) {
            // So large that the consumer leaves the cache line alone in which a producer may be writing.
            scenes.scenes.add(new Scene(kind, false, "frees whole cache lines", SLOTS, 1 << 14, 0, stage -> {
                stage.produce("write a/900; write b/5; write d/1500; write e/8; write f/1021");
            }, "open", "read 3; read 9; drain"));
            scenes.scenes.add(new Scene(
                    kind,
                    false,
                    "takes over from one that has freed whole cache lines",
                    SLOTS,
                    1 << 14,
                    0,
                    stage -> {
                        stage.produce("write a/900; write b/205; write d/1500; write e/8; write f/1021");
                        stage.consume("close");
                        stage.newConsumer();
                        stage.beforeItIsKilled("read 9", access -> access.how().startsWith("set")
                                && access.offset() == RingLayout.CONSUMER_POSITION_OFFSET
                                && Stage.value(access, 0) > 2700);
                    },
                    "open",
                    "read 9"));
        }
        // So long that they need not be cleared for speed.
        scenes.scenes.add(new Scene(Rings.MPSC, false, "clears long messages", SLOTS, 1 << 16, 0, stage -> {
            stage.produce("write a/5; write b/8000; write d/8; write e/7777");
        }, "open", "read 2; read 9"));
        for (boolean withHeader : new boolean[] {false, true}) {
            String how = " killed " + (withHeader ? "with" : "without") + " its header";
            Consumer<Stage> killed = stage -> {
                stage.beforeItIsKilled(
                        "write n/21", access -> withHeader ? access.how().equals("copy") : Stage.claims(access));
                stage.abandoned++;
            };
            scenes.consumer(Rings.MPSC, "skips a producer" + how, stage -> {
                stage.produce("write a/5");
                killed.accept(stage);
                stage.produce("write b/13");
            }, "open", "drain");
            scenes.consumer(Rings.MPSC, "skips the last producer" + how, stage -> {
                stage.produce("write a/5");
                killed.accept(stage);
            }, "open", "drain");
            scenes.scenes.add(new Scene(
                    Rings.MPSC,
                    false,
                    "skips a producer before the bend" + how,
                    SLOTS,
                    Stage.CAPACITY,
                    BEND - 16,
                    stage -> {
                        killed.accept(stage);
                        stage.produce("write b/13");
                    },
                    "open",
                    "drain"));
        }
        return scenes.scenes;
    }

    private void producer(Rings kind, String name, Consumer<Stage> before, String prepared, String act) {
        scenes.add(new Scene(kind, true, name, SLOTS, Stage.CAPACITY, 0, before, prepared, act));
    }

    /** The one before was killed between the header of something that it showed the consumer, and its position. */
    private void behindAHeader(String what, int position, Consumer<Stage> before, String killed, int headers) {
        scenes.add(new Scene(Rings.SPSC, true, "takes the place of one that was killed behind the header of " + what,
                SLOTS, Stage.CAPACITY, position, stage -> {
                    before.accept(stage);
                    stage.produce("close");
                    int[] seen = new int[1];
                    stage.beforeItIsKilled(
                            killed,
                            access -> stage.completes(access)
                                    && access.how().equals("setRelease")
                                    && ++seen[0] == headers);
                    stage.written.addAll(Stage.names(killed).stream().filter(name -> !name.equals("n")).toList());
                    stage.newProducer();
                }, "open", "write v/13"));
    }

    private void at(Rings kind, String name, int position, String prepared, String act) {
        scenes.add(new Scene(kind, true, name, SLOTS, Stage.CAPACITY, position, stage -> {
        }, prepared, act));
    }

    private void consumer(Rings kind, String name, Consumer<Stage> before, String prepared, String act) {
        scenes.add(new Scene(kind, false, name, SLOTS, Stage.CAPACITY, 0, before, prepared, act));
    }
}
