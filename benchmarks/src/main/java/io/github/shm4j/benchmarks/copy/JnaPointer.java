package io.github.shm4j.benchmarks.copy;

import com.sun.jna.Pointer;
import io.github.shm4j.benchmarks.calls.JnaBinding;
import org.openjdk.jmh.annotations.Benchmark;

/** JNA: the same kind of block, through its pointer. */
public class JnaPointer extends CopyBenchmark {

    private Pointer block;

    @Override
    void open() {
        int id = JnaBinding.shmget(JnaBinding.IPC_PRIVATE, size, JnaBinding.IPC_CREAT | 0600);
        block = JnaBinding.shmat(id, Pointer.NULL, 0);
        JnaBinding.shmctl(id, JnaBinding.IPC_RMID, Pointer.NULL);
    }

    @Benchmark
    public byte[] writeThenRead() {
        block.write(0, in, 0, size);
        block.read(0, out, 0, size);
        return out;
    }

    @Override
    void close() {
        JnaBinding.shmdt(block);
    }
}
