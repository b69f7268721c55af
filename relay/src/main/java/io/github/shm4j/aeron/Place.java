package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.aeron.Counter;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * The place that a receiver listens at, for other receivers of the same media driver to see.
 *
 * <p>A socket belongs to one driver, but a driver gives all clients that subscribe to it what comes in there. Two receivers at one
 * place would both confirm messages to the same sender, which would take what the first one has confirmed out of its ring. So each
 * has a counter in the driver, which says where it is, and whose counter is not the first one there withdraws. The driver removes
 * the counter of a client that was killed, after some time.
 */
final class Place implements AutoCloseable {

    private static final int TYPE = 0x73346d70;

    // In the key of a counter.
    private static final int RING = 0;
    private static final int PID = 8;
    private static final int KEY_LENGTH = 16;

    private final Counter counter;

    private Place(Counter counter) {
        this.counter = counter;
    }

    /**
     * Takes a place.
     *
     * @param ring the destination ring, whose only producer the caller is: another one of it at this place was killed
     * @throws RelayException if another receiver is there
     * @throws RelayDisconnectedException if the driver has gone
     */
    static Place take(Aeron aeron, Endpoint endpoint, RingIdentity ring) {
        String label = "shm4j relay receiver at " + endpoint.address();
        UnsafeBuffer key = new UnsafeBuffer(new byte[KEY_LENGTH]);
        key.putLong(RING, ring.number());
        key.putLong(PID, ProcessHandle.current().pid());
        UnsafeBuffer text = new UnsafeBuffer(label.getBytes(StandardCharsets.US_ASCII));
        return Streams.typed(aeron, "count the receiver at " + endpoint, () -> {
            Counter counter = aeron.addCounter(TYPE, key, 0, KEY_LENGTH, text, 0, text.capacity());
            try {
                requireFirst(aeron.countersReader(), counter, label, endpoint, ring);
                return new Place(counter);
            } catch (Throwable failed) {
                Closing.after(failed, counter);
                throw failed;
            }
        });
    }

    private static void requireFirst(
            CountersReader all, Counter own, String label, Endpoint endpoint, RingIdentity ring) {
        all.forEach((id, type, key, itsLabel) -> {
            if (type == TYPE && itsLabel.equals(label) && key.getLong(RING) != ring.number()
                    && all.getCounterRegistrationId(id) < own.registrationId()) {
                throw new RelayException("another receiver, of process " + key.getLong(PID) + ", listens at " + endpoint
                        + " through the same media driver, and writes to another ring: both would get and confirm the same"
                        + " messages. End that one, or choose another port or driver. If it was killed, the driver forgets it"
                        + " after 10 seconds");
            }
        });
    }

    @Override
    public void close() {
        counter.close();
    }
}
