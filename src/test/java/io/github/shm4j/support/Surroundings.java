package io.github.shm4j.support;

import java.util.ArrayList;
import java.util.List;

/**
 * Environments in which processes see each other in unusual ways: the clock was set, or {@code /proc} is another one. Each
 * has an IPC namespace of its own.
 */
public enum Surroundings {
    USUAL("", ""),

    /** The system states a boot time one hour later, so all start times seem to be an hour later too. */
    CLOCK_SET_FORWARD(
            "-m",
            """
            booted=$(sed -n 's/^btime //p' /proc/stat) || exit 9
            changed=$(mktemp) || exit 9
            sed "s/^btime .*/btime $((booted + 3600))/" /proc/stat > "$changed" || exit 9
            mount --bind "$changed" /proc/stat || exit 9
            rm "$changed"
            """),

    /** Pids are those of a new pid namespace, and /proc is still that of the outer one. */
    FOREIGN_PROC("-p -f --kill-child", ""),

    /** Other users may not read what /proc says of a process. */
    HIDEPID_1("-m", "mount -t proc -o hidepid=1 proc /proc || exit 9\n"),

    /** /proc does not show other users that there is a process. */
    HIDEPID_2("-m", "mount -t proc -o hidepid=2 proc /proc || exit 9\n");

    /** Perl that creates a block, prints its id and its own pid, and waits. */
    public static final String CREATOR =
            "perl -e '$| = 1; $id = shmget(0, 1000, 01600); defined $id or die $!; print \"$id $$\\n\"; close STDOUT;"
                    + " sleep 100000'";

    private final List<String> namespaces;
    private final String preparation;

    Surroundings(String namespaces, String preparation) {
        this.namespaces = namespaces.isEmpty() ? List.of() : List.of(namespaces.split(" "));
        this.preparation = preparation;
    }

    /** Skips or fails the test unless this process can make such surroundings. */
    public void require() {
        Peers.requirePrivateIpc();
        Peers.require(
                Child.command("true").under(words(preparation + "\"$@\"")).run().exit() == 0,
                this + " as surroundings of a process");
    }

    /**
     * Prepares a command to be run beside another process.
     *
     * @param observer the command; it gets the word and the pid that the other process prints as further arguments
     * @param other shell code that starts the other process, in which {@code "$@"} is the command
     * @param killed whether the other process is killed, and waited for, before the command begins
     */
    public Child beside(Child observer, String other, boolean killed) {
        return observer.under(words(preparation + other + """
                 | {
                    read word pid || exit 9
                    if %s; then
                        kill -9 "$pid" || exit 9
                        while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
                        "$@" "$word" "$pid"
                    else
                        "$@" "$word" "$pid"
                        status=$?
                        kill -9 "$pid" || exit 9
                        exit $status
                    fi
                }
                """.formatted(killed)));
    }

    private String[] words(String script) {
        List<String> options = new ArrayList<>(List.of("-i"));
        options.addAll(namespaces);
        if (preparation.contains("mount -t proc") && !Child.isRoot()) {
            // Only root may mount the /proc of a pid namespace that is not its user namespace's own.
            options.addAll(List.of("-p", "-f", "--kill-child"));
        }
        List<String> words = new ArrayList<>(List.of(Child.unshare(options.toArray(new String[0]))));
        words.addAll(List.of("sh", "-c", script, "sh"));
        return words.toArray(new String[0]);
    }
}
