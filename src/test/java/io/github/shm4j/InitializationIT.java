package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.broadcast.BroadcastHandler;
import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastReader;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.ControlledMessageHandler;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import io.github.shm4j.state.LockTimeoutException;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.support.Child;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A class whose static initializer ends with something thrown, a stack that is exhausted for one, is of no use to the JVM for
 * ever. So what calls of an open ring, lock or value use is initialized when that is opened. The JVM itself says when.
 */
class InitializationIT {

    /** Its initializer is the moment from which on there must be no others. */
    private static final class Opened {
        static final long AT = System.nanoTime();
    }

    private static final Pattern INITIALIZING = Pattern.compile("Initializing '([^']+)'(?! ?\\(no method\\))");

    /** {@return the classes of the library that have been initialized since everything was open} */
    private static List<String> late(String what) {
        List<String> all = Child.java(Program.class, what).jvm("-Xlog:class+init=info:stdout").run().ok().lines()
                .map(INITIALIZING::matcher)
                .filter(matcher -> matcher.find())
                .map(matcher -> matcher.group(1))
                .toList();
        int opened = all.indexOf(Opened.class.getName().replace('.', '/'));
        assertTrue(opened > 0, () -> "the JVM does not say what it initializes: " + all);
        return all.subList(opened + 1, all.size()).stream()
                .filter(name -> name.startsWith("io/github/shm4j/") && !name.contains("InitializationIT"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lock", "value", "reader", "broadcast", "SPSC", "MPSC"})
    void shouldInitializeWhatItUsesWhenItIsOpened(String what) {
        assertEquals(List.of(), late(what));
    }

    @Test
    void shouldSeeWhatIsInitializedLater() {
        assertEquals(List.of("io/github/shm4j/state/LockWords"),
                late("nothing").stream().filter(name -> name.endsWith("LockWords")).toList());
    }

    static final class Program {

        private static final Duration SHORT = Duration.ofMillis(20);

        private final Arena arena = Arena.global();

        public static void main(String... arguments) throws Exception {
            Program program = new Program();
            switch (arguments[0]) {
                case "lock" -> program.lock();
                case "value" -> program.value();
                case "reader" -> program.reader();
                case "broadcast" -> program.broadcast();
                case "nothing" -> program.nothing();
                default -> program.ring(RingKind.valueOf(arguments[0]));
            }
        }

        private static void opened() {
            System.out.println("opened " + Opened.AT);
        }

        /** A process of the pid of this one that was started before it. */
        private static long terminated() {
            return Owner.of(ProcessIdentity.pid(), 1);
        }

        private void nothing() {
            opened();
            SharedLock.at(arena.allocate(SharedLock.BYTES, 64), 0);
        }

        private void lock() throws Exception {
            MemorySegment memory = arena.allocate(SharedLock.BYTES, 64);
            SharedLock lock = SharedLock.at(memory, 0);
            opened();
            memory.set(ValueLayout.JAVA_LONG, 24, terminated());
            try (SharedLock.Held held = lock.tryAcquire()) {
                held.markConsistent();
            }
            // The pid of no process: greater than the kernel's greatest.
            memory.set(ValueLayout.JAVA_LONG, 24, Owner.of((1 << 22) - 1, 1));
            lock.acquire().close();
            Thread other = Thread.ofPlatform().start(() -> {
                try (SharedLock.Held _ = lock.acquire()) {
                    Thread.sleep(200);
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
            });
            while (lock.toString().contains("free")) {
                Thread.onSpinWait();
            }
            try (SharedLock.Held _ = lock.acquire(SHORT)) {
                throw new AssertionError("acquired");
            } catch (LockTimeoutException timeout) {
                lock.acquire().close();
            }
            other.join();
        }

        private void value() throws Exception {
            long size = 64 << 10;
            MemorySegment memory = arena.allocate(LatestValue.sizeFor(size), 128);
            LatestValue value = LatestValue.create(memory, size);
            opened();
            memory.set(ValueLayout.JAVA_LONG, 136, terminated());
            try (LatestValueWriter writer = value.writer()) {
                writer.write(arena.allocate(size));
            }
            value.read(arena.allocate(size));
            value.awaitNewer(1, WaitStrategy.BLOCKING, SHORT);
        }

        private void reader() throws Exception {
            MemorySegment memory = arena.allocate(LatestValue.sizeFor(8), 128);
            LatestValue.create(memory, 8);
            LatestValue value = LatestValue.open(memory.asReadOnly());
            opened();
            value.read(arena.allocate(8));
            value.awaitNewer(0, WaitStrategy.PARK, SHORT);
        }

        private void broadcast() throws Exception {
            int capacity = 1 << 20;
            MemorySegment memory = arena.allocate(BroadcastRing.sizeFor(capacity), 128);
            BroadcastRing ring = BroadcastRing.create(memory, capacity);
            BroadcastRing readable = BroadcastRing.open(memory.asReadOnly());
            opened();
            memory.set(ValueLayout.JAVA_LONG, 136, terminated());
            BroadcastReader reader = ring.readerFromNow();
            BroadcastReader slow = readable.readerFromOldest();
            reader.awaitMessage(WaitStrategy.BLOCKING, SHORT);
            MemorySegment message = arena.allocate(ring.maxMessageLength());
            BroadcastHandler handler = (type, bytes, offset, length) -> {
            };
            try (BroadcastProducer producer = ring.producer()) {
                for (int i = 0; i < 20; i++) {
                    producer.write(1, message);
                }
            }
            reader.read(handler, 1);
            slow.awaitMessage(WaitStrategy.PARK, SHORT);
            slow.read(handler, 100);
        }

        private void ring(RingKind kind) throws Exception {
            RingBuffer ring = RingBuffer.create(arena.allocate(kind.sizeFor(1 << 20), 8), kind, 1 << 20);
            opened();
            MemorySegment message = arena.allocate(100);
            try (RingProducer producer = ring.producer(); RingConsumer consumer = ring.consumer()) {
                for (WaitStrategy strategy : WaitStrategy.values()) {
                    consumer.awaitMessage(strategy, SHORT);
                }
                Thread other = Thread.ofPlatform().start(() -> {
                    try {
                        consumer.awaitMessage(WaitStrategy.BLOCKING, Duration.ofDays(1));
                    } catch (InterruptedException never) {
                        throw new AssertionError(never);
                    }
                });
                Thread.sleep(200);
                producer.write(1, message);
                other.join();
                producer.write(1, arena.allocate(100_000));
                try (Claim claim = new Claim()) {
                    producer.tryClaim(1, 8, claim);
                    claim.commit();
                }
                if (producer instanceof SpscProducer spsc) {
                    try (SpscProducer.Batch _ = spsc.beginBatch()) {
                        spsc.write(1, message);
                    }
                }
                ring.browse((type, source, offset, length) -> {
                }, 9);
                consumer.peek((type, source, offset, length) -> {
                }, 1);
                consumer.release();
                consumer.controlledRead(
                        (type, source, offset, length) -> ControlledMessageHandler.Action.CONTINUE, 1);
                consumer.read((type, source, offset, length) -> {
                }, 9);
                ring.statistics().toString();
                while (producer.write(1, message)) {
                    // Until it is full.
                }
                producer.write(1, message, WaitStrategy.BLOCKING, SHORT);
            }
        }
    }
}
