package io.github.shm4j.cli.command;

import io.github.shm4j.cli.terminal.Output;
import java.util.concurrent.Callable;

/** A command that writes to standard output. */
public abstract class Subcommand implements Callable<Integer> {

    public static final int DONE = 0;
    public static final int FAILED = 1;

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

    /**
     * Takes the option that the arguments are at, with its value.
     *
     * @return false if it is unknown, or to be left to picocli
     */
    protected boolean takeOption(PlainArguments arguments) {
        return false;
    }

    /**
     * Takes a word that is no option.
     *
     * @param index the number of such words before it
     * @return false if there is no such parameter, or if it is to be left to picocli
     */
    protected boolean takeParameter(int index, String word) {
        return false;
    }

    /** {@return whether all options and parameters are taken that the command cannot do without} */
    protected boolean isComplete() {
        return true;
    }

    /** {@return an exception for wrong usage, which is exit code 2} */
    public final WrongUsage usage(String message) {
        return new WrongUsage(message);
    }
}
