package io.github.shm4j;

import static io.github.shm4j.support.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Lasting;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel says about a block, and what its owner can change. */
class StatusTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // C01
    @Test
    void shouldDescribeANewBlock() throws ShmException, IOException {
        long uid = ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid")).longValue();
        long gid = ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid")).longValue();
        ShmKey key = blocks.freeKey();
        Instant before = Instant.now();
        SharedMemory memory = SharedMemory.create(key, 1000, ShmPermissions.of(0640));
        Instant after = Instant.now();
        ShmStatus status = memory.status();
        assertEquals(key, status.key());
        assertEquals(memory.id(), status.id());
        assertEquals(1000, status.size());
        assertEquals(uid, status.ownerUid());
        assertEquals(gid, status.ownerGid());
        assertEquals(uid, status.creatorUid());
        assertEquals(gid, status.creatorGid());
        assertEquals(ShmPermissions.of(0640), status.permissions());
        assertEquals(0, status.attachCount());
        assertEquals(ProcessHandle.current().pid(), status.creatorPid());
        assertEquals(0, status.lastPid());
        assertEquals(Optional.empty(), status.lastAttachTime());
        assertEquals(Optional.empty(), status.lastDetachTime());
        assertBetween(before, status.changeTime(), after);
        assertFalse(status.markedForRemoval());
        assertFalse(status.locked());
        assertEquals(OptionalLong.empty(), status.residentSize());
        assertEquals(OptionalLong.empty(), status.swappedSize());
        assertTrue(status.creatorMayBeAlive());
        assertFalse(status.isOrphaned());
    }

    // C02
    @Test
    void shouldTellWhoAttachedAndDetachedWhen() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        Instant before = Instant.now();
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena);
            ShmStatus attached = memory.status();
            assertBetween(before, attached.lastAttachTime().orElseThrow(), Instant.now());
            assertEquals(Optional.empty(), attached.lastDetachTime());
            assertEquals(ProcessHandle.current().pid(), attached.lastPid());
            assertEquals(1, attached.attachCount());
        }
        ShmStatus detached = memory.status();
        assertBetween(before, detached.lastDetachTime().orElseThrow(), Instant.now());
        assertEquals(ProcessHandle.current().pid(), detached.lastPid());
        assertEquals(0, detached.attachCount());
    }

    // C06
    @Test
    void shouldSetPermissionsAndNothingElse() throws ShmException, InterruptedException {
        SharedMemory memory = blocks.create(1000);
        Lasting before = Lasting.of(memory.status());
        // The kernel's clock for this ticks once a second.
        Thread.sleep(1100);
        memory.setPermissions(ShmPermissions.of(0754));
        ShmStatus after = memory.status();
        assertEquals(0754, after.permissions().mode());
        assertTrue(after.changeTime().isAfter(before.changeTime()));
        assertEquals(before, Lasting.of(after).with(before.permissions(), before.changeTime()));
        for (int mode : new int[] {0777, 0, 0421, 0600}) {
            memory.setPermissions(ShmPermissions.ofWorldWritable(mode));
            assertEquals(mode, ListTest.find(SharedMemory.list(), memory).permissions().mode());
        }
    }

    // C09
    @Test
    void shouldLockAndUnlock() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        ShmStatus before = memory.status();
        memory.lockInMemory();
        ShmStatus locked = memory.status();
        assertTrue(locked.locked());
        assertEquals(before.permissions(), locked.permissions());
        assertFalse(locked.markedForRemoval());
        memory.setPermissions(ShmPermissions.of(0640));
        assertTrue(memory.status().locked(), "setting permissions must not unlock");
        memory.lockInMemory();
        memory.unlockFromMemory();
        assertFalse(memory.status().locked());
        assertEquals(ShmPermissions.of(0640), memory.status().permissions());
        memory.unlockFromMemory();
        assertFalse(memory.status().locked());
    }

    @Test
    void shouldSayInWordsWhatTheKernelDoesNotSay() throws ShmException {
        SharedMemory memory = blocks.create(1000, ShmPermissions.of(0640));
        String text = memory.status().toString();
        assertTrue(
                text.startsWith("ShmStatus[key=" + memory.status().key() + ", id=" + memory.id()
                        + ", size=1000, ownerUid="),
                text);
        assertTrue(text.contains(", permissions=0640, attachCount=0, creatorPid=" + ProcessHandle.current().pid()
                + ", lastPid=0, lastAttachTime=never, lastDetachTime=never, changeTime="), text);
        assertTrue(text.endsWith(
                ", markedForRemoval=false, locked=false, residentSize=unknown, swappedSize=unknown]"), text);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena);
            String listed = ListTest.find(SharedMemory.list(), memory).toString();
            assertTrue(listed.contains(
                    ", lastAttachTime=" + memory.status().lastAttachTime().orElseThrow() + ", lastDetachTime=never, "),
                    listed);
            assertTrue(listed.endsWith(", residentSize=0, swappedSize=0]"), listed);
        }
    }

    // C03
    @Test
    void shouldRefuseEveryQuestionAboutABlockThatIsNot() {
        SharedMemory never = SharedMemory.ofId(Integer.MAX_VALUE);
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", never::status,
                "shmctl(2147483647, IPC_STAT)", "No block in this IPC namespace has the id");
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", never::remove, "IPC_RMID");
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", never::lockInMemory, "SHM_LOCK");
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", never::unlockFromMemory, "SHM_UNLOCK");
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", () -> never.setOwner(0, 0));
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", () -> never.setPermissions(ShmPermissions.OWNER_ONLY));
        refused(ShmNotFoundException.class, "shmat", "EINVAL", never::wipe);
    }

    @Test
    void shouldRefuseUsersThatCannotBe() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        Lasting before = Lasting.of(memory.status());
        for (long id : new long[] {-1, 0xffff_ffffL, 1L << 32, Long.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> memory.setOwner(id, 0));
            assertThrows(IllegalArgumentException.class, () -> memory.setOwner(0, id));
            assertThrows(IllegalArgumentException.class, () -> ShmTrust.users(0, id));
        }
        assertEquals(before, Lasting.of(memory.status()));
    }

    private static void assertBetween(Instant earliest, Instant time, Instant latest) {
        // The kernel's clock for this may be some milliseconds behind the one that Java reads.
        long from = earliest.minusMillis(50).getEpochSecond();
        assertTrue(from <= time.getEpochSecond(), time + " is before " + earliest);
        assertTrue(time.getEpochSecond() <= latest.getEpochSecond(), time + " is after " + latest);
    }
}
