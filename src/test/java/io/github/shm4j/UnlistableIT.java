package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Report;
import io.github.shm4j.support.Unlistable;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where nothing lists blocks, calls say so, and those that look blocks up in the list for their messages do without. */
class UnlistableIT {

    @Test
    void shouldSayThatBlocksCannotBeListed() throws IOException {
        List<String> lines =
                Unlistable.make().child(Child.java(Denied.class)).run().ok().lines().toList();
        assertEquals(List.of(
                "list: ShmAccessDeniedException EACCES",
                "create again: ShmAlreadyExistsException EEXIST",
                "too small: ShmException EINVAL",
                "give away what is gone: ShmNotFoundException EINVAL",
                "status: ok"), lines.subList(0, 5));
        assertTrue(
                lines.get(5)
                        .startsWith("list: shmctl(0, SHM_STAT_ANY): EACCES (13), Permission denied. The blocks cannot"
                                + " be listed, neither in this way nor from /proc/sysvipc/shm, which cannot be read. The kernel"
                                + " itself does not refuse this. A filter of system calls (seccomp)"),
                lines.get(5));
        assertTrue(lines.get(6).contains("A block has the key already: "), lines.get(6));
    }

    static final class Denied {
        public static void main(String... arguments) throws Exception {
            ShmKey key = ShmKey.of(5);
            SharedMemory memory = SharedMemory.create(key, 1000);
            SharedMemory gone = SharedMemory.createPrivate(1000);
            gone.remove();
            Report.say("list", SharedMemory::list);
            Report.say("create again", () -> SharedMemory.create(key, 1000));
            Report.say("too small", () -> SharedMemory.open(key, 1001));
            Report.say("give away what is gone", () -> {
                gone.setOwner(0, 0);
                return null;
            });
            Report.say("status", memory::status);
            Report.message("list", SharedMemory::list);
            Report.message("create again", () -> SharedMemory.create(key, 1000));
        }
    }
}
