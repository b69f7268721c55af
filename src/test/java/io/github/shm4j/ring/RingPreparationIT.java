package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.support.Child;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What roles use is initialized, and what they call is linked, when their ring is opened.
 *
 * <p>A class that is initialized first where the stack ends can never be used: the JVM notes that it cannot be initialized, and
 * each later use throws a {@link NoClassDefFoundError}. So does a native call whose handle is in such a class. One message
 * that a thread has read deep in a recursion would be the last one of its process.
 *
 * <p>The processes have their rings in memory of their own, so that nothing was called to attach a block before.
 */
class RingPreparationIT {

    @ParameterizedTest
    @EnumSource
    void shouldWorkWhereTheStackHasEndedInAFirstCall(RingKind kind) {
        List<String> expected = new ArrayList<>();
        for (Act act : Act.values()) {
            expected.add(act + " where the stack ends");
        }
        for (Act act : Act.values()) {
            expected.add(act + " afterwards");
        }
        assertEquals(expected, Child.java(Deep.class, kind).run().ok().lines().toList());
    }

    /** What a role does. Each uses something that the ones before it do not. */
    enum Act {

        TAKE_ROLES {
            @Override
            void begin(Scene scene) {}

            @Override
            void run(Scene scene) {
                if (scene.consumer != null) {
                    scene.consumer.close();
                    scene.consumer = null;
                }
                if (scene.producer != null) {
                    scene.producer.close();
                    scene.producer = null;
                }
                if (scene.memory.get(ValueLayout.JAVA_LONG, RingLayout.CONSUMER_OFFSET) == Owner.NOBODY) {
                    scene.memory.set(ValueLayout.JAVA_LONG, RingLayout.CONSUMER_OFFSET, scene.terminated);
                }
                scene.consumer = scene.ring.consumer();
                scene.producer = scene.ring.producer();
            }
        },

        /** A message so long that the C library copies it. */
        WRITE {
            @Override
            void run(Scene scene) {
                require(scene.producer.write(1, scene.large), "written");
            }
        },

        WAKE_THE_CONSUMER {
            @Override
            void run(Scene scene) {
                scene.setWaiters(RingLayout.CONSUMER_SLEEP_OFFSET, FutexWaiters.ASLEEP);
                require(scene.producer.write(1, scene.small), "written");
                require(scene.waiters(RingLayout.CONSUMER_SLEEP_OFFSET) == FutexWaiters.AWAKE, "woken");
            }
        },

        AWAIT_A_MESSAGE {
            @Override
            void run(Scene scene) throws InterruptedException {
                scene.setWaiters(RingLayout.CONSUMER_SLEEP_OFFSET, FutexWaiters.NONE);
                while (scene.waiters(RingLayout.CONSUMER_SLEEP_OFFSET) == FutexWaiters.NONE) {
                    require(!scene.consumer.awaitMessage(WaitStrategy.BLOCKING, scene.timeout), "no message");
                }
            }
        },

        /** So many messages that the C library clears them. */
        READ_AND_WAKE_PRODUCERS {
            @Override
            void begin(Scene scene) {
                super.begin(scene);
                scene.fill();
            }

            @Override
            void run(Scene scene) {
                scene.setWaiters(RingLayout.PRODUCER_SLEEP_OFFSET, FutexWaiters.ASLEEP);
                while (scene.waiters(RingLayout.PRODUCER_SLEEP_OFFSET) == FutexWaiters.ASLEEP) {
                    require(scene.consumer.read(scene.handler, 300) > 0, "read");
                }
            }
        },

        AWAIT_ROOM {
            @Override
            void begin(Scene scene) {
                super.begin(scene);
                scene.fill();
            }

            @Override
            void run(Scene scene) throws InterruptedException {
                scene.setWaiters(RingLayout.PRODUCER_SLEEP_OFFSET, FutexWaiters.NONE);
                while (scene.waiters(RingLayout.PRODUCER_SLEEP_OFFSET) == FutexWaiters.NONE) {
                    require(!scene.producer.awaitRoom(500, WaitStrategy.BLOCKING, scene.timeout), "no room");
                }
            }
        };

        /** Does what comes before it, where there is stack. */
        void begin(Scene scene) {
            scene.consumer = scene.ring.consumer();
            scene.producer = scene.ring.producer();
        }

        /** Does it once, whatever was thrown when it was tried before. */
        abstract void run(Scene scene) throws InterruptedException;

        static void require(boolean condition, String what) {
            if (!condition) {
                throw new AssertionError("not " + what);
            }
        }
    }

