package io.github.shm4j.benchmarks.suite;

import java.time.LocalTime;
import java.time.temporal.ChronoUnit;

/** Tells the user how far it is. */
public final class Log {

    private Log() {}

    public static void say(String format, Object... arguments) {
        System.out.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + "  " + String.format(format, arguments));
    }
}
