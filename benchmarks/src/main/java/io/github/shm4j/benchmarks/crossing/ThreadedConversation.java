package io.github.shm4j.benchmarks.crossing;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A {@link Conversation} whose sides are threads of this JVM. It proves that they understand each other and measures nothing,
 * in a small part of the processor time that a JVM for each side takes.
 *
 * <p>The first conversation of each program about each kind is left to processes, so that neither how they are started rots nor
 * what only processes find wrong.
 */
final class ThreadedConversation {

    private static final int TIMEOUT_SECONDS = 120;

    private static final String CLASS_PATH = "-cp";

    /** The programs, with their options and kinds, that have run in processes of their own. */
    private static final Set<List<String>> STARTED = ConcurrentHashMap.newKeySet();

    private static final ThreadLocal<Side> CURRENT = new ThreadLocal<>();

    static {
        PrintStream usual = System.out;
        System.setOut(new PrintStream(new OutputStream() {
            @Override
            public void write(int octet) {
                Side side = CURRENT.get();
                if (side == null) {
                    usual.write(octet);
                } else {
                    side.printed(octet);
                }
            }

            @Override
            public void flush() {
                usual.flush();
            }
        }, true, StandardCharsets.UTF_8));
    }

    private ThreadedConversation() {}

    /** {@return what ping printed, or nothing if processes have to do this, as they have not done it yet or run no JVM} */
    static Optional<String> run(String kind, String what, List<String> ping, List<List<String>> pongs)
            throws InterruptedException {
        int main = ping.indexOf(CLASS_PATH) + 2;
        if (!ping.contains(CLASS_PATH)) {
            return Optional.empty();
        }
        List<String> program = new ArrayList<>(ping.subList(0, main + 1));
        program.add(kind);
        if (STARTED.add(program)) {
            return Optional.empty();
        }
        BlockingQueue<Side> events = new LinkedBlockingQueue<>();
        List<Side> running = new ArrayList<>();
        for (List<String> pong : pongs) {
            Side answering = new Side(what + ", pong", pong, events);
            running.add(answering);
            answering.start();
            while (!answering.isReady()) {
                if (answering.ended) {
                    throw new IllegalStateException(answering.getName() + " ended before it was ready");
                }
                next(what, events, running);
            }
        }
        Side measuring = new Side(what + ", ping", ping, events);
        running.add(measuring);
        measuring.start();
        while (!running.isEmpty()) {
            next(what, events, running);
        }
        return Optional.of(measuring.line());
    }

    /**
     * Waits until a side has printed something or has ended. Whoever waits for one that has failed is left alone: it may be in
     * a loop, and the JVM ends.
     */
    private static void next(String what, BlockingQueue<Side> events, List<Side> running) throws InterruptedException {
        Side side = events.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (side == null) {
            throw new IllegalStateException(what + ": no result after " + TIMEOUT_SECONDS + " s");
        }
        if (side.failure != null) {
            // A process would have said so on standard error.
            StringWriter said = new StringWriter();
            side.failure.printStackTrace(new PrintWriter(said));
            throw new IllegalStateException(side.getName() + " died; it said: " + said.toString().strip(),
                    side.failure);
        }
        if (side.ended) {
            running.remove(side);
        }
    }

    private static final class Side extends Thread {

        private final List<String> command;
        private final BlockingQueue<Side> events;
        private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
        private volatile String line = "";
        private volatile boolean ended;
        private volatile Throwable failure;

        Side(String what, List<String> command, BlockingQueue<Side> events) {
            super(what);
            this.command = command;
            this.events = events;
            setDaemon(true);
        }

        String line() {
            return line;
        }

        boolean isReady() {
            return line.equals("ready");
        }

        @Override
        public void run() {
            CURRENT.set(this);
            try {
                int main = command.indexOf(CLASS_PATH) + 2;
                Method method = Class.forName(command.get(main)).getDeclaredMethod("main", String[].class);
                method.setAccessible(true);
                method.invoke(null, (Object) command.subList(main + 1, command.size()).toArray(String[]::new));
            } catch (InvocationTargetException thrown) {
                failure = thrown.getCause();
            } catch (ReflectiveOperationException | RuntimeException | Error thrown) {
                failure = thrown;
            } finally {
                ended = true;
                events.add(this);
            }
        }

        private void printed(int octet) {
            if (octet == '\n') {
                line = printed.toString(StandardCharsets.UTF_8);
                printed.reset();
                events.add(this);
            } else {
                printed.write(octet);
            }
        }
    }
}
