package io.github.shm4j.internal;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** The kernel's settings of the IPC namespace that this process lives in, from {@code /proc/sys/kernel}. */
public final class KernelSettings {

    private static final File DIRECTORY = new File("/proc/sys/kernel");

    /** More than any setting has that is a number. */
    private static final int LONGEST = 64;

    private KernelSettings() {}

    /** {@return whether the kernel removes blocks at their last detach; {@code false} if that cannot be read} */
    public static boolean isRmidForced() {
        try {
            String setting = read("shm_rmid_forced");
            return !setting.isEmpty() && !setting.equals("0");
        } catch (IOException unreadable) {
            return false;
        }
    }

    /**
     * {@return a setting that is a number of up to 64 bits without a sign}
     *
     * @throws IOException if it cannot be read or is no such number, as where something else has been mounted over the file
     */
    public static BigInteger number(String name) throws IOException {
        return number(name, read(name));
    }

    static BigInteger number(String name, String setting) throws IOException {
        for (int i = 0; i < setting.length(); i++) {
            if (setting.charAt(i) < '0' || setting.charAt(i) > '9') {
                throw notANumber(name);
            }
        }
        if (setting.isEmpty()) {
            throw notANumber(name);
        }
        BigInteger number = new BigInteger(setting);
        if (number.bitLength() > Long.SIZE) {
            throw notANumber(name);
        }
        return number;
    }

    private static IOException notANumber(String name) {
        return new IOException(new File(DIRECTORY, name) + ": not a number of 64 bits");
    }

    private static String read(String name) throws IOException {
        try (FileInputStream file = new FileInputStream(new File(DIRECTORY, name))) {
            byte[] setting = new byte[LONGEST];
            // With one read call: the kernel answers only the first one for such a file.
            int length = file.read(setting);
            return new String(setting, 0, Math.max(length, 0), StandardCharsets.US_ASCII).strip();
        }
    }
}
