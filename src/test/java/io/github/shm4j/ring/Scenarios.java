package io.github.shm4j.ring;

import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.ring.Simulation.Scenario;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What the processes do that are stopped and killed at each access: every operation, in each of its courses. */
final class Scenarios {

    private static final int SLOTS = 4;

    /** Here a message of more than 8 bytes does not fit before the end of the ring. */
    private static final int BEND = Simulation.CAPACITY - 16;

    private static final int ASLEEP = FutexWaiters.ASLEEP;

    private final List<Scenario> scenarios = new ArrayList<>();

    private Scenarios() {}

    /** Scenarios of processes that write. Others have written messages before that nobody has read yet. */
    static List<Scenario> ofProducers() {
        Scenarios scenarios = new Scenarios();
        Consumer<Simulation> two = simulation -> simulation.produce("write a/5; write b/13");
        for (Rings kind : Rings.values()) {
            scenarios.producer(kind, "becomes a producer", two, "open", "write v/21");
            scenarios.producer(kind, "writes", two, "open; write x/5", "write v/21");
            scenarios.producer(kind, "writes twice", two, "open; write x/5", "write v/21; write w/13");
            scenarios.producer(kind, "writes the longest", two, "open; write x/5", "write v/64");
            scenarios.producer(kind, "commits", two, "open; write x/5", "claim v/21; commit v/21");
            scenarios.producer(kind, "aborts", two, "open; write x/5", "claim n/21; abort n/21");
            scenarios.producer(kind, "aborts and writes", two, "open; write x/5", "claim n/21; abort n/21; write v/13");
            scenarios.producer(kind, "closes", two, "open; write x/5", "close");
            scenarios.producer(kind, "opens, writes and closes", two, "", "open; write v/21; close");
            scenarios.producer(kind, "wakes the consumer", simulation -> {
                two.accept(simulation);
                simulation.memory.set(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET, ASLEEP);
            }, "open; write x/5", "write v/21");
            scenarios.producer(kind, "finds no room", Simulation::fill, "open", "write v/21; claim n/21; abort n/21");
            scenarios.producer(kind, "waits for room", Simulation::fill, "open", "await-room 3");
            scenarios.at(kind, "goes around the bend", BEND - 16, "open; write x/8", "write v/21");
            scenarios.at(kind, "fits exactly before the bend", BEND - 16, "open", "write v/24");
            scenarios.at(kind, "becomes a producer before the bend", BEND, "open", "write v/21");
            scenarios.at(kind, "commits behind the bend", BEND - 16, "open; write x/8", "claim v/21; commit v/21");
            scenarios.at(kind, "aborts behind the bend", BEND - 16, "open; write x/8", "claim n/21; abort n/21");
        }
        // Where it need not store that the records end, as the consumer has cleared the room.
        String around = "open; write x/5" + Simulation.AROUND;
        Consumer<Simulation> nothing = simulation -> {
        };
        for (int length : new int[] {8, 21, 64}) {
            String message = "v/" + length;
            scenarios.producer(Rings.SPSC, "writes where there are zeros, " + length, nothing, around,
                    "write " + message);
        }
        scenarios.producer(Rings.SPSC, "writes twice where there are zeros", nothing, around, "write v/64; write w/13");
        scenarios.producer(
                Rings.SPSC, "commits where there are zeros", nothing, around, "claim v/21; commit v/21; write w/13");
        scenarios.producer(
                Rings.SPSC, "aborts where there are zeros", nothing, around,
                "claim n/64; abort n/64; write v/8; write w/13");
        scenarios.producer(
                Rings.SPSC, "writes a batch where there are zeros", nothing, around,
                "batch; write v/21; claim n/64; abort n/64; write w/13; end");
        scenarios.at(Rings.SPSC, "goes around the bend where there are zeros", BEND - 48, around,
                "write v/13; write w/21");
        scenarios.producer(Rings.SPSC, "writes a batch", two, "open", "batch; write v/21; write w/13; end");
        scenarios.producer(
                Rings.SPSC,
                "publishes within a batch",
                two,
                "open; write x/5",
                "batch; write v/21; publish; claim n/21; abort n/21; claim w/13; commit w/13; end");
        scenarios.producer(Rings.SPSC, "closes a batch", two, "open; write x/5; batch",
                "write v/21; write w/13; close");
        scenarios.at(Rings.SPSC, "writes a batch around the bend", BEND - 16, "open; write x/8; batch",
                "write v/21; end");
        scenarios.at(
                Rings.SPSC,
                "aborts behind the bend and ends its batch",
                BEND - 16,
                "open; write x/8; batch",
                "claim n/21; abort n/21; end; write v/13");
        scenarios.producer(
                Rings.SPSC,
                "takes the place of one that was killed",
                simulation -> {
                    simulation.produce("write a/5; close");
                    simulation.beforeItIsKilled("write n/21", access -> access.how().equals("copy"));
                },
                "open",
                "write v/13");
        scenarios.behindAHeader("a message", 0, simulation -> simulation.produce("write a/5"), "write k/21", 1);
        scenarios.behindAHeader("a batch", 0, simulation -> simulation.produce("write a/5"),
                "batch; write k/21; write l/5; write o/8; publish", 1);
        scenarios.behindAHeader("padding", BEND, simulation -> {
        }, "write n/21", 1);
        scenarios.behindAHeader("padding and a message", BEND, simulation -> {
        }, "write k/21", 2);
        scenarios.behindAHeader("the last message that fits", 0, simulation -> {
            for (int i = 1; i < Simulation.CAPACITY / 16; i++) {
                simulation.produce("write a" + i + "/8");
            }
        }, "write k/8", 1);
        scenarios.behindAHeader("a batch that fills the ring", BEND, simulation -> {
            for (int i = 2; i < Simulation.CAPACITY / 16; i++) {
                simulation.produce("write a" + i + "/8");
            }
        }, "batch; write k/8; write l/8; end", 1);
        for (boolean withHeader : new boolean[] {false, true}) {
            scenarios.scenarios.add(new Scenario(
                    Rings.MPSC,
                    true,
                    "takes the slot of one that was killed " + (withHeader ? "with" : "without") + " its header",
                    1,
                    Simulation.CAPACITY,
                    0,
                    simulation -> {
                        simulation.produce("write a/5; close");
                        simulation.newProducer();
                        simulation.beforeItIsKilled(
                                "write n/21",
                                access -> withHeader ? access.how().equals("copy") : Simulation.claims(access));
                        simulation.abandoned = 1;
                        simulation.withoutHeader = !withHeader;
                    },
                    "open",
                    "write v/13"));
        }
        scenarios.producer(
                Rings.MPSC,
                "commits two claims",
                two,
                "open; write x/5",
                "claim v/21; claim w/13; commit v/21; commit w/13");
        scenarios.producer(
                Rings.MPSC,
                "commits two claims in the other order",
                two,
                "open; write x/5",
                "claim v/21; claim w/13; commit w/13; commit v/21");
        return scenarios.scenarios;
    }

