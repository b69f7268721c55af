package io.github.shm4j.state;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the pictures of a latest value's memory to the constants. */
class LatestValueLayoutPictureTest {

    private static final Pattern ROW = Pattern.compile("^[ *]*(\\d+) {2,}([48]) {2,}(\\w.*)$", Pattern.MULTILINE);

    @ParameterizedTest
    @ValueSource(strings = {"src/main/java/io/github/shm4j/state/LatestValue.java", "docs/latest-value-protocol.md"})
    void shouldShowEachFieldWhereItIs(String file) throws Exception {
        String text = Files.readString(PROJECT.resolve(file));
        int begin = text.indexOf("offset  size");
        assertTrue(begin > 0, file);
        int end = text.indexOf("B buffers of n bytes", begin);
        String picture = text.substring(begin, end);

        Map<Long, String> shown = new TreeMap<>();
        Matcher row = ROW.matcher(picture);
        while (row.find()) {
            shown.put(Long.parseLong(row.group(1)), row.group(3));
        }
        Map<Long, String> fields = new TreeMap<>();
        for (Class<?> format : new Class<?>[] {Format.class, LatestValueFormat.class}) {
            for (Field constant : format.getDeclaredFields()) {
                if (constant.getName().endsWith("_OFFSET")) {
                    fields.put(constant.getLong(null), constant.getName());
                }
            }
        }
        assertEquals(fields.keySet(), shown.keySet());
        Map<String, String> others = Map.of("NUMBER", "number of buffers B", "LENGTH", "record size n");
        fields.forEach((offset, constant) -> {
            String name = constant.replace("_OFFSET", "");
            String words = others.getOrDefault(name, name.toLowerCase().replace('_', ' '));
            assertTrue(shown.get(offset).startsWith(words), () -> shown.get(offset) + " is " + words);
        });
        assertTrue(picture.contains("0x" + Long.toHexString(LatestValueFormat.MAGIC)), picture);
        assertTrue(Pattern.compile("version,? " + LatestValueFormat.VERSION + "\\b").matcher(picture).find(), picture);
        assertTrue(picture.stripTrailing().endsWith("" + LatestValueFormat.BUFFERS_BEGIN), picture);
        assertTrue(text.contains("from " + LatestValueFormat.LEAST_BUFFERS + " to " + LatestValueFormat.MOST_BUFFERS));
    }
}
