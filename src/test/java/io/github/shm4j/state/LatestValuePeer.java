package io.github.shm4j.state;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the processes do that the tests of latest values start: each is told the id of a block. */
final class LatestValuePeer {

    private static final long FACTOR = 0x9e3779b97f4a7c15L;

    private LatestValuePeer() {}

    public static void main(String[] arguments) throws Exception {
        SharedMemory block = SharedMemory.ofId(Integer.parseInt(arguments[1]));
        switch (arguments[0]) {
            case "write" -> {
                if (arguments.length > 2) {
                    System.in.read();
                }
                LatestValue value = LatestValue.open(block, AttachMode.READ_WRITE, Arena.global());
                writeForEver(value);
            }
            case "read" -> {
                LatestValue value = LatestValue.open(block, AttachMode.READ_ONLY, Arena.global());
                Reader reader = new Reader(value);
                System.out.println("ready");
                long last = Long.parseLong(arguments[2]);
                while (reader.version < last) {
                    reader.read();
                }
                System.out.println("read " + reader.version);
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    static void writeForEver(LatestValue value) {
        MemorySegment record = Arena.global().allocate(value.size(), 8);
        try (LatestValueWriter writer = value.writer()) {
            while (true) {
                write(value, writer, record);
            }
        }
    }

    static void write(LatestValue value, LatestValueWriter writer, MemorySegment record) {
        long version = value.version() + 1;
        for (long i = 0; i < value.size() / 8; i++) {
            record.setAtIndex(ValueLayout.JAVA_LONG, i, version * FACTOR + i);
        }
        if (writer.write(record) != version) {
            throw new AssertionError("somebody else writes, too");
        }
    }

    /** Reads, and throws at the first record that is torn or older than one before. */
    static final class Reader {

        private final LatestValue value;
        private final MemorySegment record;
        volatile long version;

        Reader(LatestValue value) {
            this.value = value;
            this.record = Arena.global().allocate(value.size(), 8);
        }

        void read() {
            long next = value.read(record);
            if (next < version) {
                throw new AssertionError("version " + next + " after " + version);
            }
            for (long i = 0; next > 0 && i < value.size() / 8; i++) {
                if (record.getAtIndex(ValueLayout.JAVA_LONG, i) != next * FACTOR + i) {
                    throw new AssertionError("torn: version " + next + " at number " + i);
                }
            }
            version = next;
        }
    }
}
