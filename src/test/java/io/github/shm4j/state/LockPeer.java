package io.github.shm4j.state;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What the processes in Java do that the tests of locks start: the same as {@code locker.c}. */
final class LockPeer {

    static final long INSIDE = 128;
    static final long COUNTER = 136;
    static final long TOLD = 144;
    static final long COUNTS = 256;
    static final int COUNTERS = 4;

    private LockPeer() {}

    public static void main(String[] arguments) throws Exception {
        MemorySegment memory = SharedMemory.ofId(Integer.parseInt(arguments[1]))
                .attach(AttachMode.READ_WRITE, Arena.global());
        SharedLock lock = SharedLock.at(memory, 0);
        if (arguments[0].equals("count")) {
            count(memory, lock, Integer.parseInt(arguments[2]), Long.parseLong(arguments[3]));
            return;
        }
        try (SharedLock.Held held = lock.acquire()) {
            System.out.println(held.previousOwnerDied() ? "told" : "acquired");
            System.in.read();
            held.markConsistent();
        }
        System.out.println("released");
    }

    static long get(MemorySegment memory, long offset) {
        return memory.get(ValueLayout.JAVA_LONG, offset);
    }

    private static void add(MemorySegment memory, long offset, long amount) {
        memory.set(ValueLayout.JAVA_LONG, offset, get(memory, offset) + amount);
    }

    /** {@return by how much the counter is higher than what its users have counted} */
    static long surplus(MemorySegment memory) {
        long sum = 0;
        for (int i = 0; i < COUNTERS; i++) {
            sum += get(memory, COUNTS + 8L * i);
        }
        return get(memory, COUNTER) - sum;
    }

    /** Increments the counter until it has a value, by plain accesses: the lock alone keeps them apart. */
    static void count(MemorySegment memory, SharedLock lock, int number, long target) throws InterruptedException {
        long self = ProcessHandle.current().pid() << 8 | number;
        boolean done = false;
        while (!done) {
            try (SharedLock.Held held = lock.acquire()) {
                enter(memory, held);
                memory.set(ValueLayout.JAVA_LONG, INSIDE, self);
                done = get(memory, COUNTER) >= target;
                if (!done) {
                    add(memory, COUNTER, 1);
                    add(memory, COUNTS + 8L * number, 1);
                }
                if (get(memory, INSIDE) != self) {
                    throw new AssertionError("somebody else is inside as well");
                }
                memory.set(ValueLayout.JAVA_LONG, INSIDE, 0);
            }
        }
    }

    /** Checks what the last holder has left, and repairs it if that died. */
    private static void enter(MemorySegment memory, SharedLock.Held held) {
        long surplus = surplus(memory);
        if (held.previousOwnerDied()) {
            if (surplus < 0 || surplus > 1) {
                throw new AssertionError("told, and the counter is " + surplus + " too high");
            }
            add(memory, COUNTER, -surplus);
            add(memory, TOLD, 1);
            held.markConsistent();
        } else if (surplus != 0 || get(memory, INSIDE) != 0) {
            throw new AssertionError("not told, and the counter is " + surplus + " too high; inside is "
                    + get(memory, INSIDE));
        }
    }
}
