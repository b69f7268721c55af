package io.github.shm4j.aeron;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where a receiver is reached. Messages come to its port, and its answers go out from the next one.
 *
 * @param host a name or an address; that of an IPv6 address in brackets
 * @param port the port, from 1 to 65534
 */
record Endpoint(String host, int port) {

    private static final int GREATEST_PORT = 65_534;
    private static final String EVERY_ADDRESS = "0.0.0.0";

    /**
     * Understands {@code HOST:PORT}, and {@code :PORT} for all addresses of this machine.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean plain = host.startsWith("[") == host.endsWith("]") && (host.indexOf(':') < 0 || host.startsWith("["));
        if (colon < 0 || !plain || host.indexOf('|') >= 0 || host.indexOf('?') >= 0 || host.indexOf('=') >= 0) {
            throw refused(text);
        }
        int port;
        try {
            port = Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException none) {
            throw refused(text);
        }
        if (port < 1 || port > GREATEST_PORT) {
            throw refused(text);
        }
        Endpoint endpoint = new Endpoint(host, port);
        if (!host.isEmpty() && endpoint.resolved() instanceof InetAddress address && address.isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is a multicast address, which several receivers may have: a message"
                            + " leaves the source ring when one has it");
        }
        return endpoint;
    }

    /** {@return the address of the host, or null if it has none} */
    private InetAddress resolved() {
        return new InetSocketAddress(hostOrAll(), port).getAddress();
    }

    /** {@return a name that two of these have in common if they lead to the same place} */
    String address() {
        InetAddress address = resolved();
        return (address == null ? host : address.getHostAddress()) + ":" + port;
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("'" + text + "' is not HOST:PORT, with a port from 1 to " + GREATEST_PORT
                + ": the port after it is used, too. An IPv6 address stands in brackets");
    }

    private String hostOrAll() {
        return host.isEmpty() ? EVERY_ADDRESS : host;
    }

    /** {@return the channel of the messages} */
    String messages() {
        return "aeron:udp?endpoint=" + hostOrAll() + ":" + port;
    }

    /** {@return the channel of the answers, for the receiver} */
    String answersOut() {
        return "aeron:udp?control-mode=dynamic|control=" + hostOrAll() + ":" + (port + 1);
    }

    /** {@return the channel of the answers, for the sender} */
    String answersIn() {
        return "aeron:udp?control-mode=dynamic|control=" + hostOrAll() + ":" + (port + 1) + "|endpoint="
                + (host.startsWith("[") ? "[::]" : EVERY_ADDRESS) + ":0";
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
