package io.github.shm4j.benchmarks.relay;

import io.github.shm4j.ShmException;
import io.github.shm4j.benchmarks.rings.MessageCheck;
import io.github.shm4j.benchmarks.rings.MessageReceiver;
import io.github.shm4j.benchmarks.rings.MessageSender;
import io.github.shm4j.benchmarks.rings.TestMessage;

/** What carries messages to the other process, over the same network. */
enum Carrier {

    /** A ring on each side, and a relay between them. */
    RELAY(RelayQuestion.RELAY) {
        @Override
        MessageSender sender(Network network, Route route, TestMessage source) throws ShmException {
            return RelayPeer.sender(network, route, source);
        }

        @Override
        MessageReceiver receiver(Network network, Route route, MessageCheck check) throws ShmException {
            return RelayPeer.receiver(network, route, check);
        }
    },

    /** A publication and a subscription. */
    AERON(RelayQuestion.AERON) {
        @Override
        MessageSender sender(Network network, Route route, TestMessage source) {
            return UdpPeer.sender(network, route, source);
        }

        @Override
        MessageReceiver receiver(Network network, Route route, MessageCheck check) {
            return UdpPeer.receiver(network, route, check);
        }
    };

    private final String label;

    Carrier(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    /** Opens the end that sends. What it sends is under way once it was flushed. */
    abstract MessageSender sender(Network network, Route route, TestMessage source) throws ShmException;

    /** Opens the end that receives. */
    abstract MessageReceiver receiver(Network network, Route route, MessageCheck check) throws ShmException;
}
