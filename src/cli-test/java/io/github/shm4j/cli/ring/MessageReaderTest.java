package io.github.shm4j.cli.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.cli.ring.MessageReader.Framing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MessageReaderTest {

    /** Gives at most so many bytes at once, as a pipe may. */
    private static final class Dribble extends ByteArrayInputStream {

        private final int most;

        Dribble(byte[] bytes, int most) {
            super(bytes);
            this.most = most;
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, most));
        }
    }

    private static byte[] message(MessageReader reader) {
        return reader.segment().asSlice(reader.begin(), reader.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static List<String> messages(MessageReader reader) throws IOException {
        List<String> messages = new ArrayList<>();
        while (reader.next()) {
            messages.add(new String(message(reader), UTF_8));
        }
        assertFalse(reader.next());
        return messages;
    }

    private static MessageReader reader(String input, Framing framing, int longest) {
        return new MessageReader(new Dribble(input.getBytes(UTF_8), 3), framing, longest);
    }

    private static String refused(MessageReader reader) {
        return assertThrows(IOException.class, () -> messages(reader)).getMessage();
    }

    @Test
    void shouldEndMessagesWithTheLine() throws IOException {
        assertEquals(List.of("one", "", "three\r", "f\0ur"),
                messages(reader("one\n\nthree\r\nf\0ur\n", Framing.LINES, 9)));
    }

    @Test
    void shouldEndMessagesWithZeros() throws IOException {
        assertEquals(List.of("one\n", "", "three"), messages(reader("one\n\0\0three\0", Framing.NULL, 9)));
    }

    @Test
    void shouldTakeALastLineThatIsNotEndedForAMessage() throws IOException {
        assertEquals(List.of("one", "two"), messages(reader("one\ntwo", Framing.LINES, 9)));
        assertEquals(List.of("one"), messages(reader("one", Framing.NULL, 9)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindNothingInNothing(Framing framing) throws IOException {
        assertEquals(List.of(), messages(reader("", framing, 9)));
    }

    @Test
    void shouldReadLengths() throws IOException {
        assertEquals(List.of("a\n\0", "", "bc"),
                messages(reader("\0\0\0\3a\n\0\0\0\0\0\0\0\0\2bc", Framing.LENGTH_PREFIXED, 9)));
    }

    @Test
    void shouldSayWhichMessageIsTooLongAndWhatIsSent() throws IOException {
        assertEquals("line 1 has 5 bytes, and a message of this ring at most 4; nothing was sent",
                refused(reader("abcde\nx\n", Framing.LINES, 4)));
        assertEquals("line 2 has more than 4 bytes, and a message of this ring at most 4; 1 message was sent",
                refused(new MessageReader(new Dribble("abcd\nabcdefgh".getBytes(UTF_8), 1), Framing.LINES, 4)));
        assertEquals("message 3 has more than 4 bytes, and a message of this ring at most 4; 2 messages were sent",
                refused(reader("\0\0abcde", Framing.NULL, 4)));
        assertEquals("message 2 at byte 5 has a length of 4294967295 bytes, and a message of this ring at most 4;"
                + " 1 message was sent",
                refused(new MessageReader(
                        new ByteArrayInputStream(new byte[] {0, 0, 0, 1, 'a', -1, -1, -1, -1, 0}),
                        Framing.LENGTH_PREFIXED, 4)));
    }

    @Test
    void shouldSayWhereAnInputOfLengthsIsCutOff() {
        assertEquals("standard input ends at byte 7, within the length of message 2, which begins at byte 5;"
                + " 1 message was sent", refused(reader("\0\0\0\1a\0\0", Framing.LENGTH_PREFIXED, 4)));
        assertEquals("standard input ends at byte 6, within message 1, which begins at byte 0 and has a length of 3;"
                + " nothing was sent", refused(reader("\0\0\0\3ab", Framing.LENGTH_PREFIXED, 4)));
    }

    @Test
    void shouldSayThatTheInputCannotBeRead() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Is a directory");
            }
        };
        assertEquals("cannot read standard input: Is a directory; nothing was sent",
                refused(new MessageReader(broken, Framing.LINES, 4)));
    }

    @ParameterizedTest
    @EnumSource
    void shouldCutLargeInputsHoweverTheyCome(Framing framing) throws IOException {
        int longest = 300_000;
        Random random = new Random(17);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream input = new DataOutputStream(bytes);
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int length = i % 50 == 0 ? longest - i : random.nextInt(2000);
            byte[] message = new byte[length];
            for (int j = 0; j < length; j++) {
                message[j] = (byte) (framing == Framing.LENGTH_PREFIXED ? random.nextInt() : 'a' + random.nextInt(26));
            }
            expected.add(message);
            if (framing == Framing.LENGTH_PREFIXED) {
                input.writeInt(length);
            }
            input.write(message);
            if (framing != Framing.LENGTH_PREFIXED) {
                input.write(framing == Framing.LINES ? '\n' : 0);
            }
        }
        for (int most : new int[] {997, 65_536, Integer.MAX_VALUE}) {
            MessageReader reader = new MessageReader(new Dribble(bytes.toByteArray(), most), framing, longest);
            for (byte[] message : expected) {
                assertTrue(reader.next());
                assertEquals(-1, Arrays.mismatch(message, message(reader)));
                assertTrue(reader.segment().byteSize() <= 2 * longest, "what it keeps");
            }
            assertFalse(reader.next());
        }
    }

    @Test
    void shouldKeepNoMoreThanOneMessage() throws IOException {
        long enough = 1L << 28;
        long[] given = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("one by one");
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (given[0] >= enough) {
                    return -1;
                }
                Arrays.fill(target, offset, offset + length, (byte) 'x');
                target[offset] = '\n';
                given[0] += length;
                return length;
            }
        };
        MessageReader reader = new MessageReader(endless, Framing.LINES, 1 << 17);
        long total = 0;
        while (reader.next()) {
            total += reader.length() + 1;
        }
        assertEquals(given[0], total - 1);
        assertTrue(reader.segment().byteSize() <= 1 << 17);
    }
}
