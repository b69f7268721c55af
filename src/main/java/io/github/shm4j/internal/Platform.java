package io.github.shm4j.internal;

import java.lang.foreign.Linker;
import java.util.function.BooleanSupplier;

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
            whyUnsupported(System.getProperty("os.name"), System.getProperty("os.arch"), Platform::hasGlibc);

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

    /**
     * {@return why a system is not supported, or {@code null} if it is}
     *
     * @param hasGlibc tells whether its C library is glibc; not asked of systems that are not Linux on a known processor
     */
    static String whyUnsupported(String os, String arch, BooleanSupplier hasGlibc) {
        boolean known =
                switch (arch) {
                    case "amd64", "x86_64", "aarch64", "riscv64", "s390x", "ppc64le" -> true;
                    default -> false;
                };
        boolean foreignLibrary = known && os.equals("Linux") && !hasGlibc.getAsBoolean();
        if (known && os.equals("Linux") && !foreignLibrary) {
            return null;
        }
        // For x86_64, the headers of musl 1.2.3 agree with the bindings in all that the library uses. But the library has
        // never run with musl, so this refuses it.
        return "shm4j supports 64-bit Linux with glibc on x86_64, aarch64, riscv64, s390x and ppc64le; found " + os
                + " on "
                + arch
                + (foreignLibrary ? " with another C library (musl?), with which shm4j has never been run: use glibc"
                        : "");
    }

    private static boolean hasGlibc() {
        return Linker.nativeLinker().defaultLookup().find("gnu_get_libc_version").isPresent();
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
