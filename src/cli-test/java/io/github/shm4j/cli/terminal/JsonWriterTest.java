package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What this writes, a parser of others reads. */
class JsonWriterTest {

    private static final ObjectMapper PARSER = new ObjectMapper();

    private final JsonWriter json = new JsonWriter();

    @Test
    void shouldWriteEveryKindOfValue() throws JsonProcessingException {
        json.beginObject();
        json.name("numbers");
        json.beginArray();
        json.value(0);
        json.value(Long.MIN_VALUE);
        json.value(Long.MAX_VALUE);
        json.value(new BigInteger("18446744073692774399"));
        json.endArray();
        json.name("nothing");
        json.value((String) null);
        json.name("no number");
        json.value((BigInteger) null);
        json.name("yes");
        json.value(true);
        json.name("no object");
        json.beginObject();
        json.endObject();
        json.name("no array");
        json.beginArray();
        json.endArray();
        json.name("objects");
        json.beginArray();
        for (int i = 0; i < 2; i++) {
            json.beginObject();
            json.name("i");
            json.value(i);
            json.endObject();
        }
        json.endArray();
        json.endObject();
        assertEquals(
                PARSER.readTree(
                        """
                                {"numbers": [0, -9223372036854775808, 9223372036854775807, 18446744073692774399],
                                 "nothing": null, "no number": null, "yes": true, "no object": {}, "no array": [],
                                 "objects": [{"i": 0}, {"i": 1}]}
                                """),
                PARSER.readTree(json.toString()));
    }

    @Test
    void shouldWriteAnyCharacterSoThatItComesBack() throws JsonProcessingException {
        StringBuilder all = new StringBuilder();
        for (int character = 0; character <= 0xffff; character++) {
            all.append((char) character);
        }
        assertComesBack(all.toString());
        Random random = new Random(4);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                text.append(random.nextBoolean() ? (char) random.nextInt(0xd7f0, 0xe010)
                        : (char) random.nextInt(0, 0x100));
            }
            assertComesBack(text.toString());
        }
    }

    @Test
    void shouldWriteNothingThatActsOnATerminal() {
        json.value("\033[2J\u009b2J\u007f\u202e");
        assertEquals("\"\\u001b[2J\\u009b2J\\u007f\\u202e\"", json.toString());
    }

    private static void assertComesBack(String text) throws JsonProcessingException {
        JsonWriter json = new JsonWriter();
        json.beginArray();
        json.value(text);
        json.endArray();
        byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
        String read = new String(bytes, StandardCharsets.UTF_8);
        assertFalse(read.indexOf('\ufffd') >= 0 && text.indexOf('\ufffd') < 0, "half a surrogate pair was lost");
        JsonNode array = PARSER.readTree(read);
        assertTrue(array.get(0).isTextual());
        assertEquals(text, array.get(0).textValue());
    }
}
