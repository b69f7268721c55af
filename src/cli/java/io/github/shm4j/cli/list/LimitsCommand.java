package io.github.shm4j.cli.list;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmLimits;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Colour;
import io.github.shm4j.cli.terminal.JsonWriter;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.cli.terminal.Table;
import io.github.shm4j.cli.terminal.Terminal;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code shm4j limits}. */
@Command(
        name = "limits",
        description = {
            "Shows the limits of this IPC namespace, how much of each is used, and what share that is.",
            "For SHMMAX, what is used is the size of the largest block. A share of 0%% means that nothing is used, and one of"
                    + " 100%% that nothing is left.",
            "An administrator raises a limit until the next start with \"sysctl -w NAME=NUMBER\", with the name in the column"
                    + " SYSCTL, and for good with a line NAME=NUMBER in a file in /etc/sysctl.d."
        })
public final class LimitsCommand extends Subcommand {

    /** The share of a limit, in per cent, from which on its row is coloured. */
    private static final BigDecimal NEAR = BigDecimal.valueOf(80);

    /** IPCMNI. The kernel manages more blocks only if its command line has ipcmni_extend. */
    private static final BigInteger MOST_BLOCKS = BigInteger.valueOf(32_768);

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON, with all digits of numbers that may have more than 63 bits.")
    private boolean json;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-J", "--json")) {
            json = arguments.flag();
        } else {
            return false;
        }
        return true;
    }

    /** One limit. {@code used} is {@code null} if nothing counts towards it. */
    private record Limit(String resource, String description, BigInteger limit, BigInteger used, String sysctl) {

        /** {@return the share in per cent, with 16 digits, or {@code null}} */
        BigDecimal percent() {
            if (used == null || limit.signum() == 0) {
                return null;
            }
            return new BigDecimal(used.multiply(BigInteger.valueOf(100)))
                    .divide(new BigDecimal(limit), MathContext.DECIMAL64);
        }

        /** {@return the share for people: 0% only if nothing is used, 100% only if nothing is left} */
        String share() {
            BigDecimal percent = percent();
            if (percent == null) {
                return "-";
            }
            return percent.signum() > 0 && percent.compareTo(BigDecimal.ONE) < 0
                    ? "<1%"
                    : percent.setScale(0, RoundingMode.DOWN) + "%";
        }

        boolean isNear() {
            BigDecimal percent = percent();
            return percent != null && percent.compareTo(NEAR) >= 0;
        }

        /** {@return an example of how to raise this limit} */
        String howToRaise() {
            BigInteger more = more();
            if (!resource.equals(BLOCKS) || more.compareTo(MOST_BLOCKS) <= 0) {
                return sysctl + "=" + more;
            }
            return limit.compareTo(MOST_BLOCKS) < 0
                    ? sysctl + "=" + MOST_BLOCKS + " (the kernel's command line has to say ipcmni_extend for more)"
                    : sysctl + "=" + more + " (the kernel's command line has to say ipcmni_extend)";
        }

        private BigInteger more() {
            return limit.max(BigInteger.ONE).shiftLeft(1);
        }

        /** {@return whether the kernel has a number for a larger limit: the usual ones of sizes are close to its largest} */
        boolean canBeRaised() {
            return sysctl != null && more().bitLength() <= Long.SIZE;
        }

        boolean isNearerThan(Limit other) {
            if (limit.signum() == 0 || other.limit.signum() == 0) {
                return limit.signum() == 0 && other.limit.signum() != 0;
            }
            return percent().compareTo(other.percent()) > 0;
        }
    }

    private static final String BLOCKS = "SHMMNI";

    @Override
    public int run(Output out) throws IOException {
        ShmLimits limits = ShmLimits.current();
        List<ShmStatus> blocks = SharedMemory.list();
        long page = ShmLimits.pageSize();
        Usage usage = Usage.of(blocks, page);
        long largest = 0;
        for (ShmStatus block : blocks) {
            largest = Math.max(largest, block.size());
        }
        Limit[] rows = {
            new Limit(BLOCKS, "blocks", BigInteger.valueOf(limits.maxBlocks()), BigInteger.valueOf(usage.blocks()),
                    "kernel.shmmni"),
            new Limit("SHMALL", "pages of all blocks", limits.maxPages(), unsigned(usage.pages()),
                    "kernel.shmall"),
            new Limit("SHMMAX", "bytes of the largest block", limits.maxSize(), BigInteger.valueOf(largest),
                    "kernel.shmmax"),
            new Limit("SHMMIN", "bytes of the smallest block", BigInteger.valueOf(limits.minSize()), null, null)
        };
        if (json) {
            printJson(out, rows, usage, page, limits.rmidForced());
        } else {
            printTable(out, rows, usage, page);
            if (limits.rmidForced()) {
                out.line(
                        "kernel.shm_rmid_forced is set: the kernel removes a block when the last process detaches from it,"
                                + " or when its creator terminates before anybody has attached");
            }
        }
        return DONE;
    }

    private static void printTable(Output out, Limit[] rows, Usage usage, long page) throws Output.Failed {
        boolean colours = Terminal.hasColours();
        Table table = new Table(
                new String[] {"RESOURCE", "DESCRIPTION", "LIMIT", "USED", "USE%", "SYSCTL"},
                new boolean[] {false, false, true, true, true, false});
        table.setExpendable(1);
        Limit nearest = rows[0];
        for (Limit row : rows) {
            if (row.canBeRaised() && row.isNearerThan(nearest)) {
                nearest = row;
            }
            table.add(
                    colours && row.isNear() ? Colour.RED : null,
                    row.resource(),
                    row.description(),
                    row.limit().toString(),
                    row.used() == null ? "-" : row.used().toString(),
                    row.share(),
                    row.sysctl() == null ? "-" : row.sysctl());
        }
        for (String line : table.lines(true,
                Terminal.is(Terminal.OUTPUT) ? Terminal.width() : Table.UNLIMITED)) {
            out.line(line);
        }
        out.line("");
        out.line("pages of " + page + " bytes: " + pages(usage.pages(), page) + ", of which "
                + pages(usage.residentPages(), page) + " in memory and " + pages(usage.swappedPages(), page)
                + " swapped out");
        out.line("to raise " + nearest.resource() + ", as root: sysctl -w " + nearest.howToRaise());
    }

    private static String pages(long pages, long size) {
        BigInteger number = unsigned(pages);
        return number + " (" + Sizes.format(number.multiply(BigInteger.valueOf(size))) + ")";
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static void printJson(Output out, Limit[] rows, Usage usage, long page, boolean rmidForced)
            throws Output.Failed {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("limits");
        json.beginArray();
        for (Limit row : rows) {
            json.beginObject();
            json.name("resource");
            json.value(row.resource());
            json.name("description");
            json.value(row.description());
            json.name("limit");
            json.value(row.limit());
            json.name("used");
            json.value(row.used());
            json.name("percent");
            json.value(row.percent());
            json.name("sysctl");
            json.value(row.sysctl());
            json.endObject();
        }
        json.endArray();
        json.name("rmidforced");
        json.value(rmidForced);
        json.name("usage");
        json.beginObject();
        json.name("pagesize");
        json.value(page);
        json.name("blocks");
        json.value(usage.blocks());
        json.name("pages");
        json.value(unsigned(usage.pages()));
        json.name("residentpages");
        json.value(unsigned(usage.residentPages()));
        json.name("swappedpages");
        json.value(unsigned(usage.swappedPages()));
        json.endObject();
        json.endObject();
        out.line(json.toString());
    }
}
