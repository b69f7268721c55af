package io.github.shm4j.cli.terminal;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Writes JSON (RFC 8259).
 *
 * <p>To load a library for this would take longer than all of {@code shm4j list}.
 */
public final class JsonWriter {

    private static final int INDENT = 3;

    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean empty = true;
    private boolean named;

    public void beginObject() {
        begin('{');
    }

    public void endObject() {
        end('}');
    }

    public void beginArray() {
        begin('[');
    }

    public void endArray() {
        end(']');
    }

    /** Writes the name of the member whose value comes next. */
    public void name(String name) {
        separate();
        quote(name);
        text.append(": ");
        named = true;
    }

    /** Writes a string, or null. */
    public void value(String value) {
        separate();
        if (value == null) {
            text.append("null");
        } else {
            quote(value);
        }
    }

    public void value(long value) {
        separate();
        text.append(value);
    }

    /** Writes a number with all its digits, or null. RFC 8259 sets no bound. The documentation warns readers that round. */
    public void value(BigInteger value) {
        separate();
        text.append(value);
    }

    /** Writes a number that has a fraction, or null. */
    public void value(BigDecimal value) {
        separate();
        text.append(value);
    }

    public void value(boolean value) {
        separate();
        text.append(value);
    }

    /** {@return what has been written} */
    @Override
    public String toString() {
        return text.toString();
    }

    private void begin(char bracket) {
        separate();
        text.append(bracket);
        depth++;
        empty = true;
    }

    private void end(char bracket) {
        depth--;
        if (!empty) {
            newLine();
        }
        text.append(bracket);
        empty = false;
    }

    private void separate() {
        if (named) {
            named = false;
        } else if (depth > 0) {
            if (!empty) {
                text.append(',');
            }
            newLine();
        }
        empty = false;
    }

    private void newLine() {
        text.append('\n');
        for (int i = depth * INDENT; i > 0; i--) {
            text.append(' ');
        }
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char character = value.charAt(i);
            switch (character) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (mustEscape(value, i)) {
                        String hex = Integer.toHexString(character);
                        text.append("\\u");
                        text.append("0000", 0, 4 - hex.length());
                        text.append(hex);
                    } else {
                        text.append(character);
                    }
                }
            }
        }
        text.append('"');
    }

    /** Beyond what JSON demands: characters that a terminal acts on, and lone surrogates, which UTF-8 cannot encode. */
    private static boolean mustEscape(String value, int at) {
        char character = value.charAt(at);
        if (character < 0x7f) {
            return character < ' ';
        }
        if (Character.isHighSurrogate(character)) {
            return at + 1 == value.length() || !Character.isLowSurrogate(value.charAt(at + 1));
        }
        if (Character.isLowSurrogate(character)) {
            return at == 0 || !Character.isHighSurrogate(value.charAt(at - 1));
        }
        return Character.isISOControl(character) || Character.getType(character) == Character.FORMAT
                || character == '\u2028' || character == '\u2029';
    }
}
