package io.github.shm4j.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which known words an unknown one is taken for. */
class NearMissesTest {

    private static final List<String> COMMANDS = List.of("list", "status", "limits", "ftok", "create", "write", "read",
            "permissions", "remove", "watch", "ring", "demo", "help", "send", "receive", "peek");

    @ParameterizedTest
    @CsvSource({
        "lst, list", "lsit, list", "lisst, list", "lost, list", "statsu, status", "stauts, status", "limit, limits",
        "premissions, permissions", "permisions, permissions", "perm, permissions", "recieve, receive", "sned, send",
        "peak, peek", "crate, create", "wacth, watch", "rign, ring", "wrte, write", "re, read remove receive",
        "rind, ring", "reed, read", "rest, ''", "xyzzy, ''", "a, ''", "'', ''", "lists-of-blocks, ''", "0x33010024, ''"
    })
    void shouldFindTheNearestIfItIsNear(String word, String meant) {
        assertEquals(meant.isEmpty() ? List.of() : List.of(meant.split(" ")), NearMisses.of(word, COMMANDS));
    }

    @Test
    void shouldTakeAWordOfAnyLength() {
        assertEquals(List.of(), NearMisses.of("x".repeat(1 << 20), COMMANDS));
    }
}
