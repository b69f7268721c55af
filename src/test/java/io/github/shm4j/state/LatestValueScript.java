package io.github.shm4j.state;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Does to a latest value what short commands say: {@code create 40}, {@code open}, {@code writer}, {@code write}, which writes
 * the record of a version, {@code read}, {@code version}, {@code close}; {@code take-over}, and {@code write-next}, which writes the
 * record of the next version; and, after something was thrown, {@code leave}.
 *
 * <p>Of a record that was read, it notes the version if each byte is as it has to be.
 */
public final class LatestValueScript implements Consumer<String> {

    /** What is noted instead of the version of a record that is not whole. */
    static final String TORN = "torn: ";

    /** What is noted where somebody else has taken the role over. */
    static final String LOST = "lost";

    private final MemorySegment memory;
    private final List<String> notes;
    private LatestValue value;
    private LatestValueWriter writer;

    public LatestValueScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
        this.notes = notes;
    }

    @Override
    public void accept(String commands) {
        for (String command : commands.split("; ")) {
            try {
                execute(command.split(" "));
            } catch (ValueRoleLostException lost) {
                notes.add(LOST);
            }
        }
    }

    private void execute(String[] command) {
        switch (command[0]) {
            case "create" -> value = LatestValue.create(memory, Long.parseLong(command[1]));
            case "open" -> value = LatestValue.open(memory, Duration.ZERO);
            case "writer" -> writer = value.writer();
            case "take-over" -> writer = writer == null ? value.takeOverWriter() : writer;
            case "write" -> writer.write(record(value.size(), Long.parseLong(command[1])));
            case "read" -> {
                MemorySegment target = MemorySegment.ofArray(new byte[(int) value.size()]);
                notes.add(describe(value.read(target), target));
            }
            case "version" -> notes.add(Long.toString(value.version()));
            case "close" -> writer.close();
            case "write-next" -> {
                takeIfNone();
                writer.write(record(value.size(), value.version() + 1));
            }
            case "leave" -> {
                takeIfNone();
                writer.close();
            }
            default -> throw new IllegalArgumentException(command[0]);
        }
    }

    private void takeIfNone() {
        if (writer == null) {
            writer = value.writer();
        }
    }

    /** The record of a version. It differs from those of all other versions in each byte, as far as a byte can tell. */
    static MemorySegment record(long size, long version) {
        byte[] bytes = new byte[(int) size];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (version + 7 * i + 1);
        }
        return MemorySegment.ofArray(bytes);
    }

    /** Says which version a record is of, if it is whole. */
    static String describe(long version, MemorySegment record) {
        byte[] bytes = record.toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != (version == 0 ? 0 : (byte) (version + 7 * i + 1))) {
                return TORN + version + " at byte " + i;
            }
        }
        return Long.toString(version);
    }
}
