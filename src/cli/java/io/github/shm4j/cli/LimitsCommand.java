package io.github.shm4j.cli;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmLimits;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.ShmUsage;
import java.io.IOException;
import java.math.BigInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code shm4j limits}. */
@Command(
        name = "limits",
        description = {
            "Shows the limits of this IPC namespace, how much of each is used, and what share that is.",
            "For SHMMAX, what is used is the size of the largest block. An administrator changes the limits with sysctl"
                    + " kernel.shmmni, kernel.shmall and kernel.shmmax."
        })
final class LimitsCommand extends Subcommand {

    /** From here on a share of a limit is shown in colour. */
    private static final int NEAR = 80;

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON, with all digits of numbers that may have more than 63 bits.")
    private boolean json;

    /** One limit; {@code used} is {@code null} if the kernel does not count towards it. */
    private record Limit(String resource, String description, BigInteger limit, BigInteger used) {

        /** The share in per cent, rounded up, so that 0 means nothing and 100 all. */
        BigInteger percent() {
            if (used == null || limit.signum() == 0) {
                return null;
            }
            BigInteger[] quotient = used.multiply(BigInteger.valueOf(100)).divideAndRemainder(limit);
            return quotient[1].signum() == 0 ? quotient[0] : quotient[0].add(BigInteger.ONE);
        }
    }

    @Override
    int run(Output out) throws IOException {
        ShmLimits limits = ShmLimits.current();
        ShmUsage usage = ShmUsage.current();
        long largest = 0;
        for (ShmStatus block : SharedMemory.list()) {
            largest = Math.max(largest, block.size());
        }
        Limit[] rows = {
            new Limit("SHMMNI", "blocks", BigInteger.valueOf(limits.maxBlocks()), BigInteger.valueOf(usage.blocks())),
            new Limit("SHMALL", "pages of all blocks", limits.maxPages(), BigInteger.valueOf(usage.totalPages())),
            new Limit("SHMMAX", "bytes of the largest block", limits.maxSize(), BigInteger.valueOf(largest)),
            new Limit("SHMMIN", "bytes of the smallest block", BigInteger.valueOf(limits.minSize()), null)
        };
        long page = PageSize.bytes();
        if (json) {
            printJson(out, rows, usage, page);
        } else {
            printTable(out, rows, usage, page);
        }
        return DONE;
    }

    private static void printTable(Output out, Limit[] rows, ShmUsage usage, long page) throws Output.Failed {
        boolean colours = Terminal.hasColours();
        Table table = new Table(
                new String[] {"RESOURCE", "DESCRIPTION", "LIMIT", "USED", "USE%"},
                new boolean[] {false, false, true, true, true});
        table.setExpendable(1);
        for (Limit row : rows) {
            BigInteger percent = row.percent();
            boolean near = percent != null && percent.compareTo(BigInteger.valueOf(NEAR)) >= 0;
            table.add(
                    colours && near ? Colour.RED : null,
                    row.resource(),
                    row.description(),
                    row.limit().toString(),
                    row.used() == null ? "-" : row.used().toString(),
                    percent == null ? "-" : percent + "%");
        }
        for (String line : table.lines(true,
                Terminal.is(Terminal.OUTPUT) ? Terminal.width() : Table.UNLIMITED)) {
            out.line(line);
        }
        out.line("");
        out.line("pages of " + page + " bytes: " + usage.totalPages() + " (" + Sizes.format(usage.totalPages() * page)
                + "), of which " + usage.residentPages() + " (" + Sizes.format(usage.residentPages() * page)
                + ") in memory and " + usage.swappedPages() + " (" + Sizes.format(usage.swappedPages() * page)
                + ") swapped out");
    }

    private static void printJson(Output out, Limit[] rows, ShmUsage usage, long page) throws Output.Failed {
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
            json.endObject();
        }
        json.endArray();
        json.name("usage");
        json.beginObject();
        json.name("pagesize");
        json.value(page);
        json.name("blocks");
        json.value(usage.blocks());
        json.name("pages");
        json.value(usage.totalPages());
        json.name("residentpages");
        json.value(usage.residentPages());
        json.name("swappedpages");
        json.value(usage.swappedPages());
        json.endObject();
        json.endObject();
        out.line(json.toString());
    }
}
