package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel counts as attachments of a process that does more to its mapping than attach and detach. */
class AttachCountIT {

    /** Creates a block of three pages, and changes its mapping, one step for each line that it is sent. */
    private static final String MAPPER = """
            #include <stdio.h>
            #include <stdlib.h>
            #include <sys/ipc.h>
            #include <sys/mman.h>
            #include <sys/shm.h>
            #include <unistd.h>

            static void done(int failed, const char *step) {
                char line[16];
                if (failed) {
                    perror(step);
                    exit(EXIT_FAILURE);
                }
                puts(step);
                fflush(stdout);
                if (fgets(line, sizeof line, stdin) == NULL) {
                    exit(EXIT_FAILURE);
                }
            }

            int main(int count, char **arguments) {
                long page = sysconf(_SC_PAGESIZE);
                int id = shmget(atoi(arguments[1]), 3 * page, IPC_CREAT | IPC_EXCL | 0600);
                char *block = shmat(id, NULL, 0);
                done(block == (void *) -1, "attached");
                done(mprotect(block + page, page, PROT_READ), "split");
                done(mprotect(block + page, page, PROT_READ | PROT_WRITE), "restored");
                done(munmap(block, 2 * page), "unmapped two of three");
                return EXIT_SUCCESS;
            }
            """;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @Test
    void shouldCountTooManyAndNeverTooFewAfterAMappingWasSplit() throws IOException {
        Path mapper = Peers.compile("mapper", MAPPER);
        ShmKey key = blocks.freeKey();
        SharedMemory memory;
        try (Child.Running child = Child.command(mapper, key.value()).start()) {
            assertEquals("attached", child.line());
            memory = SharedMemory.open(key);
            assertEquals(1, memory.status().attachCount());
            child.send("split");
            assertEquals("split", child.line());
            assertEquals(3, memory.status().attachCount());
            child.send("restore");
            assertEquals("restored", child.line());
            assertEquals(3, memory.status().attachCount(), "the kernel does not put the pieces together again");
            child.send("unmap");
            assertEquals("unmapped two of three", child.line());
            assertEquals(1, memory.status().attachCount());
            assertFalse(memory.status().isOrphaned());
            child.kill();
        }
        assertEquals(0, memory.status().attachCount(), "no piece outlives its process");
        assertTrue(memory.status().isOrphaned());
    }
}
