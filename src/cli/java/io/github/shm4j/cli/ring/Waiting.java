package io.github.shm4j.cli.ring;

import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.terminal.Ages;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options for how long to wait for the other end of a ring. */
final class Waiting {

    private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Arguments.Timeout.class,
            description = "How long to wait at most for the next message, or for room for it: 500ms, 30s, 10m; by default for"
                    + " ever.")
    private Duration timeout;

    @Option(names = "--no-wait", description = "Do not wait for a message, or for room for one.")
    private boolean none;

    boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--timeout")) {
            timeout = Ages.parseDuration(arguments.valueUnless(none));
        } else if (arguments.is("--no-wait")) {
            none = arguments.flagUnless(timeout != null);
        } else {
            return false;
        }
        return true;
    }

    boolean isNone() {
        return none;
    }

    Duration get() {
        return none ? Duration.ZERO : timeout != null ? timeout : FOR_EVER;
    }
}
