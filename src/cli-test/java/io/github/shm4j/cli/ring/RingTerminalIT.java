package io.github.shm4j.cli.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ShmException;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.cli.TestRing;
import io.github.shm4j.cli.Tmux;
import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rings on a terminal. */
class RingTerminalIT {

    private final Blocks blocks = new Blocks();

    @TempDir
    private Path directory;

    private TestRing ring;

    @BeforeEach
    void makeRing() throws ShmException {
        ring = TestRing.mpsc(blocks, 1 << 20);
    }

    @AfterEach
    void removeRing() throws ShmException {
        ring.close();
        blocks.close();
    }

    @Test
    void shouldShowMessagesHarmlesslyUntilCtrlC() {
        ring.send(1, "\033]0;title\007grün");
        ring.send(2, "two\nlines\\");
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("clear; shm4j ring receive --show-type " + ring + "; echo exit=$?");
            tmux.await("1       \\x1b]0;title\\x07grün\n2       two\\nlines\\\\");
            ring.send(1, "later");
            tmux.await("1       later");
            tmux.press("C-c");
            tmux.await("exit=130");
            assertEquals(3, ring.statistics().messagesRead());
            assertEquals(Liveness.NOBODY, ring.statistics().consumer().liveness());
        }
    }

    @Test
    void shouldSendRawBytesToATerminalOnlyIfToldTo() {
        ring.send(1, "\033[7mreverse\033[0m");
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            for (String option : List.of("--null", "--length-prefixed")) {
                tmux.type("clear; shm4j ring receive -n 1 " + option + " " + ring + "; echo exit=$?");
                String screen = tmux.await("exit=2");
                assertTrue(screen.contains("not for a terminal"), screen);
            }
            tmux.type("clear; shm4j ring receive -n 1 --raw " + ring + "; echo exit=$?");
            String screen = tmux.await("exit=0");
            assertTrue(screen.contains("reverse") && !screen.contains("[7m"), screen);
            assertTrue(tmux.colours().contains("\033[7mreverse"), tmux::colours);
        }
    }

    @Test
    void shouldSendWhatIsTyped() {
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("clear; shm4j ring send " + ring + "; echo exit=$?");
            tmux.type("typed by hand");
            tmux.await("the line, sent", screen -> ring.statistics().messagesWritten() == 1);
            tmux.press("C-d");
            tmux.await("exit=0");
            assertEquals(List.of("typed by hand"), ring.drain());
        }
    }

    @Test
    void shouldFitTheContentIntoALineIfThereIsRoom() throws ShmException {
        try (Tmux tmux = Tmux.start(directory, 75, 12)) {
            tmux.type("clear; shm4j list --key " + ring.key() + "; echo e''nd");
            String wide = tmux.await("a list", text -> text.contains("\nend"));
            assertTrue(wide.contains("CONTENT\n") && wide.contains("MPSC ring 1M\n"), wide);
            assertFalse(wide.contains("PERMS") || wide.contains("COMMAND"), wide);
            tmux.resize(55, 12);
            tmux.type("clear; shm4j list --key " + ring.key() + "; echo e''nd2");
            String narrow = tmux.await("a list", text -> text.contains("\nend2"));
            assertTrue(narrow.contains("NATTCH") && !narrow.contains("CONTENT"), narrow);
        }
    }

    @Test
    void shouldCutLongCommandsToTheWidth() throws Exception {
        try (Tmux tmux = Tmux.start(directory, 70, 20);
                Child.Running receiving = Cli.child("ring", "receive", ring).start()) {
            ring.awaitConsumer(receiving);
            tmux.type("clear; shm4j ring status " + ring + "; echo e''nd");
            List<String> lines = tmux.await("the ring", text -> text.contains("\nend")).lines().toList();
            assertEquals(13, lines.indexOf("end") + 1, lines::toString);
            assertTrue(lines.get(10).matches("CONSUMER +process " + receiving.pid() + ": .*…"), lines.get(10));
        }
    }
}
