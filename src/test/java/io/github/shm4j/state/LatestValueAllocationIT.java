package io.github.shm4j.state;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.support.Allocation;
import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Writing and reading a latest value allocates nothing, as soon as the code is compiled. */
class LatestValueAllocationIT {

    @Test
    void shouldAllocateNothing() throws Exception {
        try (Blocks blocks = new Blocks()) {
            Allocation.assertNone(Set.of("write", "read", "version"), Measure.class,
                    blocks.create(LatestValue.sizeFor(64)).id());
        }
    }

    static final class Measure {

        private Measure() {}

        public static void main(String[] arguments) throws Exception {
            MemorySegment mapping = SharedMemory.ofId(Integer.parseInt(arguments[0]))
                    .attach(AttachMode.READ_WRITE, Arena.global());
            LatestValue value = LatestValue.create(mapping, 64);
            LatestValue readable = LatestValue.open(mapping.asReadOnly());
            LatestValueWriter writer = value.writer();
            MemorySegment record = Arena.global().allocate(64, 8);
            Allocation.measure("write", i -> writer.write(record));
            Allocation.measure("read", i -> readable.read(record));
            Allocation.measure("version", i -> readable.version());
        }

    }
}
