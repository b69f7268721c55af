package io.github.shm4j.broadcast;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.structure.Format;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the pictures of a broadcast ring's memory to the constants. */
class BroadcastLayoutPictureTest {

    private static final Pattern ROW = Pattern.compile("^[ *]*(\\d+) {2,}([48]) {2,}(\\w.*)$", Pattern.MULTILINE);
    private static final Pattern PART = Pattern.compile("^[ *]*(\\d+) {8,}(\\w.*)$", Pattern.MULTILINE);

    @ParameterizedTest
    @ValueSource(strings = {
        "src/main/java/io/github/shm4j/broadcast/BroadcastRing.java",
        "docs/broadcast-protocol.md"
    })
    void shouldShowEachFieldWhereItIs(String file) throws Exception {
        String text = Files.readString(PROJECT.resolve(file));
        int begin = text.indexOf("offset  size");
        assertTrue(begin > 0, file);
        String picture = text.substring(begin, text.indexOf("\n", text.indexOf("C bytes of records", begin)));

        Map<Long, String> shown = new TreeMap<>();
        Matcher row = ROW.matcher(picture);
        while (row.find()) {
            shown.put(Long.parseLong(row.group(1)), row.group(2) + " " + row.group(3));
        }
        Map<Long, String> fields = new TreeMap<>();
        for (Class<?> format : new Class<?>[] {Format.class, BroadcastFormat.class}) {
            for (Field constant : format.getDeclaredFields()) {
                if (constant.getName().endsWith("_OFFSET")) {
                    fields.put(constant.getLong(null), constant.getName());
                }
            }
        }
        assertEquals(fields.keySet(), shown.keySet());
        Map<String, String> others = Map.of("NUMBER", "number of marks", "LENGTH", "capacity C");
        fields.forEach((offset, constant) -> {
            String name = constant.replace("_OFFSET", "");
            String size = name.equals("READERS_SLEEP") || name.equals("VERSION") || name.equals("NUMBER") ? "4 " : "8 ";
            String words = size + others.getOrDefault(name, name.toLowerCase().replace('_', ' '));
            assertTrue(shown.get(offset).startsWith(words), () -> shown.get(offset) + " is " + words);
        });
        assertTrue(picture.contains("0x" + Long.toHexString(BroadcastFormat.MAGIC)), picture);
        assertTrue(Pattern.compile("version,? " + BroadcastFormat.VERSION + "\\b").matcher(picture).find(), picture);
        assertTrue(Pattern.compile("number of marks.*, " + BroadcastFormat.MARKS + "\\b").matcher(picture).find(),
                picture);

        Map<Long, String> parts = new TreeMap<>();
        Matcher part = PART.matcher(picture);
        while (part.find()) {
            parts.put(Long.parseLong(part.group(1)), part.group(2).replaceAll(" {3,}.*", ""));
        }
        String marks = " marks of " + BroadcastFormat.MARK_LENGTH + " bytes";
        assertEquals(
                Map.of(
                        BroadcastFormat.NEWEST_MARKS, BroadcastFormat.MARKS + " newest" + marks,
                        BroadcastFormat.OLDEST_MARKS, BroadcastFormat.MARKS + " oldest" + marks,
                        BroadcastFormat.RECORDS, "C bytes of records"),
                parts);
    }

    @Test
    void shouldSayInTheProtocolWhatIsInAMarkAndInARecord() throws Exception {
        String text = Files.readString(PROJECT.resolve("docs/broadcast-protocol.md"));
        assertTrue(text.contains("at " + BroadcastFormat.MARK_POSITION + " the **position**"));
        assertTrue(text.contains("at " + BroadcastFormat.MARK_MESSAGES + " how many **messages**"));
        assertTrue(text.contains("at " + BroadcastFormat.MARK_BYTES + " how many **bytes**"));
        for (long marks : new long[] {BroadcastFormat.NEWEST_MARKS, BroadcastFormat.OLDEST_MARKS}) {
            assertTrue(text.contains("`" + marks + " + " + BroadcastFormat.MARK_LENGTH + " (k mod "
                    + BroadcastFormat.MARKS + ")`"));
        }
        assertTrue(text.contains("a power of two from " + BroadcastFormat.LEAST_CAPACITY + " to 2^"
                + Long.numberOfTrailingZeros(BroadcastFormat.GREATEST_CAPACITY)));
        assertTrue(text.contains("| " + BroadcastFormat.PADDING_TYPE + ", length"));
        assertTrue(text.contains("length ≥ " + BroadcastFormat.RECORD_HEADER + " | **message** of length - "
                + BroadcastFormat.RECORD_HEADER));
        assertTrue(text.contains("`1024 + C` bytes") && BroadcastFormat.RECORDS == 1024);
        assertEquals(1024 + 4096, BroadcastRing.sizeFor(4096));
    }
}
