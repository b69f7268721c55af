package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.shm4j.support.Child;
import java.io.IOException;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelSettingsTest {

    @Test
    void shouldSayWhetherBlocksVanishAtTheirLastDetach() {
        String setting = Child.command("cat", "/proc/sys/kernel/shm_rmid_forced").run().ok();
        assertEquals(setting.equals("1"), KernelSettings.isRmidForced());
    }

    @Test
    void shouldReadNumbersOfUpToSixtyFourBits() throws IOException {
        assertEquals(Child.command("cat", "/proc/sys/kernel/shmmax").run().ok(),
                KernelSettings.number("shmmax").toString());
        assertEquals(BigInteger.ZERO, KernelSettings.number("shmall", "0"));
        assertEquals(new BigInteger("18446744073709551615"), KernelSettings.number("shmall", "18446744073709551615"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "1 2", "1\n2", "0x10", "1k", "\u0661", "18446744073709551616"})
    void shouldRefuseWhatIsNoSuchNumber(String setting) {
        IOException refused = assertThrows(IOException.class, () -> KernelSettings.number("shmall", setting));
        assertEquals("/proc/sys/kernel/shmall: not a number of 64 bits", refused.getMessage());
    }

    @Test
    void shouldRefuseASettingThatThereIsNot() {
        assertThrows(IOException.class, () -> KernelSettings.number("no-such-setting"));
    }
}
