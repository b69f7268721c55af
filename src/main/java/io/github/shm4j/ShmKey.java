package io.github.shm4j;

import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.ShmCalls;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Objects;

/**
 * The name by which processes find a block: a {@code key_t}, 32 bits.
 *
 * <p>Processes that share a block must use the same key: they agree on a number, or compute it from a file with
 * {@link #ftok(Path, int)}. All programs of an IPC namespace share one flat space of keys. Nothing stops another program
 * from using the same key, so {@link SharedMemory#create(ShmKey, long)} fails if a block has it already.
 *
 * @param value the number; any value is possible, negative ones included
 */
public record ShmKey(int value) {

    /**
     * The key {@code IPC_PRIVATE}, 0, which never names a block. To create with it always makes a new block, which other
     * processes find by its id only.
     */
    public static final ShmKey PRIVATE = new ShmKey(0);

    private static final long LARGEST_UNSIGNED = 0xffff_ffffL;

    private static final File KERNEL_RANDOM = new File("/dev/urandom");

    /**
     * Returns a key with a value.
     *
     * @param value the number
     * @return the key
     */
    public static ShmKey of(int value) {
        return new ShmKey(value);
    }

    /**
     * Computes a key from a file and a project id, as {@code ftok(3)} does.
     *
     * <p>The key consists of the low 8 bits of the project id, the low 8 bits of the file's device number and the low 16
     * bits of its inode number. So every name of the same file gives the same key: symbolic links, hard links and a new
     * name. A file that is deleted and created anew may give another key. Two files may give the same key, since most bits
     * of the inode number are not in it. The contents of the file do not matter, and it need not be readable.
     *
     * <p>In C and in PHP a project is often given as a character: {@code 'j'} here is the same number. PHP's
     * {@code ftok($file, "0")} is {@code ftok(file, '0')}, the character's code 48. Perl's default project id is 1.
     *
     * @param file an existing file or directory
     * @param projectId a number of which the low 8 bits count and must not all be 0
     * @return the key, never {@link #PRIVATE}
     * @throws IllegalArgumentException if the low 8 bits of the project id are 0, for which POSIX does not say what
     *     happens; or if the path is empty, is not of the default file system, or has characters that the platform's
     *     encoding of file names cannot represent
     * @throws ShmException if the file cannot be found or reached
     */
    public static ShmKey ftok(Path file, int projectId) throws ShmException {
        byte[] name = nativeName(file);
        if ((projectId & 0xff) == 0) {
            throw new IllegalArgumentException("projectId is " + projectId
                    + "; its low 8 bits must not all be 0: use 1 to 255, or a character such as 'j'");
        }
        Platform.requireLinux();
        Map<String, Object> identity;
        try {
            identity = Files.readAttributes(file, "unix:dev,ino");
        } catch (IOException | UnsupportedOperationException refused) {
            return ask(file, projectId, name);
        }
        return of(file, projectId, (Long) identity.get("dev"), (Long) identity.get("ino"));
    }

    /**
     * Computes the key as the C library does: all of them do it so, as otherwise programs of two of them would not meet. To
     * call it would take longer, as it has to be linked first.
     */
    private static ShmKey of(Path file, int projectId, long device, long inode) {
        if (isMinusOne(projectId, device, inode)) {
            throw new IllegalArgumentException("ftok(\"" + file + "\", " + projectId
                    + ") is 0xffffffff, which C programs take for a failure: choose another project id");
        }
        return new ShmKey((projectId & 0xff) << 24 | (int) (device & 0xff) << 16 | (int) (inode & 0xffff));
    }

    /** Asks the C library, whose {@code errno} says what is wrong with the file. */
    private static ShmKey ask(Path file, int projectId, byte... name) throws ShmException {
        long key;
        try (Arena arena = Arena.ofConfined()) {
            // One more byte than the name has: the terminating zero.
            MemorySegment path = arena.allocate(name.length + 1L);
            MemorySegment.copy(name, 0, path, ValueLayout.JAVA_BYTE, 0, name.length);
            key = ShmCalls.ftok(path, projectId);
        }
        // 0 cannot be the key of this project id: ftok has failed, and the thread's errno is still 0.
        if (key <= 0) {
            throw Failures.ftok(file, projectId, (int) -key);
        }
        return new ShmKey((int) key);
    }

