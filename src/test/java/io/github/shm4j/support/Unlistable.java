package io.github.shm4j.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An IPC namespace in which nothing lists blocks: {@code /proc} has no list, and the kernel refuses to tell of each block. */
public final class Unlistable {

    private static final String HIDE_THE_LIST = "mount -t tmpfs tmpfs /proc/sysvipc && exec \"$@\"";

    private final Path refuse;

    private Unlistable(Path refuse) {
        this.refuse = refuse;
    }

    /** Makes the surroundings, or skips or fails the test. */
    public static Unlistable make() throws IOException {
        Peers.requireNamespaces("-i", "-m");
        try (InputStream source = Unlistable.class.getResourceAsStream("refuse.c")) {
            Unlistable unlistable = new Unlistable(Peers.compile(
                    "refuse", new String(source.readAllBytes(), StandardCharsets.UTF_8)));
            Peers.require(unlistable.child(Child.command("true")).run().exit() == 0, "a filter of system calls");
            return unlistable;
        }
    }

    /** Has a command run there. */
    public Child child(Child command) {
        return command.under(Child.unshare("-i", "-m")).under("sh", "-c", HIDE_THE_LIST, "sh", refuse.toString());
    }
}
