package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each thread gets the errno of its own calls, whatever the others are doing. */
class ErrnoThreadsTest {

    private final Blocks blocks = new Blocks();
    private final Map<LongSupplier, Errno> failing = new LinkedHashMap<>();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @BeforeEach
    void provokeAllKinds() throws ShmException {
        ShmKey free = blocks.freeKey();
        failing.put(() -> ShmCalls.shmget(free.value(), 0, 0), Errno.ENOENT);

        int create = SysVShm.IPC_CREAT() | SysVShm.IPC_EXCL() | 0600;
        ShmKey taken = blocks.create(1000).status().key();
        failing.put(() -> ShmCalls.shmget(taken.value(), 1000, create), Errno.EEXIST);

        SharedMemory removed = blocks.create(1000);
        removed.remove();
        failing.put(
                () -> ShmCalls.shmctl(
                        removed.id(), SysVShm.IPC_STAT(), CallBuffers.struct()),
                Errno.EINVAL);
        failing.put(() -> ShmCalls.shmat(removed.id(), 0), Errno.EINVAL);

        MemorySegment notADirectory =
                Arena.ofAuto().allocateFrom(Path.of("/etc/passwd/no").toString());
        failing.put(() -> ShmCalls.ftok(notADirectory, 'j'), Errno.ENOTDIR);
    }

    // J13
    @Test
    void shouldNeverSeeTheErrnoOfAnotherPlatformThread() throws Exception {
        shouldNeverSeeAnotherErrno(Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory()), 60_000, false);
    }

    // J13
    @Test
    void shouldNeverSeeTheErrnoOfAnotherVirtualThread() throws Exception {
        shouldNeverSeeAnotherErrno(Executors.newVirtualThreadPerTaskExecutor(), 30_000, true);
    }

    private void shouldNeverSeeAnotherErrno(ExecutorService threads, int calls, boolean yield) throws Exception {
        CyclicBarrier start = new CyclicBarrier(failing.size());
        List<Future<Integer>> wrong = new ArrayList<>();
        try (threads) {
            failing.forEach((call, errno) -> {
                Callable<Integer> task = () -> {
                    start.await();
                    int others = 0;
                    for (int i = 0; i < calls; i++) {
                        if (call.getAsLong() != -errno.number()) {
                            others++;
                        }
                        if (yield && (i & 15) == 0) {
                            Thread.yield();
                        }
                    }
                    return others;
                };
                wrong.add(threads.submit(task));
            });
            int sum = 0;
            for (Future<Integer> count : wrong) {
                sum += Patience.get(count);
            }
            assertEquals(0, sum, "wrong errnos in " + (long) calls * failing.size() + " calls");
        }
    }

    // J13
    @Test
    void shouldNotTakeTheErrnoOfAnEarlierCallForAFailure() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        int key = memory.status().key().value();
        failing.forEach((call, errno) -> {
            assertEquals(-errno.number(), call.getAsLong());
            assertEquals(memory.id(), ShmCalls.shmget(key, 0, 0));
            assertEquals(-errno.number(), call.getAsLong());
            assertEquals(
                    0,
                    ShmCalls.shmctl(
                            memory.id(), SysVShm.IPC_STAT(), CallBuffers.struct()));
        });
    }
}
