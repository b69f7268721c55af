package io.github.shm4j.cli.command;

import io.github.shm4j.cli.terminal.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that writes to standard output. */
public abstract class Subcommand implements Callable<Integer> {

    public static final int DONE = 0;
    public static final int FAILED = 1;

    @Spec
    private CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        Output out = Output.standard();
        int exit;
        try {
            exit = run(out);
        } catch (Throwable failure) {
            // The output so far tells what was done before.
            try {
                out.flush();
            } catch (Output.Failed alsoFailed) {
                failure.addSuppressed(alsoFailed);
            }
            throw failure;
        }
        out.flush();
        return exit;
    }

    /** Does the work and returns the exit code, {@link #DONE} or {@link #FAILED}. */
    public abstract int run(Output out) throws Exception;

    /** {@return whether the command takes free text, which may look like an option} */
    public boolean takesText() {
        return false;
    }

    /** {@return the command as picocli sees it} */
    public final CommandLine commandLine() {
        return spec.commandLine();
    }

    /** {@return an exception for wrong usage, which is exit code 2} */
    public final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
