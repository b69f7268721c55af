package io.github.shm4j.benchmarks.copy;

import com.sun.jna.Pointer;
import io.github.shm4j.benchmarks.calls.JnaCalls;
import org.openjdk.jmh.annotations.Benchmark;

/** JNA: the same kind of block, through its pointer. */
public class JnaPointer extends CopyBenchmark {

    private Pointer block;

    @Override
    void open() {
        int id = JnaCalls.shmget(JnaCalls.IPC_PRIVATE, size, JnaCalls.IPC_CREAT | 0600);
        block = JnaCalls.shmat(id, Pointer.NULL, 0);
        JnaCalls.shmctl(id, JnaCalls.IPC_RMID, Pointer.NULL);
    }

    @Benchmark
    public byte[] writeThenRead() {
        block.write(0, in, 0, size);
        block.read(0, out, 0, size);
        return out;
    }

    @Override
    void close() {
        JnaCalls.shmdt(block);
    }
}
