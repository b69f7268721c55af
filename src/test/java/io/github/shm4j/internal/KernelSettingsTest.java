package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.support.Child;
import org.junit.jupiter.api.Test;

class KernelSettingsTest {

    @Test
    void shouldSayWhetherBlocksVanishAtTheirLastDetach() {
        String setting = Child.command("cat", "/proc/sys/kernel/shm_rmid_forced").run().ok();
        assertEquals(setting.equals("1"), KernelSettings.isRmidForced());
    }
}
