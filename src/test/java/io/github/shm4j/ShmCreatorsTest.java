package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of the creators of a whole list of blocks, as of the moment at which all were looked at. */
class ShmCreatorsTest {

    private static ShmStatus block(int id, long creatorPid, long attachCount) {
        return new KernelStatus(ShmKey.of(id), id, 1000, 0, 0, 0, 0, ShmPermissions.OWNER_ONLY, attachCount, creatorPid,
                0, 0, 0, 0, false, false, -1, -1);
    }

    @Test
    void shouldTellBlocksOfProcessesThatHaveTerminatedFromOthers() {
        try (Child.Running living = Child.command("sleep", "100000").start();
                Child.Running killed = Child.command("sleep", "100000").start()) {
            killed.kill();
            ShmStatus ours = block(1, ProcessHandle.current().pid(), 0);
            ShmStatus theirs = block(2, living.pid(), 0);
            ShmStatus left = block(3, killed.pid(), 0);
            ShmStatus used = block(4, killed.pid(), 1);
            ShmStatus unseen = block(5, 0, 0);
            ShmCreators creators = ShmCreators.of(List.of(ours, theirs, left, used, unseen));

            for (ShmStatus alive : List.of(ours, theirs, unseen)) {
                assertTrue(creators.mayBeAlive(alive), alive::toString);
                assertFalse(creators.isOrphaned(alive), alive::toString);
                assertFalse(alive.isOrphaned(), alive::toString);
            }
            assertFalse(creators.mayBeAlive(left));
            assertTrue(creators.isOrphaned(left));
            assertTrue(left.isOrphaned());
            assertFalse(creators.mayBeAlive(used));
            assertFalse(creators.isOrphaned(used), "somebody is attached");
            assertFalse(used.isOrphaned(), "somebody is attached");
        }
    }

    @Test
    void shouldAnswerAsOfTheMomentOfTheLookAndLookAgainAtOtherBlocks() {
        try (Child.Running creator = Child.command("sleep", "100000").start()) {
            ShmStatus listed = block(1, creator.pid(), 0);
            List<ShmStatus> blocks = new ArrayList<>(List.of(listed));
            ShmCreators before = ShmCreators.of(blocks);
            blocks.clear();
            ShmStatus later = block(1, creator.pid(), 0);
            assertTrue(before.mayBeAlive(later));
            creator.kill();

            assertTrue(before.mayBeAlive(listed), "as it was");
            assertFalse(before.isOrphaned(listed), "as it was");
            assertFalse(before.mayBeAlive(later), "equal, but none of those looked at then");
            assertTrue(before.isOrphaned(later), "equal, but none of those looked at then");
            assertFalse(ShmCreators.of(List.of(listed)).mayBeAlive(listed));
        }
    }
}
