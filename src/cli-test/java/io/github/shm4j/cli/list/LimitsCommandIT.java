package io.github.shm4j.cli.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code shm4j limits} says how much there is of what, exactly. */
class LimitsCommandIT {

    private static final ObjectMapper PARSER =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    @BeforeEach
    void requireNamespace() {
        Peers.requirePrivateIpc();
    }

    @Test
    void shouldAddUpMoreThanALongHolds() throws IOException {
        String out = Cli.shellChild("\"$@\" create -s 4E --no-reserve >&2; \"$@\" create -s 4E --no-reserve >&2; "
                + "\"$@\" limits; \"$@\" watch --once; \"$@\" limits --json").inPrivateIpc().run().ok();
        List<String> lines = out.lines().toList();
        BigInteger page = new BigInteger(Child.command("getconf", "PAGESIZE").run().ok());
        BigInteger total = BigInteger.TWO.pow(63);
        assertTrue(out.contains("bytes: " + total.divide(page) + " (8E), of which 0 (0B) in memory"), out);
        assertTrue(lines.contains("2 blocks, 8E, 2 orphans"), out);
        JsonNode json = PARSER.readTree(out.substring(out.indexOf('{')));
        assertEquals(total.divide(page), json.get("usage").get("pages").bigIntegerValue());
    }

    @Test
    void shouldSayWhyBlocksVanish() throws IOException {
        String out = Cli.shellChild("\"$@\" limits; \"$@\" limits --json").inPrivateIpc("shm_rmid_forced=1").run().ok();
        assertTrue(
                out.contains(
                        "\nkernel.shm_rmid_forced is set: the kernel removes a block when the last process detaches"),
                out);
        assertTrue(PARSER.readTree(out.substring(out.indexOf('{'))).get("rmidforced").booleanValue());
        String usual =
                Cli.shellChild("\"$@\" limits; \"$@\" limits --json").inPrivateIpc("shm_rmid_forced=0").run().ok();
        assertFalse(usual.contains("shm_rmid_forced"), usual);
        assertFalse(PARSER.readTree(usual.substring(usual.indexOf('{'))).get("rmidforced").booleanValue());
    }

    @Test
    void shouldShowSharesAsTheyAre() throws IOException {
        String out = Cli.shellChild("\"$@\" create -s 4096 >&2; \"$@\" limits; \"$@\" limits --json")
                .inPrivateIpc("shmmni=300", "shmall=1", "shmmax=4096")
                .run()
                .ok();
        assertEquals("<1%", share("SHMMNI", out));
        assertEquals("100%", share("SHMALL", out));
        assertEquals("100%", share("SHMMAX", out));
        assertEquals("-", share("SHMMIN", out));
        JsonNode limits = PARSER.readTree(out.substring(out.indexOf('{'))).get("limits");
        assertEquals(new BigDecimal("0.3333333333333333"), limits.get(0).get("percent").decimalValue());
        assertEquals(0, BigDecimal.valueOf(100).compareTo(limits.get(1).get("percent").decimalValue()));
        assertTrue(limits.get(3).get("percent").isNull());
        assertEquals("kernel.shmall", limits.get(1).get("sysctl").textValue());
        assertTrue(limits.get(3).get("sysctl").isNull());
        assertTrue(out.contains("to raise SHMALL, as root: sysctl -w kernel.shmall=2\n"), out);
    }

    @Test
    void shouldShowNothingAsNothing() {
        String out = Cli.shellChild("\"$@\" limits").inPrivateIpc().run().ok();
        assertEquals("0%", share("SHMMNI", out));
        assertEquals("0%", share("SHMALL", out));
        assertTrue(out.contains("to raise SHMMNI, as root: sysctl -w kernel.shmmni=8192"), out);
    }

    @Test
    void shouldAdviseOnlyWhatTheKernelTakes() {
        String nearLargest = Cli.shellChild("\"$@\" create -s 4E --no-reserve >&2; \"$@\" limits")
                .inPrivateIpc("shmmni=32768")
                .run()
                .ok();
        assertTrue(nearLargest.contains(
                "to raise SHMMNI, as root: sysctl -w kernel.shmmni=65536 (the kernel's command line has to say ipcmni_extend)"),
                nearLargest);
        String nothing = Cli.shellChild("\"$@\" limits").inPrivateIpc("shmall=0").run().ok();
        assertTrue(nothing.contains("to raise SHMALL, as root: sysctl -w kernel.shmall=2"), nothing);
    }

    private static String share(String resource, String out) {
        String row = out.lines().filter(line -> line.startsWith(resource)).findFirst().orElseThrow();
        String[] cells = row.split("  +");
        return cells[4];
    }
}
