package io.github.shm4j.cli.demo;

import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.RmidForced;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.system.Program;
import io.github.shm4j.cli.terminal.Ages;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.StandardStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code shm4j demo}: checks its options and runs a {@link Demo}. */
@Command(
        name = "demo",
        description = {
            "Runs the story: a parent starts child processes, each writes a random word into a block of its own, and the"
                    + " parent waits for all of them, reads the blocks and removes them.",
            "The block of child I has the key ftok(FILE, '0' + I) and is created exclusively. The exit code is 0 only if"
                    + " every word read is the word that the child reported."
        })
public final class DemoCommand extends Subcommand {

    // The project id is a character from '0' on, of which ftok uses the low 8 bits.
    private static final int MOST_CHILDREN = 0xff - '0' + 1;

    @Option(
            names = "--children",
            paramLabel = "N",
            description = "How many children to start (default: ${DEFAULT-VALUE}).")
    private int children = 4;

    @Option(
            names = "--crash",
            paramLabel = "I",
            description = "Kill child I with SIGKILL after it has created its block, and clean up the orphan.")
    private Integer crash;

    @Option(
            names = "--file",
            paramLabel = "PATH",
            description = "The file from which the keys are made (default: this program).")
    private Path file;

    @Option(
            names = "--force",
            description = "First remove blocks that have these keys, if their creator is dead and nobody is attached.")
    private boolean force;

    @Option(
            names = "--timeout",
            paramLabel = "AGE",
            converter = Arguments.Timeout.class,
            description = "Kill the children if none of them has shown a sign of life for so long; by default 60s.")
    private Duration timeout = Duration.ofSeconds(60);

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--children")) {
            children = arguments.number();
        } else if (arguments.is("--crash")) {
            crash = arguments.number();
        } else if (arguments.is("--file")) {
            file = arguments.path();
        } else if (arguments.is("--force")) {
            force = arguments.flag();
        } else if (arguments.is("--timeout")) {
            timeout = Ages.parseDuration(arguments.value());
        } else {
            return false;
        }
        return true;
    }

    @Override
    public int run(Output out) throws IOException, InterruptedException {
        if (children < 1 || children > MOST_CHILDREN) {
            throw usage("--children is " + children + "; it must be from 1 to " + MOST_CHILDREN);
        }
        if (crash != null && (crash < 0 || crash >= children)) {
            throw usage("--crash is " + crash + "; it must be from 0 to " + (children - 1));
        }
        if (timeout.isZero()) {
            throw usage("--timeout is 0s; it must be longer");
        }
        Path keyFile = file != null ? file : thisProgram();
        if (!Files.exists(keyFile)) {
            throw usage("--file is " + keyFile + ", which does not exist; name an existing file or directory");
        }
        RmidForced.requireThatTheyStay("a child's block would be gone before its parent reads it");
        try (Demo demo = new Demo(keyFile, children, crash != null ? crash : Demo.NONE, timeout, out)) {
            boolean good = demo.makeRoom(force) && demo.run();
            out.flush();
            return good ? DONE : FAILED;
        }
    }

    private static Path thisProgram() {
        String launcher = System.getProperty(StandardStreams.LAUNCHER);
        return launcher != null ? Path.of(launcher) : Program.codeSource();
    }
}
