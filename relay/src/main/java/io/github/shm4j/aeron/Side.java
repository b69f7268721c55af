package io.github.shm4j.aeron;

import java.util.List;

/** One side of a relay, as the program sees it. */
interface Side extends AutoCloseable {

    /**
     * A number that a side counts.
     *
     * @param row its name among rows
     * @param key its name in JSON
     * @param value the number
     */
    record Count(String row, String key, long value) {}

    int poll();

    boolean isConnected();

    List<Count> counts();

    @Override
    void close();

    static Side of(RelaySender sender) {
        return new Side() {
            @Override
            public int poll() {
                return sender.poll();
            }

            @Override
            public boolean isConnected() {
                return sender.isConnected();
            }

            @Override
            public List<Count> counts() {
                return List.of(
                        new Count("SENT MESSAGES", "messagessent", sender.messagesSent()),
                        new Count("SENT UP TO", "sentposition", sender.sentPosition()),
                        new Count("ACKNOWLEDGED UP TO", "acknowledgedposition", sender.acknowledgedPosition()));
            }

            @Override
            public void close() {
                sender.close();
            }
        };
    }

    static Side of(RelayReceiver receiver) {
        return new Side() {
            @Override
            public int poll() {
                return receiver.poll();
            }

            @Override
            public boolean isConnected() {
                return receiver.isConnected();
            }

            @Override
            public List<Count> counts() {
                return List.of(
                        new Count("CARRIED MESSAGES", "messagescarried", receiver.messagesCarried()),
                        new Count("CARRIED UP TO", "carriedposition", receiver.carriedPosition()),
                        new Count("GAPS", "gaps", receiver.gaps()));
            }

            @Override
            public void close() {
                receiver.close();
            }
        };
    }
}