    /** Scenarios of processes that read. */
    static List<Scenario> ofConsumers() {
        Scenarios scenarios = new Scenarios();
        Consumer<Simulation> five =
                simulation -> simulation.produce("write a/5; write b/13; write d/64; write e/8; write f/21");
        for (Rings kind : Rings.values()) {
            scenarios.consumer(kind, "becomes the consumer", five, "open", "read 2");
            scenarios.consumer(kind, "reads some", five, "open; read 1", "read 3");
            scenarios.consumer(kind, "reads all", five, "open; read 1", "read 9");
            scenarios.consumer(kind, "reads what its handler controls", five, "open; read 1", "control 9");
            scenarios.consumer(kind, "peeks and frees", five, "open; read 1", "peek 2; free");
            scenarios.consumer(kind, "peeks twice and frees", five, "open", "peek 1; peek 9; free; read 9");
            scenarios.consumer(kind, "closes", five, "open; read 1", "close");
            scenarios.consumer(kind, "closes what it has peeked at", five, "open; read 1; peek 1", "close");
            scenarios.consumer(kind, "opens, reads and closes", five, "", "open; read 9; close");
            scenarios.consumer(kind, "finds nothing", simulation -> {
            }, "open", "read 9; read 9");
            scenarios.consumer(kind, "waits for a message", simulation -> {
            }, "open", "await 3");
            scenarios.consumer(kind, "wakes the producers", simulation -> {
                simulation.fill();
                simulation.memory.set(ValueLayout.JAVA_INT, RingLayout.PRODUCER_SLEEP_OFFSET, ASLEEP);
            }, "open; read 1", "read 9");
            scenarios.scenarios.add(new Scenario(
                    kind,
                    false,
                    "reads around the bend",
                    SLOTS,
                    Simulation.CAPACITY,
                    BEND - 16,
                    simulation -> simulation.produce("write a/8; write b/21; write d/21"),
                    "open",
                    "read 9"));
            scenarios.consumer(
                    kind,
                    "takes over from one that was killed before it freed",
                    simulation -> {
                        five.accept(simulation);
                        simulation.consume("close");
                        simulation.newConsumer();
                        simulation.beforeItIsKilled(
                                "read 3",
                                access -> access.how().startsWith("set")
                                        && access.offset() == RingLayout.CONSUMER_POSITION_OFFSET
                                        && Simulation.value(access, 0) == 40);
                    },
                    "open",
                    "read 9");
        }
        for (Rings kind : Rings.values()) {
            // So large that the consumer leaves the cache line alone in which a producer may be writing.
            scenarios.scenarios
                    .add(new Scenario(kind, false, "frees whole cache lines", SLOTS, 1 << 14, 0, simulation -> {
                        simulation.produce("write a/900; write b/5; write d/1500; write e/8; write f/1021");
                    }, "open", "read 3; read 9; drain"));
            scenarios.scenarios.add(new Scenario(
                    kind,
                    false,
                    "takes over from one that has freed whole cache lines",
                    SLOTS,
                    1 << 14,
                    0,
                    simulation -> {
                        simulation.produce("write a/900; write b/205; write d/1500; write e/8; write f/1021");
                        simulation.consume("close");
                        simulation.newConsumer();
                        simulation.beforeItIsKilled("read 9", access -> access.how().startsWith("set")
                                && access.offset() == RingLayout.CONSUMER_POSITION_OFFSET
                                && Simulation.value(access, 0) > 2700);
                    },
                    "open",
                    "read 9"));
        }
        // So long that they need not be cleared for speed.
        scenarios.scenarios
                .add(new Scenario(Rings.MPSC, false, "clears long messages", SLOTS, 1 << 16, 0, simulation -> {
                    simulation.produce("write a/5; write b/8000; write d/8; write e/7777");
                }, "open", "read 2; read 9"));
        for (boolean withHeader : new boolean[] {false, true}) {
            String how = " killed " + (withHeader ? "with" : "without") + " its header";
            Consumer<Simulation> killed = simulation -> {
                simulation.beforeItIsKilled(
                        "write n/21", access -> withHeader ? access.how().equals("copy") : Simulation.claims(access));
                simulation.abandoned++;
            };
            scenarios.consumer(Rings.MPSC, "skips a producer" + how, simulation -> {
                simulation.produce("write a/5");
                killed.accept(simulation);
                simulation.produce("write b/13");
            }, "open", "drain");
            scenarios.consumer(Rings.MPSC, "skips the last producer" + how, simulation -> {
                simulation.produce("write a/5");
                killed.accept(simulation);
            }, "open", "drain");
            scenarios.scenarios.add(new Scenario(
                    Rings.MPSC,
                    false,
                    "skips a producer before the bend" + how,
                    SLOTS,
                    Simulation.CAPACITY,
                    BEND - 16,
                    simulation -> {
                        killed.accept(simulation);
                        simulation.produce("write b/13");
                    },
                    "open",
                    "drain"));
        }
        return scenarios.scenarios;
    }

