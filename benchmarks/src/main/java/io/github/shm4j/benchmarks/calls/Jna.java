package io.github.shm4j.benchmarks.calls;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.github.shm4j.ShmKey;
import io.github.shm4j.benchmarks.Cleanup;
import java.time.Instant;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** JNA: what each call costs. Each does the same as its namesake in {@link Shm4jCalls}. */
public class Jna extends CallBenchmark {

    private final Memory buffer = new Memory(JnaCalls.SHMID_DS_SIZE);
    private int key;
    private int id;
    private Runnable interrupted;

    /** What {@code ShmStatus} holds. */
    public record Status(
            int uid,
            int gid,
            int cuid,
            int cgid,
            int mode,
            long size,
            Instant attached,
            Instant detached,
            Instant changed,
            int creator,
            int last,
            long attachments) {}

    @Setup
    public void create() {
        key = ShmKey.random().value();
        id = JnaCalls.shmget(key, PAGE, JnaCalls.IPC_CREAT | JnaCalls.IPC_EXCL | 0600);
        interrupted = Cleanup.register(this::remove);
    }

    @TearDown
    public void remove() {
        Cleanup.done(interrupted);
        JnaCalls.shmctl(id, JnaCalls.IPC_RMID, Pointer.NULL);
    }

    @Benchmark
    public Status status() {
        JnaCalls.shmctl(id, JnaCalls.IPC_STAT, buffer);
        return new Status(
                buffer.getInt(JnaCalls.UID),
                buffer.getInt(JnaCalls.GID),
                buffer.getInt(JnaCalls.CUID),
                buffer.getInt(JnaCalls.CGID),
                buffer.getInt(JnaCalls.MODE),
                buffer.getLong(JnaCalls.SEGSZ),
                Instant.ofEpochSecond(buffer.getLong(JnaCalls.ATIME)),
                Instant.ofEpochSecond(buffer.getLong(JnaCalls.DTIME)),
                Instant.ofEpochSecond(buffer.getLong(JnaCalls.CTIME)),
                buffer.getInt(JnaCalls.CPID),
                buffer.getInt(JnaCalls.LPID),
                buffer.getLong(JnaCalls.NATTCH));
    }

    @Benchmark
    public int open() {
        return JnaCalls.shmget(key, 0, 0);
    }

    @Benchmark
    public int ftok() {
        return JnaCalls.ftok(FILE, 'j');
    }

    @Benchmark
    public long attachDetach() {
        Pointer block = JnaCalls.shmat(id, Pointer.NULL, 0);
        long size = size(id);
        JnaCalls.shmdt(block);
        return size;
    }

    @Benchmark
    public long cycle() {
        int fresh = JnaCalls.shmget(JnaCalls.IPC_PRIVATE, PAGE, JnaCalls.IPC_CREAT | JnaCalls.IPC_EXCL | 0600);
        Pointer block = JnaCalls.shmat(fresh, Pointer.NULL, 0);
        long size = size(fresh);
        block.setByte(0, (byte) 1);
        JnaCalls.shmdt(block);
        JnaCalls.shmctl(fresh, JnaCalls.IPC_RMID, Pointer.NULL);
        return size;
    }

    private long size(int of) {
        JnaCalls.shmctl(of, JnaCalls.IPC_STAT, buffer);
        return buffer.getLong(JnaCalls.SEGSZ);
    }
}
