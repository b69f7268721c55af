package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose blocks each kind of trust accepts. */
class ShmTrustTest {

    private static final long ROOT = 0;
    private static final long CALLER = caller();
    private static final long FRIEND = 3_000_000_001L;
    private static final long STRANGER = 3_000_000_002L;

    private static long caller() {
        try {
            return Integer.toUnsignedLong((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    private static ShmStatus block(long owner, long creator, int mode) {
        return new KernelStatus(ShmKey.of(0x1234), 17, 1000, owner, 1, creator, 1,
                ShmPermissions.ofWorldWritable(mode), 0, 1, 0, 0, 0, 0, false, false, -1, -1);
    }

    private static void accepts(ShmTrust trust, long owner, long creator, int mode) {
        assertDoesNotThrow(() -> trust.verify(block(owner, creator, mode)));
    }

    private static void refuses(ShmTrust trust, long owner, long creator, int mode, String reason) {
        ShmUntrustedException refused =
                assertThrowsExactly(ShmUntrustedException.class, () -> trust.verify(block(owner, creator, mode)));
        assertTrue(refused.getMessage().startsWith("open(0x00001234): block 17 " + reason + ", and only " + trust
                + " is trusted. "), refused.getMessage());
    }

    @Test
    void shouldTrustAnyone() {
        ShmTrust trust = ShmTrust.anyone();
        assertTrue(trust.refusesNothing());
        accepts(trust, STRANGER, STRANGER, 0666);
        accepts(trust, CALLER, STRANGER, 0666);
        assertEquals("anyone", trust.toString());
    }

    @Test
    void shouldTrustTheCallerAndRoot() {
        for (ShmTrust trust : List.of(ShmTrust.callerOrRoot(), ShmTrust.users())) {
            assertFalse(trust.refusesNothing());
            for (long owner : new long[] {CALLER, ROOT}) {
                for (long creator : new long[] {CALLER, ROOT}) {
                    accepts(trust, owner, creator, 0666);
                }
            }
            refuses(trust, STRANGER, CALLER, 0600, "is owned by user 3000000002");
            refuses(trust, CALLER, STRANGER, 0600, "was created by user 3000000002");
            refuses(trust, STRANGER, FRIEND, 0600, "is owned by user 3000000002");
            assertEquals("the caller or root", trust.toString());
        }
    }

    @Test
    void shouldTrustCertainUsersToo() {
        ShmTrust trust = ShmTrust.users(77, FRIEND);
        assertFalse(trust.refusesNothing());
        for (long owner : new long[] {CALLER, ROOT, FRIEND, 77}) {
            for (long creator : new long[] {CALLER, ROOT, FRIEND, 77}) {
                accepts(trust, owner, creator, 0666);
            }
        }
        refuses(trust, STRANGER, FRIEND, 0600, "is owned by user 3000000002");
        refuses(trust, FRIEND, STRANGER, 0600, "was created by user 3000000002");
        assertEquals("the caller, root or a user of [77, 3000000001]", trust.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {0622, 0660, 0602, 0666, 0020, 0002})
    void shouldRefuseABlockThatOthersMayWriteIfToldTo(int mode) {
        String reason = "can be written by others (0" + Integer.toOctalString(01000 | mode).substring(1) + ")";
        for (ShmTrust trust : List.of(ShmTrust.anyone(), ShmTrust.callerOrRoot(), ShmTrust.users(FRIEND))) {
            accepts(trust, CALLER, ROOT, mode);
            ShmTrust stricter = trust.withoutOtherWriters();
            assertFalse(stricter.refusesNothing());
            refuses(stricter, CALLER, ROOT, mode, reason);
            assertEquals(trust + " as the only writer", stricter.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0600, 0644, 0755, 0400, 0})
    void shouldTrustTheSameUsersWhereOthersMayOnlyRead(int mode) {
        accepts(ShmTrust.anyone().withoutOtherWriters(), STRANGER, STRANGER, mode);
        ShmTrust users = ShmTrust.users(FRIEND).withoutOtherWriters();
        accepts(users, FRIEND, CALLER, mode);
        refuses(users, FRIEND, STRANGER, mode, "was created by user 3000000002");
        refuses(ShmTrust.callerOrRoot().withoutOtherWriters(), FRIEND, CALLER, mode, "is owned by user 3000000001");
    }

    @Test
    void shouldNotChangeWithTheArrayOfUsers() {
        long[] uids = {FRIEND};
        ShmTrust trust = ShmTrust.users(uids);
        uids[0] = STRANGER;
        accepts(trust, FRIEND, FRIEND, 0600);
        refuses(trust, STRANGER, FRIEND, 0600, "is owned by user 3000000002");
    }

    @Test
    void shouldTakeEachUserThatThereCanBe() {
        accepts(ShmTrust.users(4_294_967_294L), 4_294_967_294L, ROOT, 0600);
        accepts(ShmTrust.users(0), ROOT, ROOT, 0600);
        for (long uid : new long[] {-1, 4_294_967_295L, Long.MIN_VALUE}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> ShmTrust.users(FRIEND, uid));
            assertTrue(refused.getMessage().startsWith("uid is " + uid + ";"), refused.getMessage());
        }
    }
}
