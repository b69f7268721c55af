package io.github.shm4j.benchmarks.relay;

import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.Configuration;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.protocol.DataHeaderFlyweight;
import io.github.shm4j.benchmarks.rings.MessageCheck;
import io.github.shm4j.benchmarks.rings.MessageReceiver;
import io.github.shm4j.benchmarks.rings.MessageSender;
import io.github.shm4j.benchmarks.rings.TestMessage;
import org.agrona.concurrent.UnsafeBuffer;

/** Aeron over UDP in one process, without rings. */
final class UdpPeer {

    private static final int STREAM = 1000;

    /** As long as those of a relay. */
    private static final String TERM_LENGTH = "|term-length=16m";

    private static final int LONGEST_WHOLE = Configuration.MTU_LENGTH_DEFAULT - DataHeaderFlyweight.HEADER_LENGTH;

    private UdpPeer() {}

    private static String channel(Route route) {
        return "aeron:udp?endpoint=" + route.endpoint();
    }

    static MessageSender sender(Network network, Route route, TestMessage source) {
        ExclusivePublication publication =
                network.aeron().addExclusivePublication(channel(route) + TERM_LENGTH, STREAM);
        UnsafeBuffer message = new UnsafeBuffer(source.message().asByteBuffer());
        int size = message.capacity();
        return () -> {
            long position = publication.offer(message, 0, size);
            if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
                throw new IllegalStateException("Aeron refuses a message: " + Publication.errorString(position));
            }
            return position > 0;
        };
    }

    static MessageReceiver receiver(Network network, Route route, MessageCheck check) {
        Subscription subscription = network.aeron().addSubscription(channel(route), STREAM);
        FragmentHandler handler = (buffer, offset, length, header) -> check.message(buffer, offset, length);
        FragmentHandler whole =
                check.size() <= LONGEST_WHOLE ? handler : new FragmentAssembler(handler, check.size());
        return limit -> subscription.poll(whole, limit);
    }
}
