package io.github.shm4j.benchmarks.startup;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The whole life of a block, down to the first byte read back, as one short program. */
final class FirstByte {

    private FirstByte() {}

    public static void main(String[] arguments) throws Exception {
        SharedMemory memory = SharedMemory.createPrivate(1024);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = memory.attach(AttachMode.READ_WRITE, arena);
            block.set(ValueLayout.JAVA_BYTE, 0, (byte) '!');
            System.out.write(block.get(ValueLayout.JAVA_BYTE, 0));
            System.out.flush();
        } finally {
            memory.remove();
        }
    }
}
