package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {

    private static String shown(byte[] bytes, int part) throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        Output out = new Output(target, StandardCharsets.UTF_8);
        Text text = new Text(out);
        // Once more, as the same object shows one message after the other.
        for (int round = 0; round < 2; round++) {
            for (int at = 0; at < bytes.length; at += part) {
                byte[] piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + part));
                text.add(piece, piece.length);
            }
            text.end();
            out.write('|');
        }
        out.flush();
        String both = target.toString(StandardCharsets.UTF_8);
        String one = both.substring(0, both.length() / 2);
        assertEquals(one + one, both);
        return one.substring(0, one.length() - 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8191, 8192, 8193, 100_000})
    void shouldShowTheSameHoweverTheBytesCome(int part) throws IOException {
        String text = "größe 漢字 😀\t".repeat(1500);
        assertEquals(text.replace("\t", "\\t"), shown(text.getBytes(StandardCharsets.UTF_8), part));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100})
    void shouldEscapeWhatIsNotText(int part) throws IOException {
        byte[] bytes = {'a', (byte) 0xff, 0, 0x1b, '[', '\\', '\n', (byte) 0xc3, 'b', (byte) 0xe2, (byte) 0x82};
        assertEquals("a\\xff\\x00\\x1b[\\\\\\n\\xc3b\\xe2\\x82", shown(bytes, part));
    }

    @Test
    void shouldShowNothingOfNothing() throws IOException {
        assertEquals("", shown(new byte[0], 1));
    }
}