    /** A new ring and what is needed to act in it, all of it made where there is stack. */
    static final class Scene {

        /** For one act a few times. */
        static final long SMALL = 1 << 18;

        /** So that each attempt out of which something is thrown may leave a long message behind. */
        static final long LARGE = 1 << 25;

        final MemorySegment memory;
        final RingBuffer ring;
        final MemorySegment large = Arena.ofAuto().allocate(20 << 10);
        final MemorySegment small = Arena.ofAuto().allocate(500);
        final MessageHandler handler = (type, view, offset, length) -> {
        };
        // On a busy machine, the thread has spun and yielded for long before it sleeps.
        final Duration timeout = Duration.ofMillis(300);
        final long terminated;
        RingProducer producer;
        RingConsumer consumer;

        Scene(RingKind kind, long capacity) throws IOException {
            Process process = new ProcessBuilder("true").start();
            process.onExit().join();
            // Whoever has its pid by now was not started at that time.
            terminated = Owner.of(process.pid(), 1);
            memory = Arena.ofAuto().allocate(kind.sizeFor(capacity), 128);
            ring = RingBuffer.create(memory, kind, capacity);
        }

        int waiters(long offset) {
            return memory.get(ValueLayout.JAVA_INT, offset);
        }

        void setWaiters(long offset, int state) {
            memory.set(ValueLayout.JAVA_INT, offset, state);
        }

        void fill() {
            while (producer.write(1, small)) {
                // Until there is no room.
            }
        }

        void close() {
            consumer.close();
            producer.close();
        }
    }

    /** Does everything once. */
    static final class Shallow {

        private Shallow() {}

        static void act(RingKind kind, String when) throws Exception {
            for (Act act : Act.values()) {
                Scene scene = new Scene(kind, Scene.SMALL);
                act.begin(scene);
                act.run(scene);
                scene.close();
                System.out.println(act + when);
            }
        }
    }

    /** Does everything for the first time where the stack ends, and once more afterwards. */
    static final class Deep {

        /** How often it has to succeed, each time with a little more of the stack. */
        private static final int SUCCESSES = 3;

        private static final long STACK = 512 << 10;

        private int attempts;
        private int successes;
        private Throwable thrown;

        private Deep() {}

        public static void main(String... arguments) throws Exception {
            initializeWhatIsNotTheLibrarys(arguments);
            RingKind kind = RingKind.valueOf(arguments[0]);
            for (Act act : Act.values()) {
                Scene scene = new Scene(kind, Scene.LARGE);
                act.begin(scene);
                new Deep().actWhereTheStackEnds(act, scene);
                scene.close();
                System.out.println(act + " where the stack ends");
            }
            Shallow.act(kind, " afterwards");
        }

        /** The JDK has such classes, too. Another copy of the library has them initialized. */
        private static void initializeWhatIsNotTheLibrarys(String[] arguments) throws Exception {
            List<URL> urls = new ArrayList<>();
            for (String path : System.getProperty("java.class.path").split(":")) {
                urls.add(Path.of(path).toUri().toURL());
            }
            try (URLClassLoader loader =
                    new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
                Method act = loader.loadClass(Shallow.class.getName()).getDeclaredMethod(
                        "act", loader.loadClass(RingKind.class.getName()), String.class);
                act.setAccessible(true);
                Object[] kinds = act.getParameterTypes()[0].getEnumConstants();
                Object kind =
                        Arrays.stream(kinds).filter(each -> each.toString().equals(arguments[0])).findAny().get();
                PrintStream out = System.out;
                System.setOut(new PrintStream(OutputStream.nullOutputStream()));
                act.invoke(null, kind, "");
                System.setOut(out);
            }
        }

        private void actWhereTheStackEnds(Act act, Scene scene) throws InterruptedException {
            Thread thread = new Thread(null, () -> {
                try {
                    recurse(act, scene);
                } catch (Throwable failure) {
                    thrown = failure;
                }
            }, act.toString(), STACK);
            thread.start();
            thread.join();
            if (thrown != null) {
                throw new AssertionError(act + ", attempt " + attempts, thrown);
            }
            Act.require(successes == SUCCESSES && attempts > SUCCESSES, "at the end of the stack");
        }

        /** Recurses to the end, and acts from there on upwards. */
        private void recurse(Act act, Scene scene) throws InterruptedException {
            try {
                recurse(act, scene);
            } catch (StackOverflowError end) {
                // Here is a little more of the stack than where it was thrown.
            }
            if (successes < SUCCESSES) {
                attempts++;
                act.run(scene);
                successes++;
            }
        }
    }
}
