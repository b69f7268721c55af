package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Producers in other languages, written from the description of the protocol. */
@Timeout(300)
class RingInteropIT {

    private static final int CAPACITY = 1024;

    @TempDir
    private Path directory;

    private final Blocks blocks = new Blocks();
    private Arena arena;
    private SharedMemory block;

    @BeforeEach
    void open() {
        arena = Arena.ofShared();
    }

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private RingBuffer create(Rings kind) throws ShmException {
        block = blocks.create(kind.sizeFor(CAPACITY));
        return kind.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
    }

    static String resource(String name) throws IOException {
        try (InputStream in = RingInteropIT.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> numbered(String prefix, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(prefix + i);
        }
        return texts;
    }

    @Test
    void shouldReadWhatPerlWrites() throws Exception {
        RingBuffer ring = create(Rings.SPSC);
        try (Child.Running perl =
                Child.command(Peers.perl(), "-e", resource("producer.pl"), block.id(), 1000).start()) {
            assertEquals(numbered("perl ", 1000), Rings.readAll(ring, 1000));
            perl.await().ok();
        }
        assertTrue(ring.write(Rings.TYPE, Rings.message("and then Java")));
        assertEquals(List.of("and then Java"), Rings.read(ring, 9));
    }

    @Test
    void shouldReadWhatCAndJavaWriteAtTheSameTime() throws Exception {
        RingBuffer ring = create(Rings.MPSC);
        Path producer = Peers.compile(directory, "producer", resource("producer.c"));
        try (Child.Running c = Child.command(producer, block.id(), 50_000).start()) {
            List<String> ofC = new ArrayList<>();
            int written = 0;
            int ofJava = 0;
            while (ofC.size() < 50_001 || ofJava < written) {
                if (written < 50_000 && ring.write(Rings.TYPE, Rings.message("j " + written))) {
                    written++;
                }
                for (String text : Rings.read(ring, 10)) {
                    if (text.startsWith("j")) {
                        assertEquals("j " + ofJava++, text);
                    } else {
                        ofC.add(text);
                    }
                }
            }
            c.await().ok();
            assertEquals("the last one", ofC.remove(50_000));
            assertEquals(numbered("c ", 50_000), ofC);
        }
        assertEquals(0, ring.statistics().recordsSkipped());
    }

    /** A real process that dies in each state that the protocol knows. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7})
    void shouldGoOnAfterCWasKilledAtAnyStep(int step) throws Exception {
        RingBuffer ring = create(Rings.MPSC);
        Path producer = Peers.compile(directory, "producer", resource("producer.c"));
        // So often that the last step also comes with padding before it.
        for (int round = 0; round < 60; round++) {
            Child.Result killed = Child.command(producer, block.id(), 2, step).run();
            assertEquals(128 + 9, killed.exit(), killed.err());
            assertTrue(ring.write(Rings.TYPE, Rings.message("behind")));
            List<String> expected = new ArrayList<>(List.of("c 0", "c 1"));
            if (step == 7) {
                expected.add("the last one");
            }
            expected.add("behind");
            assertEquals(expected, Rings.readAll(ring, expected.size()));
            assertEquals(List.of(), Rings.read(ring, 9));
        }
        // Killed while it still claims the padding, it is behind the bend that the step comes later.
        assertEquals(step == 3 || step == 7 ? 0 : 60, ring.statistics().recordsSkipped());
    }

    /** The numbers that the ring's sleeping uses are the system's. */
    @Test
    void shouldKnowTheFutexCallAsCDoes() throws Exception {
        Path program = Peers.compile(
                directory,
                "futex",
                """
                #include <linux/futex.h>
                #include <stdio.h>
                #include <sys/syscall.h>
                int main(void) { printf("%d %d %d", (int) SYS_futex, FUTEX_WAIT, FUTEX_WAKE); }
                """);
        String number = System.getProperty("os.arch").equals("s390x")
                ? "238"
                : System.getProperty("os.arch").equals("amd64") ? "202" : "98";
        assertEquals(number + " 0 1", Child.command(program).run().ok());
    }
}
