package io.github.shm4j.cli.terminal;

import org.jline.utils.WCWidth;

/**
 * Makes foreign text, such as the command lines of processes, harmless to a terminal.
 *
 * <p>Any user can give a process any name. Escape sequences in it could recolour the screen, move the cursor, or forge rows.
 */
public final class Printable {

    private Printable() {}

    /** {@return the text, with escapes for all characters that are not plainly visible} */
    public static String escape(String text) {
        int length = text.length();
        int at = 0;
        while (at < length && isPlain(text.charAt(at))) {
            at++;
        }
        if (at == length) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(length + 16).append(text, 0, at);
        while (at < length) {
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            switch (character) {
                case '\t' -> escaped.append("\\t");
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\\' -> escaped.append("\\\\");
                default -> {
                    if (isVisible(character)) {
                        escaped.appendCodePoint(character);
                    } else if (character <= 0xff) {
                        escaped.append("\\x").append(hex(character, 2));
                    } else if (character <= 0xffff) {
                        escaped.append("\\u").append(hex(character, 4));
                    } else {
                        escaped.append("\\U").append(hex(character, 8));
                    }
                }
            }
        }
        return escaped.toString();
    }

    private static boolean isPlain(char character) {
        return character >= ' ' && character < 0x7f && character != '\\';
    }

    /** Control characters act on the terminal. Format characters mislead readers: some reverse the direction of text. */
    private static boolean isVisible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            default -> true;
        };
    }

    /** {@return the escape of a byte that is no character} */
    static String byteEscape(byte value) {
        return "\\x" + hex(value & 0xff, 2);
    }

    private static String hex(int value, int digits) {
        String hex = Integer.toHexString(value);
        return "0".repeat(digits - hex.length()) + hex;
    }

    /** {@return how many columns of a terminal an escaped text takes} */
    static int width(String text) {
        int width = 0;
        for (int at = 0; at < text.length(); at++) {
            char character = text.charAt(at);
            if (character >= 0x80) {
                return wideWidth(text);
            }
            width++;
        }
        return width;
    }

    private static int wideWidth(String text) {
        int width = 0;
        for (int at = 0; at < text.length();) {
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            width += Math.max(0, WCWidth.wcwidth(character));
        }
        return width;
    }

    /** {@return as much of an escaped text as fits a width, with an ellipsis if it is cut} */
    public static String cut(String text, int width) {
        if (width(text) <= width) {
            return text;
        }
        int end = 0;
        int used = 0;
        while (true) {
            int character = text.codePointAt(end);
            int more = character < 0x80 ? 1 : Math.max(0, WCWidth.wcwidth(character));
            if (used + more > width - 1) {
                return width > 0 ? text.substring(0, end) + "…" : "";
            }
            used += more;
            end += Character.charCount(character);
        }
    }
}
