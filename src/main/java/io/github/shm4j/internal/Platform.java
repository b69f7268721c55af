package io.github.shm4j.internal;

import java.lang.foreign.Linker;
import java.util.function.BooleanSupplier;

/**
 * Decides, once for each JVM, whether the generated bindings may be used here.
 *
 * <p>The bindings carry structure layouts and constants that hold for one family of systems. Anywhere else they would read
 * and write the wrong bytes. So every use begins with {@link #require()}. Every method that names one of their constants
 * does so too, because initialising a generated class is a restricted operation. The fields here are constants to the
 * just-in-time compiler, which removes the check from compiled code.
 *
 * <p>What only reads the kernel's files begins with {@link #requireLinux()}: it depends neither on the C library nor on
 * native access, and to ask for these sets up the JVM's linker, which takes half as long as a whole JVM that prints a line.
 */
public final class Platform {

    /** Why this is no kernel or processor that the library knows, or {@code null} if it is one. */
    private static final String UNKNOWN = whyUnknown(System.getProperty("os.name"), System.getProperty("os.arch"));

    private Platform() {}

    /** What a native call depends on besides, in a class of its own, which the JVM initialises on first use. */
    private static final class Native {

        /** Why this system is not supported, or {@code null} if it is. */
        private static final String UNSUPPORTED =
                whyUnsupported(System.getProperty("os.name"), System.getProperty("os.arch"), Platform::hasGlibc);

        /** Why this module may not call native code, or {@code null} if it may. */
        private static final String DENIED = UNSUPPORTED == null ? whyDenied() : null;

        private Native() {}
    }

    /**
     * Returns normally if the kernel's files mean here what the library takes them for.
     *
     * @throws UnsupportedOperationException if this is not Linux on a processor that the library knows
     */
    public static void requireLinux() {
        if (UNKNOWN != null) {
            throw new UnsupportedOperationException(UNKNOWN);
        }
    }

    /**
     * Returns normally if native calls can be made.
     *
     * @throws UnsupportedOperationException if the generated layouts do not fit this system
     * @throws IllegalCallerException if the JVM denies native access to this module
     */
    public static void require() {
        if (Native.UNSUPPORTED != null) {
            throw new UnsupportedOperationException(Native.UNSUPPORTED);
        }
        if (Native.DENIED != null) {
            throw new IllegalCallerException(Native.DENIED);
        }
    }

    /** {@return whether {@link #require()} returns normally} */
    static boolean isUsable() {
        return Native.UNSUPPORTED == null && Native.DENIED == null;
    }

    /**
     * {@return why a system is not supported, or {@code null} if it is}
     *
     * @param hasGlibc tells whether its C library is glibc; not asked of systems that are not Linux on a known processor
     */
    static String whyUnsupported(String os, String arch, BooleanSupplier hasGlibc) {
        String unknown = whyUnknown(os, arch);
        if (unknown != null || hasGlibc.getAsBoolean()) {
            return unknown;
        }
        // For x86_64, the headers of musl 1.2.3 agree with the bindings in all that the library uses. But the library has
        // never run with musl, so this refuses it.
        return found(os, arch) + " with another C library (musl?), with which shm4j has never been run: use glibc";
    }

    private static String whyUnknown(String os, String arch) {
        boolean known =
                switch (arch) {
                    case "amd64", "x86_64", "aarch64", "riscv64", "s390x", "ppc64le" -> os.equals("Linux");
                    default -> false;
                };
        return known ? null : found(os, arch);
    }

    private static String found(String os, String arch) {
        return "shm4j supports 64-bit Linux with glibc on x86_64, aarch64, riscv64, s390x and ppc64le; found " + os
                + " on " + arch;
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
