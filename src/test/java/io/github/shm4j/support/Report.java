package io.github.shm4j.support;

import io.github.shm4j.ShmException;

/** Prints what a child process reports to its test: one line for each call that it tried. */
public final class Report {

    private Report() {}

    /** Prints a name and how a call ended, such as "attach: ShmAccessDeniedException EACCES". */
    public static void say(String name, Outcome.Call call) {
        System.out.println(name + ": " + Outcome.of(call));
    }

    /** Prints a name and a value. */
    public static void tell(String name, Object value) {
        System.out.println(name + ": " + value);
    }

    /** Prints a name and the message of the exception that a call must throw. */
    public static void message(String name, Outcome.Call call) throws Exception {
        try {
            call.run();
            System.out.println(name + ": no exception");
        } catch (ShmException refused) {
            System.out.println(name + ": " + refused.getMessage());
        }
    }

    /** Waits for a line from the test; its text, or an empty one if the test has gone. */
    public static String await() {
        StringBuilder line = new StringBuilder();
        try {
            for (int c = System.in.read(); c >= 0 && c != '\n'; c = System.in.read()) {
                line.append((char) c);
            }
        } catch (java.io.IOException broken) {
            throw new java.io.UncheckedIOException(broken);
        }
        return line.toString();
    }
}
