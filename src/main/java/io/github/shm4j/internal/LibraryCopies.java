package io.github.shm4j.internal;

import java.util.Properties;

/**
 * How often the library was loaded in this JVM: two class loaders can have a copy each, of which none knows what the other one does.
 *
 * <p>They know of each other by a system property.
 */
public final class LibraryCopies {

    private static final String PROPERTY = "io.github.shm4j.copies";

    static {
        Properties properties = System.getProperties();
        synchronized (properties) {
            properties.setProperty(PROPERTY, properties.getProperty(PROPERTY) == null ? "1" : "several");
        }
    }

    private LibraryCopies() {}

    /** Initializes this class now: one that could not be, on an exhausted stack for one, is of no use for ever. */
    public static void prepare() {}

    /** {@return whether certainly no other copy of the library was loaded until now} */
    public static boolean isOnly() {
        return "1".equals(System.getProperty(PROPERTY));
    }
}
