package io.github.shm4j.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Reads a C string as text. */
final class Text {

    private Text() {}

    /**
     * {@return the bytes before the first zero, or all if there is none, as text that is harmless to a terminal}
     *
     * <p>They are copied at once: another process may change them at any time.
     */
    static String untilZero(MemorySegment range) {
        byte[] bytes = new byte[(int) Math.min(length(range), Integer.MAX_VALUE - 8)];
        MemorySegment.copy(range, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        StringBuilder text = new StringBuilder();
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            text.append(Printable.escape(out.flip().toString()));
            out.clear();
            if (!result.isError()) {
                return text.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                text.append(Printable.byteEscape(in.get()));
            }
        }
    }

    private static long length(MemorySegment range) {
        long length = 0;
        while (length < range.byteSize() && isNotZero(range, length)) {
            length++;
        }
        return length;
    }

    private static boolean isNotZero(MemorySegment range, long at) {
        return range.get(ValueLayout.JAVA_BYTE, at) != 0;
    }
}
