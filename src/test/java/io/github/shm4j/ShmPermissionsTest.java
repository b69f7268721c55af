package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The nine permission bits. */
class ShmPermissionsTest {

    @Test
    void shouldBeForTheOwnerOnlyByDefault() {
        assertEquals(0600, ShmPermissions.OWNER_ONLY.mode());
        assertFalse(ShmPermissions.OWNER_ONLY.isWritableByOthers());
    }

    @Test
    void shouldLetEverybodyWriteOnlyIfToldInWords() {
        for (int mode : new int[] {0002, 0622, 0666, 0777}) {
            IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> ShmPermissions.of(mode));
            assertTrue(refusal.getMessage().contains("ShmPermissions.ofWorldWritable(0"), refusal.getMessage());
            assertEquals(mode, ShmPermissions.ofWorldWritable(mode).mode());
        }
        Set<PosixFilePermission> everybody = PosixFilePermissions.fromString("rw-rw-rw-");
        assertThrows(IllegalArgumentException.class, () -> ShmPermissions.of(everybody));
        assertEquals(0664, ShmPermissions.of(0664).mode());
        assertEquals(0775, ShmPermissions.of(0775).mode());
    }

    @Test
    void shouldHaveNoOtherDoor() {
        assertEquals(0, ShmPermissions.class.getConstructors().length);
    }

    @Test
    void shouldBeEqualByItsBits() {
        assertEquals(ShmPermissions.of(0640), ShmPermissions.ofWorldWritable(0640));
        assertEquals(ShmPermissions.of(0640).hashCode(), ShmPermissions.ofWorldWritable(0640).hashCode());
        assertNotEquals(ShmPermissions.of(0640), ShmPermissions.of(0600));
        assertNotEquals(ShmPermissions.of(0640), "0640");
    }

    // C06
    @Test
    void shouldRefuseBitsBeyondTheNine() {
        for (int mode : new int[] {01000, 02600, 04755, 0177777, -1, Integer.MIN_VALUE, 600}) {
            assertThrows(IllegalArgumentException.class, () -> ShmPermissions.of(mode));
            assertThrows(IllegalArgumentException.class, () -> ShmPermissions.ofWorldWritable(mode));
        }
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> ShmPermissions.of(600));
        assertTrue(refusal.getMessage().contains("01130 (decimal 600)"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("octal numbers start with 0"), refusal.getMessage());
    }

    @Test
    void shouldTranslateToAndFromPosixNames() {
        for (int mode = 0; mode <= 0777; mode++) {
            ShmPermissions permissions = ShmPermissions.ofWorldWritable(mode);
            Set<PosixFilePermission> names = permissions.toSet();
            assertEquals(PosixFilePermissions.fromString(permissions.toLetters()), names);
            assertEquals(Integer.bitCount(mode), names.size());
            assertEquals((mode & 0022) != 0, permissions.isWritableByOthers());
            if ((mode & 0002) == 0) {
                assertEquals(permissions, ShmPermissions.of(names));
                assertEquals(permissions, ShmPermissions.of(mode));
            }
            assertEquals(mode, Integer.parseInt(permissions.toString(), 8));
            assertEquals(4, permissions.toString().length());
        }
        assertEquals("rw-r-----", ShmPermissions.of(0640).toLetters());
        assertEquals("0640", ShmPermissions.of(0640).toString());
        assertEquals("0000", ShmPermissions.of(0).toString());
        assertEquals(ShmPermissions.of(0), ShmPermissions.of(EnumSet.noneOf(PosixFilePermission.class)));
    }
}
