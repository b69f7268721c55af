package io.github.shm4j.benchmarks.relay;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;

/**
 * Where messages go in one direction. Processes are told it as text.
 *
 * @param port the port that they are sent to, behind which another one is free
 * @param source the block of the ring that a relay takes them from
 * @param destination the block of the ring that it takes them to
 * @param journal the key of the block for its receiver's journal
 */
record Route(int port, int source, int destination, ShmKey journal) {

    private static final String HOST = "127.0.0.1";

    static Route parse(String text) {
        String[] parts = text.split(",");
        return new Route(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                ShmKey.parse(parts[3]));
    }

    @Override
    public String toString() {
        return port + "," + source + "," + destination + "," + journal;
    }

    String endpoint() {
        return HOST + ":" + port;
    }

    SpscRingBuffer sourceRing() throws ShmException {
        return ring(source);
    }

    SpscRingBuffer destinationRing() throws ShmException {
        return ring(destination);
    }

    private static SpscRingBuffer ring(int id) throws ShmException {
        return (SpscRingBuffer) RingBuffer.open(SharedMemory.ofId(id), AttachMode.READ_WRITE, Arena.ofShared());
    }
}
