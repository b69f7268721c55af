package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Document;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads what Java has written by the code that the how-to guide shows for other languages. */
class StructInteropIT {

    private static final String WRITTEN = "-7 1700000000123456789 21.5";

    private final Blocks blocks = new Blocks();

    private ShmKey key;

    /** The offsets are those that {@code Example11Struct} checks of its layout. */
    @BeforeEach
    void write() throws ShmException {
        key = blocks.freeKey();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = SharedMemory.create(key, 24).attach(AttachMode.READ_WRITE, arena);
            block.set(ValueLayout.JAVA_INT, 0, -7);
            block.set(ValueLayout.JAVA_LONG, 8, 1_700_000_000_123_456_789L);
            block.set(ValueLayout.JAVA_DOUBLE, 16, 21.5);
        }
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @Test
    void shouldBeReadByPhp() throws IOException {
        String code = "$key = " + key.value() + ";\n" + code("php") + "echo implode(' ', $reading);\n";
        assertEquals(WRITTEN, Child.command(Peers.php(), "-r", code).run().ok());
    }

    @Test
    void shouldBeReadByPython() throws IOException {
        String code = "key = " + key.value() + "\n" + code("python") + "print(sensor, nanos, celsius)\n";
        assertEquals(WRITTEN, Child.command(Peers.python(), "-c", code).run().ok());
    }

    @Test
    void shouldBeReadByPerl() throws IOException {
        String code = "use strict; use warnings; my $key = " + key.value() + ";\n" + code("perl")
                + "print \"$sensor $nanos $celsius\";\n";
        assertEquals(WRITTEN, Child.command(Peers.perl(), "-e", code).run().ok());
    }

    @Test
    void shouldBeReadByC() throws IOException {
        String program = """
                #include <stdint.h>
                #include <stdio.h>
                #include <sys/shm.h>

                int main(void) {
                    key_t key = %d;
                %s
                    printf("%%d %%lld %%g\\n", reading->sensor, (long long) reading->nanos, reading->celsius);
                }
                """.formatted(key.value(), code("c"));
        assertEquals(WRITTEN, Child.command(Peers.compile("reading", program)).run().ok());
    }

    private static String code(String language) throws IOException {
        List<String> found = Document.read(PROJECT.resolve("docs/how-to.md")).blocks(language).stream()
                .filter(code -> code.contains("celsius"))
                .toList();
        assertEquals(1, found.size(), found::toString);
        return found.getFirst();
    }
}
