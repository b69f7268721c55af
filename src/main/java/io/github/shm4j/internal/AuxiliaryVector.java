package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel has told this process at its start: pairs of words, a type and a value, in {@code /proc/self/auxv}. The C
 * library has from there what {@code getpagesize} returns, and to link that function takes milliseconds.
 */
final class AuxiliaryVector {

    private static final Path FILE = Path.of("/proc/self/auxv");

    /** {@code AT_PAGESZ} of the kernel's linux/auxvec.h. */
    private static final long PAGE_SIZE = 6;

    private AuxiliaryVector() {}

    /** {@return the size of an ordinary page in bytes, or 0 if the file cannot be read or does not say} */
    static long pageSize() {
        try {
            return pageSize(Files.readAllBytes(FILE));
        } catch (IOException unreadable) {
            return 0;
        }
    }

    static long pageSize(byte[] vector) {
        ByteBuffer words = ByteBuffer.wrap(vector).order(ByteOrder.nativeOrder());
        while (words.remaining() >= 2 * Long.BYTES) {
            long type = words.getLong();
            long value = words.getLong();
            if (type == PAGE_SIZE) {
                return Long.bitCount(value) == 1 && value > 0 ? value : 0;
            }
        }
        return 0;
    }
}
