package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which systems are supported, and what is said of the others. */
class PlatformTest {

    private static final String SUPPORTED =
            "shm4j supports 64-bit Linux with glibc on x86_64, aarch64, riscv64, s390x and ppc64le; found ";

    @ParameterizedTest
    @ValueSource(strings = {"amd64", "x86_64", "aarch64", "riscv64", "s390x", "ppc64le"})
    void shouldSupportLinuxWithGlibc(String arch) {
        assertNull(Platform.whyUnsupported("Linux", arch, () -> true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"amd64", "ppc64le"})
    void shouldSayOfAnotherLibraryThatItWasNeverRunWithIt(String arch) {
        assertEquals(
                SUPPORTED + "Linux on " + arch
                        + " with another C library (musl?), with which shm4j has never been run: use glibc",
                Platform.whyUnsupported("Linux", arch, () -> false));
    }

    @ParameterizedTest
    @CsvSource({"Linux, ppc64", "Linux, x86", "Linux, arm", "Linux, loongarch64", "Mac OS X, aarch64",
        "Windows 11, amd64"})
    void shouldNameAnotherSystemWithoutAskingForItsLibrary(String os, String arch) {
        assertEquals(SUPPORTED + os + " on " + arch, Platform.whyUnsupported(os, arch, () -> fail("asked")));
    }

    @Test
    void shouldSupportThisMachine() {
        Platform.require();
    }
}
