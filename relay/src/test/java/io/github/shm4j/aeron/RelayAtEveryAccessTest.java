package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.aeron.World.Weather;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.InstrumentedClasses;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingOccupiedException;
import io.github.shm4j.ring.SimulatedProcess;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills a side at each access to the rings and to the journal, in the middle of copies too, and then its successor at any of them,
 * by the simulator of processes that the rings' own tests have. A side that is killed stays dead in the memory: its process is a
 * real one that has terminated.
 */
class RelayAtEveryAccessTest {

    private static final int MESSAGES = 14;
    private static final ClassLoader CLASSES = InstrumentedClasses.ofUser(RelayScript.class.getPackageName());

    private static Process living;
    private static long alive;
    private static long terminated;
    private static long alsoTerminated;

    @BeforeAll
    static void startProcesses() throws Exception {
        living = new ProcessBuilder("cat").start();
        alive = owner(living);
        terminated = killedProcess();
        alsoTerminated = killedProcess();
    }

    private static long killedProcess() throws Exception {
        Process killed = new ProcessBuilder("cat").start();
        long owner = owner(killed);
        killed.destroyForcibly().waitFor();
        return owner;
    }

    @AfterAll
    static void endProcesses() throws Exception {
        living.destroyForcibly().waitFor();
    }

    private static long owner(Process process) throws Exception {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return Owner.of(process.pid(), Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]));
    }

    /** One side, in a process of its own. */
    private static final class Observed {

        private final World world;
        private final boolean sending;
        private final SimulatedProcess process;
        private final Consumer<String> script;
        private final IntConsumer before;

        /** Takes the turns when this one was killed; null if that is a side of the world. */
        private Observed successor;

        /** How many accesses it has made, or begun to make. */
        private int accesses;

        private Observed(World world, boolean sending, long owner, boolean descending, IntConsumer before)
                throws ReflectiveOperationException {
            this.world = world;
            this.sending = sending;
            this.before = before;
            process = new SimulatedProcess(world.memory, owner, descending);
            Inlet inlet = world.inlet(sending ? world.toSender : world.toReceiver);
            Outlet outlet = sending
                    ? world.outlet(world.toReceiver, world.beginSenderSession())
                    : world.outlet(world.toSender, world.beginReceiverSession());
            ToIntFunction<Predicate<Object[]>> in = handler -> inlet.poll(
                    (session, frame, length) -> handler.test(new Object[] {session, frame, length}), 64);
            BiPredicate<MemorySegment, Long> out = outlet::offer;
            LongSupplier clock = () -> world.now;
            script = newScript(
                    List.of(world.sourceMemory, world.destinationMemory, world.journalMemory), in, out, clock);
        }

        @SuppressWarnings("unchecked")
        private static Consumer<String> newScript(Object... arguments) throws ReflectiveOperationException {
            return (Consumer<String>) CLASSES.loadClass(RelayScript.class.getName())
                    .getConstructor(List.class, ToIntFunction.class, BiPredicate.class, LongSupplier.class)
                    .newInstance(arguments);
        }

        private void act(String command) {
            process.run(() -> script.accept(command), number -> before.accept(accesses++));
        }

        /** Takes its turns from now on, until it is killed. */
        private void begin() {
            Runnable turn = () -> {
                try {
                    act(sending ? "send" : "receive");
                } catch (SimulatedProcess.Killed asIntended) {
                    end();
                    if (successor != null) {
                        successor.begin();
                    }
                }
            };
            if (sending) {
                world.observedSender = turn;
            } else {
                world.observedReceiver = turn;
            }
        }

        private void end() {
            if (sending) {
                world.observedSender = null;
            } else {
                world.observedReceiver = null;
            }
        }
    }

    private static World world(long seed, RingKind kind) {
        return new World(seed, kind, 512, 512, Weather.FINE);
    }

    private static Observed killedBefore(World world, boolean sending, int last, long owner, boolean descending)
            throws ReflectiveOperationException {
        return new Observed(world, sending, owner, descending, access -> {
            if (access >= last) {
                throw new SimulatedProcess.Killed();
            }
        });
    }

    /**
     * Runs a relay one side of which is killed before an access, and its successor as well; {@return how many accesses the first
     * one has made}
     */
    private static int runAndKill(World world, boolean sending, int last, int lastOfSuccessor, boolean descending)
            throws Exception {
        Observed side = killedBefore(world, sending, last, terminated, descending);
        side.successor = killedBefore(world, sending, lastOfSuccessor, alsoTerminated, !descending);
        side.begin();
        world.runUntil(MESSAGES);
        for (int i = 0; i < 8; i++) {
            // Once more what comes of itself.
            world.now += 60_000_000;
            world.pollSender();
            world.pollReceiver();
        }
        for (Observed each : List.of(side, side.successor)) {
            try {
                each.act("close");
            } catch (SimulatedProcess.Killed asIntended) {
                // It has ended in any case.
            }
            each.end();
        }
        // A successor of those that were killed or have closed carries on.
        world.runUntil(MESSAGES + 6);
        world.closeReceiver();
        world.closeSender();
        world.runUntil(MESSAGES + 8);
        assertEquals(0, world.receiver.gaps());
        assertEquals(MESSAGES + 8, world.receiver.messagesCarried());
        world.read(100);
        assertEquals(MESSAGES + 8, world.read);
        return side.accesses;
    }

    @ParameterizedTest
    @CsvSource({"SPSC, true", "SPSC, false", "MPSC, true", "MPSC, false"})
    void shouldCarryEachMessageOnceWhereverASideIsKilled(RingKind kind, boolean sending) throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        int all = runAndKill(world(seed, kind), sending, Integer.MAX_VALUE, 0, false);
        assertTrue(all > 100, "accesses " + all);
        for (int last = 0; last < all; last++) {
            int then = random.nextInt(all);
            try {
                assertTrue(runAndKill(world(seed, kind), sending, last, then, random.nextBoolean()) > last);
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError(
                        "seed " + seed + ", killed before access " + last + ", and the successor before " + then,
                        failure);
            }
        }
    }

    /** Also while a sender sends again what a receiver has missed, and while a receiver goes on with its predecessor's journal. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLetNobodyTakeTheRoleOfASideThatIsAlive(boolean sending) throws Exception {
        World world = world(7, RingKind.SPSC);
        world.runUntil(3);
        if (sending) {
            world.closeSender();
        } else {
            world.closeReceiver();
        }
        boolean[] begun = new boolean[1];
        Observed side = new Observed(world, sending, alive, false, access -> {
            if (begun[0]) {
                assertThrows(RingOccupiedException.class, sending
                        ? () -> RingBuffer.open(world.sourceMemory).consumer()
                        : () -> SpscRingBuffer.open(world.destinationMemory).producer());
            }
        });
        side.begin();
        world.runUntil(5);
        begun[0] = true;
        for (int round = 0; round < 6; round++) {
            world.runUntil(world.read + 3);
            // What is under way is lost, as when the network is cut off.
            world.write(4, world.written + 4);
            world.pollSender();
            world.toReceiver.clear();
            world.now += 200_000_000;
        }
        world.runUntil(world.written);
        begun[0] = false;
        side.act("close");
        side.end();
        world.runUntil(world.written + 3);
    }
}
