package io.github.shm4j.benchmarks.relay;

import io.github.shm4j.ShmException;
import io.github.shm4j.aeron.RelayReceiver;
import io.github.shm4j.aeron.RelaySender;
import io.github.shm4j.benchmarks.rings.MessageCheck;
import io.github.shm4j.benchmarks.rings.MessageReceiver;
import io.github.shm4j.benchmarks.rings.MessageSender;
import io.github.shm4j.benchmarks.rings.TestMessage;
import io.github.shm4j.ring.MessageHandler;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.MemorySegment;

/** One side of a relay and its ring, in the thread that also produces or consumes there. */
final class RelayPeer {

    private RelayPeer() {}

    static MessageSender sender(Network network, Route route, TestMessage source) throws ShmException {
        SpscRingBuffer ring = route.sourceRing();
        RingProducer producer = ring.producer();
        RelaySender relay = RelaySender.to(network.aeron(), ring, route.endpoint());
        MemorySegment message = source.message();
        return new MessageSender() {
            @Override
            public boolean send() {
                return producer.write(1, message);
            }

            @Override
            public void flush() {
                relay.poll();
            }

            @Override
            public void close() {
                relay.close();
                producer.close();
            }
        };
    }

    static MessageReceiver receiver(Network network, Route route, MessageCheck check) throws ShmException {
        SpscRingBuffer ring = route.destinationRing();
        RelayReceiver relay = RelayReceiver.at(network.aeron(), ring, route.endpoint(), route.journal(), false);
        RingConsumer consumer = ring.consumer();
        MessageHandler handler = (type, memory, offset, length) -> check.message(memory, offset, length);
        return new MessageReceiver() {
            @Override
            public int poll(int limit) {
                relay.poll();
                return consumer.read(handler, limit);
            }

            @Override
            public void close() {
                consumer.close();
                relay.close();
            }
        };
    }
}
