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

    /** A time on the axis of a chart, where only powers of ten stand. */
    static String time(double nanos) {
        if (nanos >= 1e9) {
            return number(nanos / 1e9).replaceAll("\\.0+$", "") + " s";
        }
        if (nanos >= 1e6) {
            return number(nanos / 1e6).replaceAll("\\.0+$", "") + " ms";
        }
        if (nanos >= 1e3) {
            return number(nanos / 1e3).replaceAll("\\.0+$", "") + " µs";
        }
        return number(nanos).replaceAll("\\.0+$", "") + " ns";
    }
}
