package io.github.shm4j.aeron;

import io.github.shm4j.aeron.Side.Count;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/** Says how a relay gets on: in a line on a terminal, as rows, or as JSON. */
final class Reporting {

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final String AWAY_SINCE = "AWAY SINCE";
    private static final int ROW_WIDTH = 20;

    @Option(names = {"-J", "--json"}, description = "Print a line with a JSON object each second.")
    private boolean json;

    @Option(names = "--metrics", description = "Print rows with the numbers each second.")
    private boolean metrics;

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final boolean onTerminal = System.console() != null && System.console().isTerminal();
    private long nextReport = System.nanoTime();
    private Instant awaySince = Instant.now();
    private boolean wasConnected;
    private List<Count> last = List.of();

    void report(Side relay) {
        long now = System.nanoTime();
        if (now - nextReport < 0) {
            return;
        }
        nextReport = now + INTERVAL_NANOS;
        boolean connected = relay.isConnected();
        if (connected != wasConnected) {
            wasConnected = connected;
            awaySince = connected ? null : Instant.now();
            if (!json && !metrics && !onTerminal) {
                err.println("relay: the other side is " + (connected ? "there" : "away"));
            }
        }
        last = relay.counts();
        if (json || metrics) {
            print();
        } else if (onTerminal) {
            err.print(CLEAR_LINE + line());
            err.flush();
        }
    }

    /** Says that the relay is opened anew. */
    void disconnected(RelayDisconnectedException why) {
        err.println((onTerminal ? CLEAR_LINE : "") + "relay: " + why.getMessage() + " Trying again");
        if (wasConnected) {
            wasConnected = false;
            awaySince = Instant.now();
        }
    }

    /** Says the last state. */
    void end(Side relay) {
        last = relay.counts();
        if (json || metrics) {
            print();
        } else {
            err.println((onTerminal ? CLEAR_LINE : "relay: ") + line());
        }
    }

    private void print() {
        out.print(json ? object() : rows());
        out.flush();
    }

    private String away() {
        return awaySince.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (Count count : last) {
            line.append(line.isEmpty() ? "" : ", ").append(count.row().toLowerCase(Locale.ROOT)).append(' ')
                    .append(count.value());
        }
        if (awaySince != null) {
            line.append(", away since ").append(away());
        }
        return line.toString();
    }

    private String rows() {
        StringBuilder rows = new StringBuilder();
        for (Count count : last) {
            rows.append(row(count.row(), Long.toString(count.value())));
        }
        return rows.append(row(AWAY_SINCE, awaySince == null ? "-" : away())).append('\n').toString();
    }

    private static String row(String name, String value) {
        return name + " ".repeat(ROW_WIDTH - name.length()) + value + '\n';
    }

    private String object() {
        StringBuilder object = new StringBuilder("{");
        for (Count count : last) {
            object.append('"').append(count.key()).append("\":").append(count.value()).append(',');
        }
        return object.append("\"awaysince\":").append(awaySince == null ? "null" : '"' + away() + '"').append("}\n")
                .toString();
    }
}