    /**
     * Reads a key as {@code ipcs}, {@code ipcrm} and {@link #toString()} write it.
     *
     * @param text a number in hexadecimal with the prefix {@code 0x}, in octal with the prefix {@code 0}, or in decimal;
     *     at most 32 bits, where values from 2<sup>31</sup> on stand for the negative keys with the same bits; a decimal
     *     number may have a minus sign
     * @return the key
     * @throws IllegalArgumentException if the text is not such a number
     */
    public static ShmKey parse(String text) {
        Objects.requireNonNull(text, "text");
        try {
            long value;
            if (text.startsWith("0x") || text.startsWith("0X")) {
                value = parseDigits(text.substring(2), 16);
            } else if (text.length() > 1 && text.startsWith("0")) {
                value = parseDigits(text.substring(1), 8);
            } else if (text.startsWith("-")) {
                value = -parseDigits(text.substring(1), 10);
            } else {
                value = parseDigits(text, 10);
            }
            if (value >= Integer.MIN_VALUE && value <= LARGEST_UNSIGNED) {
                return new ShmKey((int) value);
            }
        } catch (NumberFormatException malformed) {
            // The message below tells more than the parser's.
        }
        throw new IllegalArgumentException("\"" + text
                + "\" is not a key; expected 32 bits in hexadecimal (0x33010024),"
                + " octal (06300200044) or decimal (855703588)");
    }

    /**
     * Returns a key that nobody can guess and that is unlikely to be in use.
     *
     * <p>The value comes from the kernel's random numbers ({@code /dev/urandom}) or, where these cannot be read, from a
     * {@link SecureRandom}, and is neither 0 nor -1. With 32 bits a collision is rare but possible: create with it
     * exclusively and, on {@link ShmAlreadyExistsException}, draw another one.
     *
     * @return a new key
     */
    public static ShmKey random() {
        return random(KERNEL_RANDOM);
    }

    /** Draws a second time from the JDK only: of a source that is not the kernel's, all numbers may be alike. */
    static ShmKey random(File source) {
        int value = drawn(source);
        while (value == PRIVATE.value || value == -1) {
            value = Random.SOURCE.nextInt();
        }
        return new ShmKey(value);
    }

    // By hand: the first call of what a record has of itself makes the JVM generate it, which costs a short program milliseconds.

    /** {@return whether the other object is a key with the same value} */
    @Override
    public boolean equals(Object other) {
        return other instanceof ShmKey that && value == that.value;
    }

    @Override
    public int hashCode() {
        return value;
    }

    /** {@return the key as {@code ipcs} prints it, such as {@code 0x33010024}} */
    @Override
    public String toString() {
        // Without string concatenation, whose first use costs a short program milliseconds.
        byte[] text = {'0', 'x', '0', '0', '0', '0', '0', '0', '0', '0'};
        int rest = value;
        for (int i = text.length - 1; i > 1; i--) {
            text[i] = (byte) Character.forDigit(rest & 0xf, 16);
            rest >>>= 4;
        }
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static long parseDigits(String digits, int radix) {
        // Long.parseLong would also take another sign, and the digits of all scripts.
        for (int i = 0; i < digits.length(); i++) {
            char digit = digits.charAt(i);
            if (digit > 'f' || Character.digit(digit, radix) < 0) {
                throw new NumberFormatException();
            }
        }
        return Long.parseLong(digits, radix);
    }

    private static byte[] nativeName(Path file) {
        if (file.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException("\"" + file + "\" is not a file of the default file system");
        }
        String name = file.toString();
        if (name.isEmpty()) {
            throw new IllegalArgumentException(
                    "file is the empty path; name a file, or \".\" for the working directory");
        }
        // C resolves relative names against the process's directory, the JDK against user.dir.
        name = file.toAbsolutePath().toString();
        // A name with bytes that are no characters in the platform's encoding would reach C as another name.
        if (!Path.of(name).equals(file.toAbsolutePath())) {
            throw new IllegalArgumentException("\"" + name + "\" has bytes that cannot be represented as characters");
        }
        try {
            ByteBuffer encoded = Charset.forName(
                    System.getProperty("sun.jnu.encoding", System.getProperty("native.encoding")))
                    .newEncoder()
                    .encode(CharBuffer.wrap(name));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException unmappable) {
            throw new IllegalArgumentException("\"" + name + "\" cannot be written in the encoding of file names",
                    unmappable);
        }
    }

    /** {@return whether the key that {@code ftok} makes of these numbers is -1} */
    static boolean isMinusOne(int projectId, long device, long inode) {
        return (projectId & 0xff) == 0xff && (device & 0xff) == 0xff && (inode & 0xffff) == 0xffff;
    }

    /** Draws from the kernel itself: to set up a {@link SecureRandom} takes a short program as long as all the rest. */
    private static int drawn(File source) {
        try (FileInputStream kernel = new FileInputStream(source)) {
            byte[] bytes = new byte[Integer.BYTES];
            if (kernel.read(bytes) == bytes.length) {
                return ByteBuffer.wrap(bytes).getInt();
            }
        } catch (IOException unreadable) {
            // The JDK may know another source.
        }
        return Random.SOURCE.nextInt();
    }

    /** A class of its own, so that only programs pay for seeding that have no other way. */
    private static final class Random {
        private static final SecureRandom SOURCE = new SecureRandom();

        private Random() {}
    }
}
