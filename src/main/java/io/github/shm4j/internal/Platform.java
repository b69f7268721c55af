package io.github.shm4j.internal;

import java.lang.foreign.Linker;

/**
 * Decides, once for each JVM, whether the generated bindings may be used here.
 *
 * <p>The bindings carry structure layouts and constants that hold for one family of systems. Anywhere else they would read
 * and write the wrong bytes. So every use begins with {@link #require()}. Every method that names one of their constants
 * does so too, because initialising a generated class is a restricted operation. The two fields here are constants to the
 * just-in-time compiler, which removes the check from compiled code.
 */
public final class Platform {

    /** Why this system is not supported, or {@code null} if it is. */
    private static final String UNSUPPORTED =
            whyUnsupported(System.getProperty("os.name"), System.getProperty("os.arch"));

    /** Why this module may not call native code, or {@code null} if it may. */
    private static final String DENIED = UNSUPPORTED == null ? whyDenied() : null;

    private Platform() {}

    /**
     * Returns normally if native calls can be made.
     *
     * @throws UnsupportedOperationException if the generated layouts do not fit this system
     * @throws IllegalCallerException if the JVM denies native access to this module
     */
    public static void require() {
        if (UNSUPPORTED != null) {
            throw new UnsupportedOperationException(UNSUPPORTED);
        }
        if (DENIED != null) {
            throw new IllegalCallerException(DENIED);
        }
    }

    /** {@return whether {@link #require()} returns normally} */
    static boolean isUsable() {
        return UNSUPPORTED == null && DENIED == null;
    }

    private static String whyUnsupported(String os, String arch) {
        boolean known =
                switch (arch) {
                    case "amd64", "x86_64", "aarch64", "riscv64", "s390x" -> true;
                    default -> false;
                };
        // The symbol tells glibc from musl and bionic, whose structures are not the ones that were bound.
        if (known && os.equals("Linux") && hasSymbol("gnu_get_libc_version")) {
            return null;
        }
        return "shm4j supports 64-bit Linux with glibc on x86_64, aarch64, riscv64 and s390x; found " + os + " on "
                + arch + (known && os.equals("Linux") ? " without glibc" : "");
    }

    private static boolean hasSymbol(String name) {
        return Linker.nativeLinker().defaultLookup().find(name).isPresent();
    }

    private static String whyDenied() {
        try {
            // A JVM that only warns about missing native access prints its warning here, and the call succeeds.
            Restricted.probe();
            return null;
        } catch (IllegalCallerException denied) {
            Module module = Platform.class.getModule();
            String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
            return "The JVM denies native access to shm4j: start it with --enable-native-access=" + name
                    + " (in an executable jar: the manifest entry Enable-Native-Access: ALL-UNNAMED)";
        }
    }
}
