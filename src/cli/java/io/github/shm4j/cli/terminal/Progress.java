package io.github.shm4j.cli.terminal;

/** Shows the progress of a long copy on the terminal. Shows nothing if it is short or standard error is no terminal. */
public final class Progress implements AutoCloseable {

    private static final long WORTH_SHOWING = 64L << 20;
    private static final long INTERVAL_NANOS = 200_000_000;

    private final String what;
    private final long total;
    private final boolean shown;
    private long next;

    public Progress(String what, long total) {
        this.what = what;
        this.total = total;
        shown = total >= WORTH_SHOWING && Terminal.is(Terminal.ERROR);
        next = System.nanoTime() + INTERVAL_NANOS;
    }

    public void reach(long done) {
        if (shown && System.nanoTime() - next >= 0) {
            next = System.nanoTime() + INTERVAL_NANOS;
            print(done);
        }
    }

    private void print(long done) {
        System.err.print("\r" + what + " " + Sizes.format(done) + " of " + Sizes.format(total) + ", "
                + (int) (done * 100.0 / total) + "%   ");
        System.err.flush();
    }

    /** Clears the line, so that it does not stay between the command's own lines. */
    @Override
    public void close() {
        if (shown) {
            System.err.print("\r\033[K");
            System.err.flush();
        }
    }
}