    private void producer(Rings kind, String name, Consumer<Simulation> before, String prepared, String act) {
        scenarios.add(new Scenario(kind, true, name, SLOTS, Simulation.CAPACITY, 0, before, prepared, act));
    }

    /** The one before was killed between the header of something that it showed the consumer, and its position. */
    private void behindAHeader(String what, int position, Consumer<Simulation> before, String killed, int headers) {
        scenarios.add(
                new Scenario(Rings.SPSC, true, "takes the place of one that was killed behind the header of " + what,
                        SLOTS, Simulation.CAPACITY, position, simulation -> {
                            before.accept(simulation);
                            simulation.produce("close");
                            int[] seen = new int[1];
                            simulation.beforeItIsKilled(
                                    killed,
                                    access -> simulation.completes(access)
                                            && access.how().equals("setRelease")
                                            && ++seen[0] == headers);
                            simulation.written.addAll(
                                    Simulation.names(killed).stream().filter(name -> !name.equals("n")).toList());
                            simulation.newProducer();
                        }, "open", "write v/13"));
    }

    private void at(Rings kind, String name, int position, String prepared, String act) {
        scenarios.add(new Scenario(kind, true, name, SLOTS, Simulation.CAPACITY, position, simulation -> {
        }, prepared, act));
    }

    private void consumer(Rings kind, String name, Consumer<Simulation> before, String prepared, String act) {
        scenarios.add(new Scenario(kind, false, name, SLOTS, Simulation.CAPACITY, 0, before, prepared, act));
    }
}
