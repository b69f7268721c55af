package io.github.shm4j.cli.command;

import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.cli.system.Accounts;
import io.github.shm4j.cli.system.RawArguments;
import io.github.shm4j.cli.terminal.Ages;
import io.github.shm4j.cli.terminal.Key;
import io.github.shm4j.cli.terminal.Sizes;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converters of the values of options and parameters. Their messages state what was expected. */
public final class Arguments {

    private static final String PERMISSIONS_IN_LETTERS = "rwxrwxrwx";

    private Arguments() {}

    /** {@return the block with a key or an id; key 0 is allowed, and many blocks can have it} */
    public static BlockArgument block(String value) {
        return value.startsWith(BlockArgument.ID_PREFIX) ? BlockArgument.parse(value, true)
                : new BlockArgument(value, ShmKey.parse(value), -1);
    }

    /** {@return permissions of three or four octal digits, as chmod takes them, or nine letters, as {@code ls -l} shows them} */
    public static ShmPermissions permissions(String value) {
        int mode = value.length() == PERMISSIONS_IN_LETTERS.length() ? fromLetters(value) : fromDigits(value);
        if (mode < 0) {
            throw new IllegalArgumentException("\"" + value
                    + "\" are no permissions; expected octal digits, such as 640 or 0640, or letters: rw-r-----");
        }
        return ShmPermissions.ofWorldWritable(mode);
    }

    private static int fromDigits(String value) {
        boolean digits = value.length() == 3 || value.length() == 4 && value.charAt(0) == '0';
        for (int i = 0; i < value.length(); i++) {
            digits &= value.charAt(i) >= '0' && value.charAt(i) <= '7';
        }
        return digits ? Integer.parseInt(value, 8) : -1;
    }

    private static int fromLetters(String value) {
        int mode = 0;
        for (int i = 0; i < PERMISSIONS_IN_LETTERS.length(); i++) {
            mode <<= 1;
            if (value.charAt(i) == PERMISSIONS_IN_LETTERS.charAt(i)) {
                mode |= 1;
            } else if (value.charAt(i) != '-') {
                return -1;
            }
        }
        return mode;
    }

    /** {@return the number of a user, who is given by name or number} */
    public static long user(String value) {
        return Accounts.users(false).number(value);
    }

    public static Path path(String value) {
        return RawArguments.path(value);
    }

    public abstract static class Converter<T> implements ITypeConverter<T> {

        @Override
        public final T convert(String value) {
            try {
                return parse(value);
            } catch (IllegalArgumentException malformed) {
                throw new TypeConversionException(malformed.getMessage());
            }
        }

        public abstract T parse(String value);
    }

    public static final class Key extends Converter<ShmKey> {
        @Override
        public ShmKey parse(String value) {
            return ShmKey.parse(value);
        }
    }

    public static final class Block extends Converter<BlockArgument> {
        @Override
        public BlockArgument parse(String value) {
            return block(value);
        }
    }

    public static final class Size extends Converter<Long> {
        @Override
        public Long parse(String value) {
            return Sizes.parse(value);
        }
    }

    public static final class Age extends Converter<Long> {
        @Override
        public Long parse(String value) {
            return Ages.parse(value);
        }
    }

    public static final class Timeout extends Converter<Duration> {
        @Override
        public Duration parse(String value) {
            return Ages.parseDuration(value);
        }
    }

    public static final class Permissions extends Converter<ShmPermissions> {
        @Override
        public ShmPermissions parse(String value) {
            return permissions(value);
        }
    }

    public static final class User extends Converter<Long> {
        @Override
        public Long parse(String value) {
            return user(value);
        }
    }

    public static final class FileName extends Converter<Path> {

        /** {@return one, of a type for which the JVM loads no class of picocli before this is called} */
        public static ITypeConverter<Path> converter() {
            return new FileName();
        }

        @Override
        public Path parse(String value) {
            return path(value);
        }
    }
}
