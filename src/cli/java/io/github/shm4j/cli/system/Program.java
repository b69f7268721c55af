package io.github.shm4j.cli.system;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** This program as others start it. */
public final class Program {

    private static final int GIBIBYTE_BITS = 30;

    private Program() {}

    /** {@return the jar or the directory that this program was loaded from} */
    public static Path codeSource() {
        try {
            return Path.of(
                    Program.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException impossible) {
            throw new AssertionError("the class loader made a location that is no URI", impossible);
        }
    }

    /**
     * {@return what starts it from a shell with room for so many bytes, without the launcher, which passes no options to the JVM}
     * Arguments follow.
     */
    public static String commandWithHeapOf(long bytes) {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        return quote(java) + " -Xmx" + ((bytes >> GIBIBYTE_BITS) + 1) + "g -jar " + quote(codeSource());
    }

    private static String quote(Path path) {
        String text = path.toString();
        return text.matches("[\\w./+-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
