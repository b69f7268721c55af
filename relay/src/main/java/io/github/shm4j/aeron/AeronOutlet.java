package io.github.shm4j.aeron;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames that go out through a publication. */
final class AeronOutlet implements Outlet {

    private final ExclusivePublication publication;
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);

    AeronOutlet(ExclusivePublication publication) {
        this.publication = publication;
    }

    @Override
    public boolean offer(MemorySegment frame, long length) {
        buffer.wrap(frame.address(), (int) length);
        long position;
        try {
            position = publication.offer(buffer, 0, (int) length);
        } catch (RuntimeException | InternalError failed) {
            throw new RelayDisconnectedException(
                    "the publication on " + publication.channel() + " has failed: " + failed
                            + ". Has its media driver terminated, or its directory no memory left?",
                    failed);
        }
        if (position > 0) {
            return true;
        }
        if (position == Publication.CLOSED) {
            throw new RelayDisconnectedException("the publication on " + publication.channel()
                    + " is closed: has its media driver terminated, or this process been stopped for long?");
        }
        if (position == Publication.MAX_POSITION_EXCEEDED) {
            throw new RelayDisconnectedException("the publication on " + publication.channel()
                    + " has reached its last position");
        }
        // Nobody is there, or there is no room, or the driver is at work on the log.
        return false;
    }

    @Override
    public int longestFrame() {
        return publication.maxMessageLength();
    }

    @Override
    public int longestWholeFrame() {
        return publication.maxPayloadLength();
    }

    @Override
    public void close() {
        publication.close();
    }
}
