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

    private final Memory buffer = new Memory(JnaBinding.SHMID_DS_SIZE);
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
        id = JnaBinding.shmget(key, PAGE, JnaBinding.IPC_CREAT | JnaBinding.IPC_EXCL | 0600);
        interrupted = Cleanup.register(this::remove);
    }

    @TearDown
    public void remove() {
        Cleanup.done(interrupted);
        JnaBinding.shmctl(id, JnaBinding.IPC_RMID, Pointer.NULL);
    }

    @Benchmark
    public Status status() {
        JnaBinding.shmctl(id, JnaBinding.IPC_STAT, buffer);
        return new Status(
                buffer.getInt(JnaBinding.UID),
                buffer.getInt(JnaBinding.GID),
                buffer.getInt(JnaBinding.CUID),
                buffer.getInt(JnaBinding.CGID),
                buffer.getInt(JnaBinding.MODE),
                buffer.getLong(JnaBinding.SEGSZ),
                Instant.ofEpochSecond(buffer.getLong(JnaBinding.ATIME)),
                Instant.ofEpochSecond(buffer.getLong(JnaBinding.DTIME)),
                Instant.ofEpochSecond(buffer.getLong(JnaBinding.CTIME)),
                buffer.getInt(JnaBinding.CPID),
                buffer.getInt(JnaBinding.LPID),
                buffer.getLong(JnaBinding.NATTCH));
    }

    @Benchmark
    public int open() {
        return JnaBinding.shmget(key, 0, 0);
    }

    @Benchmark
    public int ftok() {
        return JnaBinding.ftok(FILE, 'j');
    }

    @Benchmark
    public long attachDetach() {
        Pointer block = JnaBinding.shmat(id, Pointer.NULL, 0);
        long size = size(id);
        JnaBinding.shmdt(block);
        return size;
    }

    @Benchmark
    public long cycle() {
        int fresh = JnaBinding.shmget(JnaBinding.IPC_PRIVATE, PAGE, JnaBinding.IPC_CREAT | JnaBinding.IPC_EXCL | 0600);
        Pointer block = JnaBinding.shmat(fresh, Pointer.NULL, 0);
        long size = size(fresh);
        block.setByte(0, (byte) 1);
        JnaBinding.shmdt(block);
        JnaBinding.shmctl(fresh, JnaBinding.IPC_RMID, Pointer.NULL);
        return size;
    }

    private long size(int of) {
        JnaBinding.shmctl(of, JnaBinding.IPC_STAT, buffer);
        return buffer.getLong(JnaBinding.SEGSZ);
    }
}
