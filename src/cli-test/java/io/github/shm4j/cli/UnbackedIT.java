package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Machine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on a block that the system has no memory for. */
class UnbackedIT {

    private final Blocks blocks = new Blocks();
    private SharedMemory block;

    @BeforeEach
    void createBlock() throws ShmException {
        Machine.takeAllHugePages(blocks);
        block = blocks.create(4 << 20, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES, CreateOption.NO_RESERVE);
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "read ID",
                "read ID --text",
                "write ID word",
                "ring send ID word",
                "ring receive ID",
                "ring status ID",
                "ring create --private --capacity 1M --huge-pages --no-reserve"
            })
    void shouldSayInOneLineThatThereIsNoMemory(String command) {
        Child.Result result = Cli.run((Object[]) command.replace("ID", "id:" + block.id()).split(" "));
        assertEquals(1, result.exit(), result.err());
        assertEquals("", result.out());
        assertTrue(result.err().matches("shm4j: .*(memory for a part of|cannot back with memory).*\n"), result.err());
    }
}
