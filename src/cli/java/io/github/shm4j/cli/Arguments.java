package io.github.shm4j.cli;

import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts the values of options and parameters, with messages that say what was expected. */
final class Arguments {

    private Arguments() {}

    abstract static class Converter<T> implements ITypeConverter<T> {

        @Override
        public final T convert(String value) {
            try {
                return parse(value);
            } catch (IllegalArgumentException malformed) {
                throw new TypeConversionException(malformed.getMessage());
            }
        }

        abstract T parse(String value);
    }

    static final class Key extends Converter<ShmKey> {
        @Override
        ShmKey parse(String value) {
            return ShmKey.parse(value);
        }
    }

    static final class Size extends Converter<Long> {
        @Override
        Long parse(String value) {
            return Sizes.parse(value);
        }
    }

    static final class Age extends Converter<Long> {
        @Override
        Long parse(String value) {
            return Ages.parse(value);
        }
    }

    static final class Timeout extends Converter<Duration> {
        @Override
        Duration parse(String value) {
            return Ages.parseDuration(value);
        }
    }

    /** Three or four octal digits, as chmod takes them, or nine letters, as {@code ls -l} shows them. */
    static final class Permissions extends Converter<ShmPermissions> {

        private static final String LETTERS = "rwxrwxrwx";

        @Override
        ShmPermissions parse(String value) {
            int mode = value.length() == LETTERS.length() ? fromLetters(value) : fromDigits(value);
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
            for (int i = 0; i < LETTERS.length(); i++) {
                mode <<= 1;
                if (value.charAt(i) == LETTERS.charAt(i)) {
                    mode |= 1;
                } else if (value.charAt(i) != '-') {
                    return -1;
                }
            }
            return mode;
        }
    }

    /** A user, by name or number. */
    static final class User extends Converter<Long> {
        @Override
        Long parse(String value) {
            return Accounts.users(false).number(value);
        }
    }
}
