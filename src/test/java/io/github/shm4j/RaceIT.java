package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Report;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many processes that want the same thing at the same time. */
class RaceIT {

    private static final int RACERS = 16;
    private static final int ROUNDS = 40;

    private final Blocks blocks = new Blocks();
    private final List<Child.Running> children = new ArrayList<>();

    @AfterEach
    void endChildrenAndRemoveBlocks() throws ShmException {
        children.forEach(Child.Running::close);
        blocks.close();
    }

    @Test
    void shouldLetExactlyOneProcessCreateAKey() throws ShmException {
        List<ShmKey> keys = keys(ROUNDS);
        List<String[]> answers = race(Creator.class, RACERS, keys);
        for (int round = 0; round < ROUNDS; round++) {
            int id = SharedMemory.open(keys.get(round)).id();
            List<String> winners = new ArrayList<>();
            for (String[] answer : answers) {
                if (!answer[round].equals("exists")) {
                    winners.add(answer[round]);
                }
            }
            assertEquals(List.of("created:" + id), winners);
        }
    }

    static final class Creator {
        public static void main(String... arguments) throws ShmException {
            StartLine line = StartLine.await(arguments);
            StringBuilder answer = new StringBuilder();
            for (ShmKey key : line.keys) {
                line.waitForTheOthers();
                try {
                    SharedMemory memory = SharedMemory.create(key, 1000);
                    answer.append("created:").append(memory.id()).append(' ');
                } catch (ShmAlreadyExistsException lost) {
                    answer.append("exists ");
                } catch (ShmException unexpected) {
                    answer.append(unexpected.errnoName()).append(' ');
                }
            }
            System.out.println(answer);
        }
    }

    @Test
    void shouldTellExactlyOneProcessThatItCreated() throws ShmException {
        List<ShmKey> keys = keys(ROUNDS);
        List<String[]> answers = race(Opener.class, RACERS, keys);
        for (int round = 0; round < ROUNDS; round++) {
            int id = SharedMemory.open(keys.get(round)).id();
            int created = 0;
            int opened = 0;
            for (String[] answer : answers) {
                created += answer[round].equals("true:" + id) ? 1 : 0;
                opened += answer[round].equals("false:" + id) ? 1 : 0;
            }
            assertEquals(1, created);
            assertEquals(RACERS - 1, opened);
        }
    }

    static final class Opener {
        public static void main(String... arguments) throws ShmException {
            StartLine line = StartLine.await(arguments);
            StringBuilder answer = new StringBuilder();
            for (ShmKey key : line.keys) {
                line.waitForTheOthers();
                try {
                    SharedMemory.Opened opened = SharedMemory.openOrCreate(key, 1000);
                    answer.append(opened.created()).append(':').append(opened.memory().id()).append(' ');
                } catch (ShmException unexpected) {
                    answer.append(unexpected.errnoName()).append(' ');
                }
            }
            System.out.println(answer);
        }
    }

    @Test
    void shouldOpenOrCreateWhileOthersRemove() throws ShmException {
        List<ShmKey> key = keys(1);
        int created = 0;
        int removed = 0;
        for (String[] answer : race(Remover.class, 4, key)) {
            created += Integer.parseInt(answer[0]);
            removed += Integer.parseInt(answer[1]);
            assertEquals("none", answer[2]);
        }
        boolean left = SharedMemory.list().stream().anyMatch(status -> status.key().equals(key.getFirst()));
        assertEquals(created, removed + (left ? 1 : 0), "each block is created once and removed at most once");
        assertTrue(created > 1, "created: " + created);
    }

    static final class Remover {
        public static void main(String... arguments) throws ShmException {
            StartLine line = StartLine.await(arguments);
            ShmKey key = line.keys.getFirst();
            line.waitForTheOthers();
            int created = 0;
            int removed = 0;
            String failure = "none";
            for (int i = 0; i < 3000; i++) {
                SharedMemory memory;
                try {
                    SharedMemory.Opened opened = SharedMemory.openOrCreate(key, 1000);
                    created += opened.created() ? 1 : 0;
                    memory = opened.memory();
                } catch (ShmException unexpected) {
                    failure = unexpected.getMessage().replace(' ', '_');
                    continue;
                }
                try {
                    memory.remove();
                    removed++;
                } catch (ShmNotFoundException anotherWasFaster) {
                    // It counts there.
                } catch (ShmException unexpected) {
                    failure = unexpected.getMessage().replace(' ', '_');
                }
            }
            System.out.println(created + " " + removed + " " + failure);
        }
    }

