package io.github.shm4j.cli.terminal;

import java.util.Arrays;

/**
 * Writes bytes as {@code hexdump -C} does: 16 bytes a line in hexadecimal and ASCII, one {@code *} for lines that repeat the
 * one before, and at the end the offset behind the last byte.
 */
public final class HexDump {

    private static final byte[] DIGITS =
            {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private static final int LINE = 16;

    private final Output out;
    private final byte[] line = new byte[LINE];
    private final byte[] previous = new byte[LINE];
    private long offset;
    private int filled;
    private boolean hasPrevious;
    private boolean skipping;
    private boolean any;

    /**
     * @param offset the offset of the first byte
     */
    public HexDump(Output out, long offset) {
        this.out = out;
        this.offset = offset;
    }

    public void add(byte[] bytes, int length) throws Output.Failed {
        for (int i = 0; i < length; i++) {
            line[filled++] = bytes[i];
            if (filled == LINE) {
                endLine();
            }
        }
        any |= length > 0;
    }

    /** Writes what is left. */
    public void end() throws Output.Failed {
        if (filled > 0) {
            endLine();
        }
        if (any) {
            printOffset();
            out.write('\n');
        }
    }

    private void endLine() throws Output.Failed {
        if (filled == LINE && hasPrevious && Arrays.equals(line, previous)) {
            if (!skipping) {
                out.write('*');
                out.write('\n');
                skipping = true;
            }
        } else {
            skipping = false;
            print();
        }
        System.arraycopy(line, 0, previous, 0, LINE);
        hasPrevious = true;
        offset += filled;
        filled = 0;
    }

    private void print() throws Output.Failed {
        printOffset();
        out.write(' ');
        for (int i = 0; i < LINE; i++) {
            if (i == LINE / 2) {
                out.write(' ');
            }
            out.write(' ');
            out.write(i < filled ? DIGITS[line[i] >> 4 & 0xf] : ' ');
            out.write(i < filled ? DIGITS[line[i] & 0xf] : ' ');
        }
        out.write(' ');
        out.write(' ');
        out.write('|');
        for (int i = 0; i < filled; i++) {
            out.write(line[i] >= ' ' && line[i] < 0x7f ? line[i] : '.');
        }
        out.write('|');
        out.write('\n');
    }

    private void printOffset() throws Output.Failed {
        int digits = Math.max(8, (Long.SIZE - Long.numberOfLeadingZeros(offset) + 3) / 4);
        for (int i = digits - 1; i >= 0; i--) {
            out.write(DIGITS[(int) (offset >>> 4 * i) & 0xf]);
        }
    }
}
