package io.github.shm4j.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.cli.Holder;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands do where the kernel removes a block as soon as nobody is attached to it any more. */
class RmidForcedIT {

    private Holder holder;

    @BeforeEach
    void removeWhatNobodyUses() {
        Peers.requirePrivateIpc();
        Peers.require(Child.exists("nsenter"), "nsenter");
        holder = Holder.start();
        holder.run("sh", "-c", "echo 1 >/proc/sys/kernel/shm_rmid_forced").run().ok();
    }

    @AfterEach
    void close() {
        if (holder != null) {
            holder.close();
        }
    }

    private String blocks() {
        return holder.cli("list", "--noheadings", "-o", "key,id").run().ok();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "read 0x1000", "read id:0 --text", "write 0x1000 text", "ring send 0x1000 text",
        "ring receive 0x1000 --no-wait",
        "ring peek 0x1000"
    })
    void shouldNotEndABlockByUsingIt(String arguments) {
        String before = blocks();
        Child.Result refused = holder.cli((Object[]) arguments.split(" ")).run();
        assertEquals(1, refused.exit(), refused::toString);
        assertEquals("", refused.out());
        assertTrue(refused.err().contains("nobody is attached, and kernel.shm_rmid_forced is set: "), refused.err());
        assertEquals(before, blocks());
    }

    @Test
    void shouldUseABlockThatOthersAreAttachedTo() {
        assertEquals("01", holder.cli("read", "0x4000", "--length", "1", "--raw").under("sh", "-c",
                "\"$@\" | od -An -tx1", "sh").run().ok().strip());
        holder.cli("write", "0x4000", "text").run().ok();
        assertTrue(blocks().contains("0x00004000"));
    }

    @Test
    void shouldReadABlockForTheLastTimeIfToldTo() {
        assertTrue(blocks().contains("0x00001000"));
        assertEquals(1000, holder.cli("read", "0x1000", "--even-if-removed").run().ok().length());
        assertFalse(blocks().contains("0x00001000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"create -s 10", "create 0x99 -s 10", "ring create -c 4K", "demo"})
    void shouldNotCreateWhatIsGoneAtOnce(String arguments) {
        String before = blocks();
        Child.Result refused = holder.cli((Object[]) arguments.split(" ")).run();
        assertEquals(1, refused.exit(), refused::toString);
        assertEquals("", refused.out());
        assertTrue(refused.err().startsWith("shm4j: kernel.shm_rmid_forced is set: "), refused.err());
        assertEquals(before, blocks());
    }
}
