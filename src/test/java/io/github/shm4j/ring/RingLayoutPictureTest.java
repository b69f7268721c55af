package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the pictures of a ring's memory to the constants. */
class RingLayoutPictureTest {

    private static final Path PROJECT = Path.of(System.getProperty("shm4j.test.basedir"));

    /** Offset, size and what is there; or, within a slot, no offset. */
    private static final Pattern ROW =
            Pattern.compile("^[ *]*(\\d+)? {2,}(\\d+) {2,}((?!S slots)\\S.*)$", Pattern.MULTILINE);

    private record Part(long size, String name) {}

    @ParameterizedTest
    @ValueSource(strings = {"src/main/java/io/github/shm4j/ring/RingBuffer.java", "docs/ring-protocol.md"})
    void shouldShowEachFieldWhereItIs(String file) throws Exception {
        String picture = picture(file);
        Map<Long, Part> shown = new TreeMap<>();
        List<Part> slot = new ArrayList<>();
        Matcher row = ROW.matcher(picture);
        while (row.find()) {
            Part part = new Part(Long.parseLong(row.group(2)), row.group(3));
            if (row.group(1) == null) {
                slot.add(part);
            } else {
                assertEquals(null, shown.put(Long.parseLong(row.group(1)), part), row::group);
            }
        }

        Map<Long, String> fields = fields();
        assertTrue(fields.size() > 15, fields::toString);
        long end = 0;
        for (Map.Entry<Long, Part> entry : shown.entrySet()) {
            assertTrue(entry.getKey() >= end, () -> entry + " overlaps what is before it");
            end = entry.getKey() + entry.getValue().size();
            // One row may stand for several fields that follow each other.
            for (long offset = entry.getKey(); offset < end; offset += Long.BYTES) {
                String field = fields.remove(offset);
                assertTrue(field != null, entry + " shows a field that is none, at " + offset);
                if (entry.getValue().size() <= Long.BYTES) {
                    assertTrue(words(entry.getValue().name()).startsWith(field), () -> entry + " is the " + field);
                }
            }
        }
        assertEquals(Map.of(), fields, "the fields that are not shown");
        assertTrue(end <= RingLayout.SLOTS_BEGIN, "the fields overlap the slots");

        assertEquals(
                List.of(
                        RingLayout.SLOT_OWNER,
                        RingLayout.SLOT_CLAIM,
                        RingLayout.SLOT_FAILED,
                        RingLayout.SLOT_SUCCESSIONS),
                List.of(0L, 8L, 16L, 24L),
                "each has 8 bytes");
        assertEquals(4, slot.size(), slot::toString);
        assertTrue(slot.stream().allMatch(part -> part.size() == 8), slot::toString);
        assertTrue(slot.get(0).name().startsWith("producer"), slot::toString);
        assertTrue(slot.get(1).name().startsWith("claim"), slot::toString);
        assertTrue(slot.get(2).name().startsWith("failed claims"), slot::toString);
        assertTrue(slot.get(3).name().startsWith("producer successions"), slot::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"src/main/java/io/github/shm4j/ring/RingBuffer.java", "docs/ring-protocol.md"})
    void shouldShowTheNumbersThatAreThere(String file) throws IOException {
        String picture = picture(file);
        contains(picture, "magic (number )?0x" + Long.toHexString(RingLayout.MAGIC) + "\\b");
        contains(picture, "version,? " + RingLayout.VERSION + "\\b");
        contains(picture, "kind: " + RingLayout.SPSC + " SPSC, " + RingLayout.MPSC + " MPSC");
        contains(picture, "\\b" + RingLayout.SLOTS_BEGIN + ":? {2,}S slots of " + RingLayout.SLOT_LENGTH + " bytes");
        contains(picture, RingLayout.SLOTS_BEGIN + " ?\\+ ?" + RingLayout.SLOT_LENGTH + "S {2,}C {2,}records");
        assertEquals(RingLayout.SLOTS_BEGIN + 5 * RingLayout.SLOT_LENGTH, RingLayout.dataOffset(5));
    }

    private static void contains(String picture, String pattern) {
        assertTrue(Pattern.compile(pattern).matcher(picture).find(), () -> pattern + " is not in\n" + picture);
    }

    /** Returns the part of a file that shows the layout. */
    private static String picture(String file) throws IOException {
        String text = Files.readString(PROJECT.resolve(file));
        int begin = text.indexOf("offset  size");
        assertTrue(begin > 0, () -> file + " shows no layout");
        Matcher last = Pattern.compile("S +C +records").matcher(text);
        assertTrue(last.find(begin), () -> file + " does not show where the records are");
        return text.substring(begin, last.end());
    }

    /** Returns what is at each offset, in the words that its constant's name has. */
    private static Map<Long, String> fields() throws IllegalAccessException {
        Map<Long, String> fields = new TreeMap<>();
        for (Field constant : RingLayout.class.getDeclaredFields()) {
            String name = constant.getName();
            if (name.endsWith("_OFFSET")) {
                fields.put(constant.getLong(null), words(name.substring(0, name.length() - "_OFFSET".length())));
            }
        }
        return fields;
    }

    /** "PRODUCER_SLEEP" and "producers sleep" are the same words. */
    private static String words(String text) {
        return text.toLowerCase().replace('_', ' ').replace("number of ", "").replaceAll("(?<=\\w)s\\b", "");
    }
}
