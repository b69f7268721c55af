package io.github.shm4j.ring;

import java.lang.foreign.MemorySegment;

/** Receives the requests that a {@link RingServer} gets, one call each, in the order in which the client has sent them. */
@FunctionalInterface
public interface RequestHandler {

    /**
     * Receives one request.
     *
     * <p>The request is not copied: it lies in the ring, from {@code offset} on, and its bytes are valid until this method
     * returns. What {@link MessageHandler#onMessage} says of the memory holds here too.
     *
     * <p>A request is handled again if its server was killed before this method had returned: see {@link RingPair}.
     *
     * <p>If this method throws, the client's call is a {@link RingCallException} that quotes what was thrown, unless a reply was
     * sent before. The request counts as handled. After a {@link StackOverflowError} it does not, as nobody can say whether this
     * method had begun: the request is handled again, once, and the client may have got its exception by then.
     *
     * @param type the type that the client gave the request, greater than 0
     * @param memory the memory of the ring, read-only
     * @param offset where in {@code memory} the request begins, a multiple of 8 if the ring's own memory is so aligned
     * @param length the length of the request in bytes, 0 or more
     * @param reply what sends the reply, until this method returns. If it has sent none by then, the client gets an empty one of
     *     the request's type
     */
    void onRequest(int type, MemorySegment memory, long offset, int length, RingServer.Reply reply);
}
