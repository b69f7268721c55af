package io.github.shm4j.benchmarks.report;

import java.util.Locale;

/** Numbers as people read them. */
final class Units {

    private Units() {}

    /** A size in bytes: {@code 64 KiB}. */
    static String bytes(long bytes) {
        if (bytes >= 1 << 20) {
            return bytes / (1 << 20) + " MiB";
        }
        return bytes >= 1 << 10 ? bytes / (1 << 10) + " KiB" : bytes + " B";
    }

    /** Three digits, or all that stand before the point. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        double magnitude = Math.abs(value);
        int decimals = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** A value with its error, to as many decimals as the value itself has. */
    static String withError(Sample sample) {
        double value = sample.median();
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return number(value) + " ± " + String.format(Locale.ROOT, "%,." + decimals + "f", sample.error());
    }

    /** A ratio: {@code 1.05 ×}. */
    static String times(double ratio) {
        return Double.isNaN(ratio) ? "–" : number(ratio) + " ×";
    }

    /** A time: {@code 1.25 µs}. */
    static String time(double nanos) {
        if (nanos >= 1e9) {
            return plain(nanos / 1e9) + " s";
        }
        if (nanos >= 1e6) {
            return plain(nanos / 1e6) + " ms";
        }
        return nanos >= 1e3 ? plain(nanos / 1e3) + " µs" : plain(nanos) + " ns";
    }

    /** A number without zeros at its end: what stands at the axis of a chart. */
    static String plain(double value) {
        String digits = number(value);
        return digits.contains(".") ? digits.replaceAll("\\.?0+$", "") : digits;
    }
}
