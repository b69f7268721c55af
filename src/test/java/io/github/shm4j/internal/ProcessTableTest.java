package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a snapshot of all processes says. */
class ProcessTableTest {

    private static final long SELF = ProcessHandle.current().pid();

    /** pid_max is at most 2^22. */
    private static final long NOBODY = Integer.MAX_VALUE;

    @Test
    void shouldFindThePidsAmongTheEntriesOfProc() {
        assertEquals(
                Set.of(1L, 9L, 10L, 4194303L, 987L),
                ProcessTable.pids("1", "self", "9", "10", "4194303", "987", "cpuinfo", "sys", "0", ":", "irq"));
    }

    @Test
    void shouldCallWhoeverWasNotListedDead() {
        ProcessTable table = new ProcessTable(Set.of(SELF));
        assertTrue(table.mayBeAlive(SELF));
        assertFalse(new ProcessTable(Set.of()).mayBeAlive(SELF));
        assertFalse(table.mayBeAlive(NOBODY));
    }

    @Test
    void shouldAskForEachProcessWhereProcDoesNotShowAll() {
        ProcessTable table = new ProcessTable(null);
        assertTrue(table.mayBeAlive(SELF));
        assertFalse(table.mayBeAlive(NOBODY));
        assertFalse(table.mayBeAlive(NOBODY), "the second answer is the first one");
    }

    @Test
    void shouldCallAProcessOfAnotherNamespaceAlive() {
        ProcessTable table = new ProcessTable(Set.of());
        assertTrue(table.mayBeAlive(0));
        assertTrue(table.mayBeAlive(-1));
    }
}