    // Fault 23
    // fault 23
    @Test
    void shouldDrawDifferentKeysInEveryProcess() throws ShmException {
        int processes = 8;
        Set<String> keys = new HashSet<>();
        Set<String> ids = new HashSet<>();
        int blocksMade = 0;
        for (String[] answer : race(Drawer.class, processes, List.of())) {
            for (String made : answer) {
                String[] keyAndId = made.split(":");
                blocks.adopt(SharedMemory.ofId(Integer.parseInt(keyAndId[1])));
                keys.add(keyAndId[0]);
                ids.add(keyAndId[1]);
                blocksMade++;
                assertNotEquals("0x00000000", keyAndId[0]);
                assertNotEquals("0xffffffff", keyAndId[0]);
            }
        }
        assertEquals(processes * Drawer.BLOCKS, blocksMade);
        assertEquals(blocksMade, keys.size());
        assertEquals(blocksMade, ids.size());
    }

    static final class Drawer {
        static final int BLOCKS = 20;

        public static void main(String... arguments) throws ShmException {
            StartLine line = StartLine.await(arguments);
            line.waitForTheOthers();
            StringBuilder answer = new StringBuilder();
            for (int made = 0; made < BLOCKS;) {
                ShmKey key = ShmKey.random();
                try {
                    SharedMemory memory = SharedMemory.create(key, 100);
                    answer.append(key).append(':').append(memory.id()).append(' ');
                    made++;
                } catch (ShmAlreadyExistsException taken) {
                    // As the documentation of random keys says: draw another one.
                }
            }
            System.out.println(answer);
        }
    }

    /** Starts processes, lets all of them go at once, and returns the words that each printed. */
    private List<String[]> race(Class<?> main, int racers, List<ShmKey> keys) throws ShmException {
        List<Object> arguments = new ArrayList<>(List.of(blocks.create(4).id(), racers));
        arguments.addAll(keys);
        for (int i = 0; i < racers; i++) {
            children.add(Child.java(main, arguments.toArray()).start());
        }
        for (Child.Running child : children) {
            assertEquals("ready", child.line());
        }
        for (Child.Running child : children) {
            child.send("go");
        }
        List<String[]> answers = new ArrayList<>();
        for (Child.Running child : children) {
            answers.add(child.await().ok().lines().skip(1).findFirst().orElseThrow().split(" "));
        }
        return answers;
    }

    /** In a child: where all processes wait for the slowest before each round. */
    private static final class StartLine {
        private static final VarHandle ARRIVED = ValueLayout.JAVA_INT.varHandle();

        private final MemorySegment count;
        private final int racers;
        final List<ShmKey> keys = new ArrayList<>();
        private int rounds;

        private StartLine(String... arguments) throws ShmException {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            count = memory.attach(AttachMode.READ_WRITE, Arena.global());
            racers = Integer.parseInt(arguments[1]);
            for (String key : List.of(arguments).subList(2, arguments.length)) {
                keys.add(ShmKey.parse(key));
            }
        }

        static StartLine await(String... arguments) throws ShmException {
            StartLine line = new StartLine(arguments);
            System.out.println("ready");
            // As long as they wait for a slow start of others, they leave the processor to them.
            Report.await();
            return line;
        }

        void waitForTheOthers() {
            rounds++;
            ARRIVED.getAndAdd(count, 0L, 1);
            while ((int) ARRIVED.getVolatile(count, 0L) < rounds * racers) {
                Thread.yield();
            }
        }
    }

    private List<ShmKey> keys(int count) throws ShmException {
        List<ShmKey> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(blocks.freeKey());
        }
        return keys;
    }
}
