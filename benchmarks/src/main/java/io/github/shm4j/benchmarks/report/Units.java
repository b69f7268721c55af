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
        return format(value, decimals(value));
    }

    private static int decimals(double value) {
        double magnitude = Math.abs(value);
        if (magnitude >= 0.995) {
            return magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
        }
        return magnitude == 0 ? 0 : 2 - (int) Math.floor(Math.log10(magnitude));
    }

    private static String format(double value, int decimals) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    /** A value with its error, if one is known, to as many decimals as the value itself has. */
    static String withError(Sample sample) {
        double value = sample.median();
        return sample.count() == 1 ? number(value)
                : number(value) + " ± " + format(sample.error(), decimals(value));
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
