package io.github.shm4j.benchmarks.copy;

import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.shmop.Shmop;
import org.openjdk.jmh.annotations.Benchmark;

/** shm4j: the facade with PHP's functions. */
public class ShmopFacade extends CopyBenchmark {

    private Shmop block;

    @Override
    void open() throws Exception {
        block = Shmop.open(ShmKey.PRIVATE, "n", ShmPermissions.OWNER_ONLY, size);
        block.delete();
    }

    @Benchmark
    public byte[] writeThenRead() {
        block.write(in, 0);
        block.read(0, out, 0, size);
        return out;
    }

    /** As in PHP, every read makes a new array. */
    @Benchmark
    public byte[] writeThenReadNew() {
        block.write(in, 0);
        return block.read(0, size);
    }

    @Override
    void fetch() {
        if (method.equals("writeThenReadNew")) {
            out = block.read(0, size);
        }
    }

    @Override
    void close() {
        block.close();
    }
}
