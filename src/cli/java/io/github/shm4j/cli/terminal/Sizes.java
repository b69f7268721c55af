package io.github.shm4j.cli.terminal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Parses and formats sizes in bytes, such as {@code 1.5M}. */
public final class Sizes {

    private static final String UNITS = "KMGTPE";

    /** With the units that a total of blocks can reach and one block cannot. */
    private static final String UNITS_OF_TOTALS = UNITS + "ZY";

    private Sizes() {}

    /**
     * Reads a size: a number of bytes, which may have a unit behind it, {@code K}, {@code M}, {@code G}, {@code T},
     * {@code P} or {@code E}, and with that a fraction, if it makes whole bytes: {@code 1.5K}. As in the util-linux
     * tools these, and with {@code iB}, are powers of 1024, with {@code B} powers of 1000.
     *
     * @throws IllegalArgumentException if the text is no such size or more than 63 bits
     */
    public static long parse(String text) {
        int digits = digits(text, 0);
        int end = digits > 0 && text.startsWith(".", digits) ? digits(text, digits + 1) : digits;
        boolean fraction = end > digits;
        long factor = factorOrZero(text.substring(end));
        if (digits > 0 && end != digits + 1 && factor > (fraction ? 1 : 0)) {
            try {
                return fraction
                        ? wholeBytes(text, new BigDecimal(text.substring(0, end)).multiply(BigDecimal.valueOf(factor)))
                        : Math.multiplyExact(Long.parseLong(text.substring(0, digits)), factor);
            } catch (ArithmeticException | NumberFormatException tooLarge) {
                throw new IllegalArgumentException(
                        "size \"" + text + "\" is too large; at most " + Long.MAX_VALUE + " bytes", tooLarge);
            }
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" is not a size; expected bytes, such as 4096, or with a unit: 4K, 1GiB, 10MB");
    }

    /** {@return where the digits end that begin somewhere} */
    private static int digits(String text, int begin) {
        int end = begin;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }

    private static long wholeBytes(String text, BigDecimal bytes) {
        if (bytes.stripTrailingZeros().scale() > 0) {
            throw new IllegalArgumentException("size \"" + text + "\" is no whole number of bytes");
        }
        return bytes.longValueExact();
    }

    private static long factorOrZero(String unit) {
        if (unit.isEmpty() || unit.equals("B")) {
            return 1;
        }
        int power = UNITS.indexOf(Character.toUpperCase(unit.charAt(0))) + 1;
        String rest = unit.substring(1);
        long base = rest.isEmpty() || rest.equals("iB") ? 1024 : rest.equals("B") ? 1000 : 0;
        long factor = power == 0 || base == 0 ? 0 : 1;
        for (int i = 0; i < power; i++) {
            factor *= base;
        }
        return factor;
    }

    /** Appends a size in the largest unit that it reaches, with one decimal place unless that is 0. */
    public static void append(StringBuilder text, long bytes) {
        if (bytes < 1024) {
            text.append(bytes).append('B');
            return;
        }
        int power = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        long unit = 1L << 10 * power;
        long whole = bytes / unit;
        // Ten times the rest of exbibytes would be too large for a long, and their last bits do not matter.
        int shift = power == UNITS.length() ? 10 : 0;
        long tenths = ((bytes % unit >> shift) * 10 / (unit >> shift + 1) + 1) / 2;
        if (tenths == 10) {
            whole++;
            tenths = 0;
        }
        if (whole == 1024 && power < UNITS.length()) {
            whole = 1;
            power++;
        }
        text.append(whole);
        if (tenths != 0) {
            text.append('.').append(tenths);
        }
        text.append(UNITS.charAt(power - 1));
    }

    /** {@return the number of bytes in words, such as {@code "1 byte"}} */
    public static String inBytes(long bytes) {
        return count(bytes, "byte");
    }

    /** {@return a number and a noun, in the plural unless the number is 1} */
    public static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    public static String format(long bytes) {
        StringBuilder text = new StringBuilder();
        append(text, bytes);
        return text.toString();
    }

    /** {@return a total of sizes, which may have more bits than a long} */
    public static String format(BigInteger bytes) {
        if (bytes.bitLength() < Long.SIZE) {
            return format(bytes.longValue());
        }
        int power = Math.min((bytes.bitLength() - 1) / 10, UNITS_OF_TOTALS.length());
        BigDecimal amount = in(bytes, power);
        if (amount.compareTo(BigDecimal.valueOf(1024)) >= 0 && power < UNITS_OF_TOTALS.length()) {
            power++;
            amount = in(bytes, power);
        }
        return amount.stripTrailingZeros().toPlainString() + UNITS_OF_TOTALS.charAt(power - 1);
    }

    private static BigDecimal in(BigInteger bytes, int power) {
        return new BigDecimal(bytes).divide(new BigDecimal(BigInteger.ONE.shiftLeft(10 * power)), 1,
                RoundingMode.HALF_UP);
    }
}
