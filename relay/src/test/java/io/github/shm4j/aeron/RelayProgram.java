package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.agrona.IoUtil;

/** Starts the program, as {@code relay/run} does. */
final class RelayProgram {

    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;

    private RelayProgram() {}

    static Child.Running send(ShmKey ring, int port, String... more) {
        return start(List.of("send", "--ring", ring.toString(), "--to", "127.0.0.1:" + port), more);
    }

    static Child.Running receive(ShmKey ring, ShmKey journal, int port, String... more) {
        return start(List.of("receive", "--ring", ring.toString(), "--journal", journal.toString(), "--at",
                "127.0.0.1:" + port), more);
    }

    private static Child.Running start(List<String> arguments, String... more) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "-Xmx256m", "-XX:-UsePerfData", "-XX:+IgnoreUnrecognizedVMOptions",
                "--sun-misc-unsafe-memory-access=allow", "-jar", System.getProperty("shm4j.test.jar")));
        words.addAll(arguments);
        words.addAll(List.of(more));
        return Child.command(words.toArray()).start();
    }

    /** Ends one as a user does, and looks whether it has gone without leaving its driver's directory. */
    static void end(Child.Running program) {
        program.signal("TERM");
        Child.Result result = program.await();
        assertEquals(128 + 15, result.exit(), result.toString());
    }

    /** Looks whether no driver has left its directory behind, and removes what there is. */
    static void assertNothingLeft(ShmKey... rings) throws IOException {
        List<Path> left = new ArrayList<>();
        for (ShmKey ring : rings) {
            try (Stream<Path> all = Files.list(Path.of("/dev/shm"))) {
                left.addAll(all.filter(each -> each.getFileName().toString().startsWith("shm4j-relay-")
                        && each.toString().contains(ring.toString())).toList());
            }
        }
        left.forEach(each -> IoUtil.delete(each.toFile(), true));
        assertEquals(List.of(), left);
    }

    /** {@return a port that is free, and so is the one after it} */
    static int freePorts() {
        Patience patience = Patience.withAll();
        while (true) {
            int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
            try (DatagramSocket first = new DatagramSocket(new InetSocketAddress(port));
                    DatagramSocket second = new DatagramSocket(new InetSocketAddress(port + 1))) {
                assertTrue(first.isBound() && second.isBound());
                return port;
            } catch (SocketException taken) {
                patience.pause(() -> "no port is free");
            }
        }
    }
}
