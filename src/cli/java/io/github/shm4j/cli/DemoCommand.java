package io.github.shm4j.cli;

import io.github.shm4j.ShmException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code shm4j demo}: checks its options and runs a {@link Demo}. */
@Command(
        name = "demo",
        description = {
            "Runs the story: a parent starts child processes, each writes a random word into a block of its own, and the"
                    + " parent reads and removes the blocks.",
            "The block of child I has the key ftok(FILE, '0' + I) and is created exclusively. The exit code is 0 only if"
                    + " every word read is the word that the child reported."
        })
final class DemoCommand implements Callable<Integer> {

    // The project id is a character from '0' on, of which ftok uses the low 8 bits.
    private static final int MOST_CHILDREN = 0xff - '0' + 1;

    /** Where the launcher script says that it lies: a file that is there to stay, unlike a jar that is built anew. */
    private static final String LAUNCHER = "shm4j.launcher";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--children",
            paramLabel = "N",
            defaultValue = "4",
            description = "How many children to start (default: ${DEFAULT-VALUE}).")
    private int children;

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

    @Override
    public Integer call() throws ShmException, InterruptedException {
        if (children < 1 || children > MOST_CHILDREN) {
            throw usage("--children is " + children + "; it must be from 1 to " + MOST_CHILDREN);
        }
        if (crash != null && (crash < 0 || crash >= children)) {
            throw usage("--crash is " + crash + "; it must be from 0 to " + (children - 1));
        }
        Path keyFile = file != null ? file : thisProgram();
        if (!Files.exists(keyFile)) {
            throw usage("--file is " + keyFile + ", which does not exist; name an existing file or directory");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Demo demo = new Demo(keyFile, children, crash != null ? crash : Demo.NONE, out, err)) {
            return demo.makeRoom(force) && demo.run() ? 0 : 1;
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static Path thisProgram() {
        String launcher = System.getProperty(LAUNCHER);
        return launcher != null ? Path.of(launcher) : codeSource();
    }

    /** The jar or the directory that this class was loaded from. */
    static Path codeSource() {
        try {
            return Path.of(DemoCommand.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new AssertionError("the class loader made a location that is no URI", impossible);
        }
    }
}
