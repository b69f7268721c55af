package io.github.shm4j.cli.terminal;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Shows bytes as text that is harmless to a terminal: UTF-8, with escapes for bytes that are not. */
public final class Text {

    private static final int PART = 1 << 13;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    private final ByteBuffer in = ByteBuffer.allocate(PART);
    private final CharBuffer characters = CharBuffer.allocate(PART);
    private final Output out;

    public Text(Output out) {
        this.out = out;
    }

    /** Shows the bytes before the first zero, or all if there is none. */
    public static void showUntilZero(MemorySegment range, Output out) throws Output.Failed {
        Text text = new Text(out);
        byte[] part = new byte[PART];
        boolean more = true;
        for (long at = 0; more && at < range.byteSize(); at += part.length) {
            // Copied first, because another process may change the bytes at any time.
            int count = (int) Math.min(part.length, range.byteSize() - at);
            MemorySegment.copy(range, ValueLayout.JAVA_BYTE, at, part, 0, count);
            int length = 0;
            while (length < count && part[length] != 0) {
                length++;
            }
            text.add(part, length);
            more = length == count;
        }
        text.end();
    }

    /** {@return bytes as text with escapes} */
    public static String escape(byte[] bytes) {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try {
            Output out = new Output(target, StandardCharsets.UTF_8);
            Text text = new Text(out);
            text.add(bytes, bytes.length);
            text.end();
            out.flush();
        } catch (Output.Failed impossible) {
            throw new AssertionError("memory can be written", impossible);
        }
        return target.toString(StandardCharsets.UTF_8);
    }

    /** Shows bytes. The bytes of an incomplete character at the end wait for the next call. */
    public void add(byte[] bytes, int length) throws Output.Failed {
        for (int at = 0; at < length;) {
            int part = Math.min(length - at, in.remaining());
            in.put(bytes, at, part);
            at += part;
            decode(false);
        }
    }

    /** Shows what is left. */
    public void end() throws Output.Failed {
        decode(true);
        decoder.reset();
    }

    private void decode(boolean end) throws Output.Failed {
        in.flip();
        CoderResult result;
        do {
            result = decoder.decode(in, characters, end);
            out.print(Printable.escape(characters.flip().toString()));
            characters.clear();
            for (int i = 0; result.isError() && i < result.length(); i++) {
                out.print(Printable.byteEscape(in.get()));
            }
        } while (!result.isUnderflow());
        in.compact();
    }
}
