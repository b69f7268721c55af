package io.github.shm4j.cli.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.cli.TestRing;
import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingStatistics;
import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Mappings;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code shm4j ring send} and {@code receive}: in pipes, with signals, and killed.
 *
 * <p>The property {@code shm4j.ring.kills} says how many receivers to kill.
 */
class RingMessagesIT {

    private static final int KILLS = Integer.getInteger("shm4j.ring.kills", 5);

    private final Blocks blocks = new Blocks();
    private final List<TestRing> rings = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void removeBlocks() throws ShmException {
        rings.forEach(TestRing::close);
        blocks.close();
    }

    private TestRing mpsc(long capacity) throws ShmException {
        TestRing ring = TestRing.mpsc(blocks, capacity);
        rings.add(ring);
        return ring;
    }

    private TestRing spsc(long capacity) throws ShmException {
        TestRing ring = TestRing.spsc(blocks, capacity);
        rings.add(ring);
        return ring;
    }

    private static String numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
    }

    private static void assertFails(String message, Child.Result result) {
        assertEquals(1, result.exit(), result::toString);
        assertTrue(result.err().startsWith("shm4j: ") && result.err().contains(message), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void shouldPassLinesOnAsTheyAre() throws IOException {
        TestRing ring = spsc(1 << 12);
        Path copy = directory.resolve("copy");
        Cli.shell("printf 'one\\n\\nthr\\0ee\\r\\nf\\377ur' | \"$@\" ring send " + ring.key()
                + " && \"$@\" ring receive --no-wait " + ring + " >" + copy).ok();
        assertArrayEquals("one\n\nthr\0ee\r\nf\u00ffur\n".getBytes(StandardCharsets.ISO_8859_1),
                Files.readAllBytes(copy));
        RingStatistics statistics = ring.statistics();
        assertEquals(4, statistics.messagesRead());
        assertEquals(3 + 7 + 4, statistics.bytesRead());
        assertEquals(Liveness.NOBODY, statistics.consumer().liveness());
        assertEquals(List.of(), statistics.producers());
    }

    @Test
    void shouldSendArguments() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        Cli.run("ring", "send", ring, "one", "", "größe\n", "--", "-0").ok();
        assertEquals(List.of("one", "", "größe\n", "-0"), ring.drain());
    }

    @Test
    void shouldSendArgumentsThatLookLikeFilesOrOptions() throws IOException {
        TestRing ring = mpsc(1 << 12);
        Path words = Files.writeString(directory.resolve("words"), "two words --type 7\n");
        Cli.run("ring", "send", ring, "@" + words, "@@x", "'q'", "\"q\"", "-", "-5", "${sys:user.home}", "%n").ok();
        assertEquals(List.of("@" + words, "@@x", "'q'", "\"q\"", "-", "-5", "${sys:user.home}", "%n"), ring.drain());
        assertEquals(2, Cli.run("ring", "send", ring, "-hello").exit(), "is no help");
        assertEquals(2, Cli.run("ring", "send", ring, "text", "-Version").exit(), "is no version");
        Cli.run("ring", "send", ring, "--", "-hello", "--type", "@" + words).ok();
        assertEquals(List.of("-hello", "--type", "@" + words), ring.drain());
    }

    @Test
    void shouldPassAnyBytesOnWithLengthsOrZeros() throws IOException {
        TestRing ring = mpsc(1 << 20);
        Random random = new Random(5);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream prefixed = new DataOutputStream(bytes);
        ByteArrayOutputStream terminated = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            byte[] message = new byte[i == 250 ? 1 << 17 : random.nextInt(700)];
            random.nextBytes(message);
            prefixed.writeInt(message.length);
            prefixed.write(message);
            for (byte value : message) {
                terminated.write(value == 0 ? '\n' : value);
            }
            terminated.write(0);
        }
        Path file = Files.write(directory.resolve("prefixed"), bytes.toByteArray());
        Path copy = directory.resolve("copy");
        Cli.shell("\"$@\" ring send --length-prefixed " + ring + " <" + file + " && \"$@\" ring receive " + ring
                + " --length-prefixed --count 500 >" + copy).ok();
        assertArrayEquals(bytes.toByteArray(), Files.readAllBytes(copy));

        Files.write(file, terminated.toByteArray());
        Cli.shell("\"$@\" ring send -0 " + ring + " <" + file + " && \"$@\" ring receive " + ring
                + " --null --count 500 >" + copy).ok();
        assertArrayEquals(terminated.toByteArray(), Files.readAllBytes(copy));
    }

    @Test
    void shouldGiveMessagesTheirTypeAndShowIt() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        Cli.run("ring", "send", ring, "--type", "7", "seven").ok();
        Cli.run("ring", "send", ring, "one").ok();
        ring.send(Integer.MAX_VALUE, "max");
        assertEquals("7\tseven\n1\tone\n2147483647\tmax",
                Cli.run("ring", "receive", ring, "--show-type", "--count", "3").ok());
    }

    @Test
    void shouldNeitherPrintNorLoseMessagesOfOtherTypes() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        for (int type : new int[] {1, 1, 2, 1, 3, 1}) {
            ring.send(type, "of type " + type);
        }
        Child.Result refused = Cli.run("ring", "receive", ring, "--type", "1", "--no-wait");
        assertFails("the next message has type 2, not 1; it stays in the ring", refused);
        assertEquals("of type 1\nof type 1\n", refused.out());
        assertEquals(2, ring.statistics().messagesRead());
        assertEquals("of type 2", Cli.run("ring", "receive", ring, "-t", "2", "--count", "1").ok());
        assertEquals("of type 1\nof type 1",
                Cli.run("ring", "receive", ring, "-t", "1", "--discard-others", "--count", "2").ok());
        assertEquals(List.of(), ring.drain());
        assertEquals(6, ring.statistics().messagesRead());
    }

    @Test
    void shouldRefuseToPrintOneMessageAsTwo() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        for (String message : new String[] {"good", "also good", "two\nlines", "last"}) {
            ring.send(1, message);
        }
        Child.Result refused = Cli.run("ring", "receive", ring, "--no-wait");
        assertFails("the next message has a line end in it, at byte 3", refused);
        assertTrue(refused.err().contains("it stays in the ring"), refused.err());
        assertEquals("good\nalso good\n", refused.out());
        assertEquals(2, ring.statistics().messagesRead());
        assertEquals("", Cli.run("ring", "receive", ring, "--count=1").out());
        assertEquals(2, ring.statistics().messagesRead());
        assertEquals("two\\nlines", Cli.run("ring", "receive", ring, "--text", "--count", "1").ok());
        assertEquals(List.of("last"), ring.drain());

        ring.send(1, "two\nlines");
        ring.send(1, "a\0b");
        assertEquals("two\nlines", Cli.run("ring", "receive", ring, "--raw", "--count", "1").ok());
        assertFails("the next message has a zero in it, at byte 1", Cli.run("ring", "receive", ring, "-0", "-n", "1"));
        assertEquals(List.of("a\0b"), ring.drain());
    }

    /** Nothing of a message must be written before all of it has been looked at, however large it is. */
    @Test
    void shouldWriteNothingOfALargeMessageThatLooksLikeTwo() throws ShmException {
        TestRing ring = mpsc(1 << 21);
        ring.send(1, "x".repeat(200_000) + "\n");
        Child.Result refused = Cli.run("ring", "receive", ring, "--no-wait");
        assertFails("at byte 200000", refused);
        assertEquals("", refused.out());
        assertEquals(1, ring.drain().size());
    }

    @Test
    void shouldSayHowToSendAMessageThatNeedsMoreMemory() throws ShmException {
        TestRing ring = mpsc(1 << 27);
        List<String> words = Cli.words("ring", "send", ring);
        words.add(words.indexOf("-jar"), "-Xmx20m");
        String message = "head -c 12000000 /dev/zero | tr '\\0' x | ";
        List<String> shell = new ArrayList<>(List.of("sh", "-c", message + "\"$@\"", "sh"));
        shell.addAll(words);
        Child.Result refused = Child.command(shell.toArray()).run();
        assertFails("line 1 needs more memory than the JVM has; nothing was sent", refused);
        String advised = refused.err().replaceAll("(?s).*One that has enough: (.*) \\.\\.\\.\n", "$1 " + ring);
        Child.command("sh", "-c", message + advised).run().ok();
        assertEquals(12_000_000, ring.drain().get(0).length());
    }

    @Test
    void shouldRefuseAMessageThatIsTooLongAndSayWhichLineItIs() throws IOException {
        TestRing ring = mpsc(1 << 12);
        Child.Result refused = Cli.shell("printf '%s\\n' one two $(printf %0513d 0) four | \"$@\" ring send " + ring);
        assertFails("line 3 has 513 bytes, and a message of this ring at most 512; 2 messages were sent", refused);
        assertEquals(List.of("one", "two"), ring.drain());
        assertFails("message 2 has 513 bytes", Cli.run("ring", "send", ring, "one", "x".repeat(513), "three"));
        assertEquals(List.of("one"), ring.drain());
        assertFails("message 1 at byte 0 has a length of 2004318071",
                Cli.shell("echo wwwww | \"$@\" ring send --length-prefixed " + ring));
        assertFails("standard input ends at byte 9, within message 2, which begins at byte 4 and has a length of 2;"
                + " 1 message was sent",
                Cli.shell("printf '\\0\\0\\0\\0\\0\\0\\0\\2x' | \"$@\" ring send --length-prefixed " + ring));
        assertEquals(List.of(""), ring.drain());
        Cli.run("ring", "send", ring, "x".repeat(512)).ok();
        assertEquals(1, ring.drain().size());
    }

    @Test
    void shouldSendAndReceiveALargeMessage() throws IOException {
        TestRing ring = spsc(1 << 25);
        byte[] line = new byte[(1 << 22) + 1];
        for (int i = 0; i < line.length; i++) {
            line[i] = (byte) ('a' + i % 23);
        }
        line[line.length - 1] = '\n';
        Path file = Files.write(directory.resolve("large"), line);
        Path copy = directory.resolve("copy");
        Cli.shell("cat " + file + " " + file + " | \"$@\" ring send " + ring + " && \"$@\" ring receive " + ring
                + " -n 1 >" + copy).ok();
        assertArrayEquals(line, Files.readAllBytes(copy));
        assertEquals(1, ring.drain().size());
    }

    @Test
    void shouldGiveUpWhereTheRingStaysFull() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        String message = "x".repeat(512);
        Child.Result none = Cli.shell("yes " + message + " | \"$@\" ring send --no-wait " + ring);
        assertFails("line 8 finds the ring full; 7 messages were sent", none);
        Child.Result late = Cli.run("ring", "send", ring, "--timeout", "20ms", message, "y");
        assertFails("message 1 finds the ring full, and nobody has made room in time; nothing was sent", late);
        assertEquals(7, ring.drain().size());
        assertTrue(ring.statistics().failedClaims() >= 2, () -> ring.statistics().toString());
    }

    @Test
    void shouldEndAfterACountOrWhenNothingComes() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        assertEquals("", Cli.run("ring", "receive", ring, "--no-wait").ok());
        assertEquals("", Cli.run("ring", "receive", ring, "--timeout", "10ms").ok());
        for (String message : new String[] {"a", "b", "c", "d", "e"}) {
            ring.send(1, message);
        }
        assertEquals("a\nb", Cli.run("ring", "receive", ring, "--count", "2").ok());
        assertEquals("c", Cli.run("ring", "receive", ring, "-n", "1", "--timeout=1h").ok());
        Child.Result fewer = Cli.run("ring", "receive", ring, "-n", "3", "--timeout=10ms");
        assertFails("2 of 3 messages have come in time", fewer);
        assertEquals("d\ne\n", fewer.out());
        assertFails("0 of 1 message has been there", Cli.run("ring", "receive", ring, "-n", "1", "--no-wait"));
    }

    /** Far more than the ring holds, so that both sides wait for the other one again and again. */
    @Test
    void shouldWaitForRoomAndForMessages() throws IOException {
        TestRing ring = spsc(1 << 12);
        Path copy = directory.resolve("copy");
        Cli.shell("seq 40000 | \"$@\" ring send " + ring + " & \"$@\" ring receive -n 40000 " + ring
                + " >" + copy + " && wait $!").ok();
        assertEquals(numbers(1, 40_000) + "\n", Files.readString(copy));
    }

    @Test
    void shouldStandInAPipe() throws ShmException {
        TestRing first = mpsc(1 << 12);
        TestRing second = mpsc(1 << 12);
        try (Child.Running filter = Cli.shellChild("\"$@\" ring receive -n 3000 " + first
                + " | tr a-z A-Z | \"$@\" ring send " + second).start();
                Child.Running last = Cli.child("ring", "receive", second, "-n", "3000").start()) {
            Cli.shell("seq -f line%g 3000 | \"$@\" ring send " + first.key()).ok();
            assertEquals("", filter.await().ok());
            assertEquals(numbers(1, 3000).replaceAll("(?m)^", "LINE"), last.await().ok());
        }
    }

    /** A process that shares a standard stream, and sets it so that it does not wait, sets it so for all. */
    @Test
    void shouldWaitAlsoWhereAnotherProcessHasSetTheStreamsNotToWait() throws IOException {
        Peers.require(Child.exists("python3"), "python3");
        Path setNotToWait = Files.writeString(directory.resolve("set-not-to-wait"), """
                import fcntl, os, sys
                fcntl.fcntl(int(sys.argv[1]), fcntl.F_SETFL, fcntl.fcntl(int(sys.argv[1]), fcntl.F_GETFL) | os.O_NONBLOCK)
                """);
        TestRing ring = mpsc(1 << 20);
        try (Child.Running sending =
                Cli.shellChild("{ python3 " + setNotToWait + " 0 && echo set && exec \"$@\" ring send "
                        + ring + "; } 2>&1").start()) {
            assertEquals("set", sending.line());
            sending.send("one");
            ring.await("one message", sending, statistics -> statistics.messagesWritten() == 1);
            sending.send("two");
            ring.await("two messages", sending, statistics -> statistics.messagesWritten() == 2);
            sending.signal("TERM");
            assertEquals("set\nshm4j: interrupted; 2 messages were sent\n", sending.await().out());
        }
        assertEquals(List.of("one", "two"), ring.drain());
        for (int i = 0; i < 50; i++) {
            ring.send(1, "x".repeat(7999));
        }
        try (Child.Running receiving = Cli.shellChild("exec 3<&0; { python3 " + setNotToWait
                + " 1 && \"$@\" ring receive --no-wait " + ring
                + "; echo exit $? >&2; } | { head -c 4; echo; read -r go <&3; tr -dc x | wc -c; }").start()) {
            assertEquals("xxxx", receiving.line());
            // The pipe, from which nobody reads until then, does not hold so much again.
            ring.await("the first of the messages", receiving, statistics -> statistics.messagesRead() > 2);
            receiving.send("go");
            Child.Result received = receiving.await();
            assertEquals("xxxx\n" + (50 * 7999 - 4), received.ok());
            assertEquals("exit 0\n", received.err());
        }
    }

    /** The sender has read before, and waits for the next line while it happens. */
    @Test
    void shouldWaitAlsoWhereStandardInputIsSetNotToWaitLater() throws IOException {
        Peers.require(Child.exists("python3"), "python3");
        Path parent = Files.writeString(directory.resolve("set-not-to-wait-later"), """
                import fcntl, os, signal, subprocess, sys
                def set_not_to_wait(*_):
                    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_NONBLOCK)
                    os.write(1, b"set\\n")
                signal.signal(signal.SIGUSR1, set_not_to_wait)
                signal.signal(signal.SIGTERM, lambda *_: sending.terminate())
                sending = subprocess.Popen(sys.argv[1:])
                sys.exit(sending.wait())
                """);
        TestRing ring = mpsc(1 << 20);
        try (Child.Running sending =
                Cli.shellChild("exec python3 " + parent + " \"$@\" ring send " + ring + " 2>&1").start()) {
            sending.send("one");
            ring.await("one message", sending, statistics -> statistics.messagesWritten() == 1);
            sending.signal("USR1");
            assertEquals("set", sending.line());
            for (int i = 2; i <= 3; i++) {
                int sent = i;
                sending.send("message " + i);
                ring.await("message " + i, sending, statistics -> statistics.messagesWritten() == sent);
            }
            sending.signal("TERM");
            assertEquals("set\nshm4j: interrupted; 3 messages were sent\n", sending.await().out());
        }
        assertEquals(List.of("one", "message 2", "message 3"), ring.drain());
    }

    /** A terminal takes a part of what is written, and nobody but the kernel knows how much. */
    @ParameterizedTest
    @CsvSource({"before, terminal", "later, terminal", "later, pipe"})
    void shouldCutNothingOffWhereASlowReaderHasSetStandardOutputNotToWait(String when, String stream)
            throws IOException {
        Peers.require(Child.exists("python3"), "python3");
        Path reader = Files.writeString(directory.resolve("slow-reader"), """
                import fcntl, os, pty, subprocess, sys, time
                def set_not_to_wait():
                    fcntl.fcntl(output, fcntl.F_SETFL, fcntl.fcntl(output, fcntl.F_GETFL) | os.O_NONBLOCK)
                source, output = pty.openpty() if sys.argv[2] == "terminal" else os.pipe()
                if sys.argv[1] == "before":
                    set_not_to_wait()
                receiving = subprocess.Popen(sys.argv[3:], stdout=output)
                count = os.read(source, 4).count(b"x")
                set_not_to_wait()
                os.close(output)
                while True:
                    try:
                        part = os.read(source, 500)
                    except OSError: # The other side of the terminal is closed.
                        break
                    if not part:
                        break
                    count += part.count(b"x")
                    time.sleep(0.001)
                print(count, "bytes, exit", receiving.wait())
                """);
        TestRing ring = mpsc(1 << 20);
        for (int i = 0; i < 25; i++) {
            ring.send(1, "x".repeat(7999));
        }
        Child.Result result = Cli.shell("exec python3 " + reader + " " + when + " " + stream
                + " \"$@\" ring receive --no-wait " + ring);
        assertEquals(25 * 7999 + " bytes, exit 0", result.ok(), result::toString);
    }

    /** What is sent line by line arrives line by line, without anything behind it to push it out. */
    @Test
    void shouldKeepNothingBack() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        try (Child.Running sending = Cli.child("ring", "send", ring).start();
                Child.Running receiving = Cli.child("ring", "receive", ring).start()) {
            for (int i = 0; i < 5; i++) {
                sending.send("message " + i);
                assertEquals("message " + i, receiving.line());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
    void shouldGiveTheConsumersPartBackWhenItIsTold(String signal, int exit) throws Exception {
        TestRing ring = mpsc(1 << 12);
        ring.send(1, "one");
        try (Child.Running receiving = Cli.child("ring", "receive", ring).start()) {
            assertEquals("one", receiving.line());
            ring.await("consuming it", receiving, statistics -> statistics.messagesRead() == 1);
            receiving.signal(signal);
            Child.Result result = receiving.await();
            assertEquals(exit, result.exit());
            assertEquals("one\n", result.out());
            assertEquals("", result.err());
        }
        assertEquals(Liveness.NOBODY, ring.statistics().consumer().liveness());
    }

    @ParameterizedTest
    @CsvSource({"false, TERM, 143", "true, INT, 130", "true, TERM, 143"})
    void shouldGiveTheProducersPartBackWhenItIsTold(boolean full, String signal, int exit) throws Exception {
        TestRing ring = spsc(1 << 12);
        try (Child.Running sending = Cli.child("ring", "send", ring).start()) {
            for (int i = 0; i < (full ? 9 : 1); i++) {
                sending.send("x".repeat(500));
            }
            ring.await("sending", sending,
                    statistics -> full ? statistics.failedClaims() > 0 : statistics.messagesWritten() == 1);
            sending.signal(signal);
            Child.Result result = sending.await();
            assertEquals(exit, result.exit());
            assertEquals("shm4j: interrupted; " + (full ? "8 messages were" : "1 message was") + " sent\n",
                    result.err());
        }
        assertEquals(List.of(), ring.statistics().producers());
        assertEquals(full ? 8 : 1, ring.drain().size());
    }

    /** Others send as well, so the ring's own count would be too high. */
    @Test
    void shouldSayHowManyOfItsArgumentsItHasSentWhenItIsTold() throws Exception {
        TestRing ring = mpsc(1 << 12);
        ring.send(1, "x".repeat(300));
        List<Object> words = new ArrayList<>(List.of("ring", "send", ring));
        words.addAll(Collections.nCopies(20, "y".repeat(500)));
        try (Child.Running sending = Cli.child(words.toArray()).start()) {
            ring.await("filling the ring", sending, statistics -> statistics.failedClaims() > 0);
            sending.signal("TERM");
            Child.Result result = sending.await();
            assertEquals(143, result.exit());
            int sent = ring.drain().size() - 1;
            assertTrue(sent > 1, () -> "only " + sent);
            assertEquals("shm4j: interrupted; " + sent + " messages were sent\n", result.err());
        }
    }

    /** A pipe is never empty for long, so the signal comes between any two steps of the sender. */
    @Test
    void shouldCountExactlyWhenItIsToldInTheMiddle() throws Exception {
        TestRing ring = mpsc(1 << 20);
        Path lines = directory.resolve("lines");
        Files.writeString(lines, "a line\n".repeat(2_000_000));
        try (Child.Running sending = Cli.shellChild("exec \"$@\" ring send " + ring + " <" + lines).start()) {
            long before = 0;
            while (before < 100_000) {
                int drained = ring.drain().size();
                before += drained;
                assertTrue(sending.isAlive(), "ended");
            }
            sending.signal("TERM");
            Patience patience = Patience.with(sending);
            while (sending.isAlive()) {
                before += ring.drain().size();
                patience.renewIfChanged(before);
                patience.check(() -> "does not end");
            }
            before += ring.drain().size();
            Child.Result result = sending.await();
            assertEquals(143, result.exit());
            assertEquals("shm4j: interrupted; " + before + " messages were sent\n", result.err());
        }
    }

    /** Nobody reads the pipe, so the receiver hangs in the middle of the messages when it ends. */
    @ParameterizedTest
    @CsvSource({"TERM, 143, NOBODY", "KILL, 137, TERMINATED"})
    void shouldLoseNothingWhenItEndsInAFullPipe(String signal, int exit, Liveness left) throws Exception {
        TestRing ring = mpsc(1 << 21);
        int messages = 2000;
        for (int i = 0; i < messages; i++) {
            ring.send(1, String.format("%0500d", i));
        }
        try (Child.Running receiving = Cli.child("ring", "receive", ring).start()) {
            // It hangs as soon as it consumes no more.
            long[] last = {-1, 0};
            ring.await("filling the pipe", receiving, statistics -> {
                last[1] = statistics.messagesRead() == last[0] ? last[1] + 1 : 0;
                last[0] = statistics.messagesRead();
                return last[0] > 0 && last[1] == 20;
            });
            receiving.signal(signal);
            Child.Result result = receiving.awaitWithoutReading();
            assertEquals(exit, result.exit());
            assertEquals("", result.err());
            assertEquals(left, ring.statistics().consumer().liveness());
            long whole = result.out().chars().filter(character -> character == '\n').count();
            assertTrue(ring.statistics().messagesRead() <= whole, "consumed and not written");
            List<String> rest = ring.drain();
            int next = Integer.parseInt(rest.get(0));
            assertTrue(next <= whole, next + " is next, and " + whole + " were written");
            assertEquals(messages - next, rest.size());
        }
    }

    /** Receivers are killed while messages stream; together they print all, in order, and some of them twice. */
    @Test
    void shouldLoseNothingWhenReceiversAreKilled() throws Exception {
        TestRing ring = mpsc(1 << 14);
        int messages = 15_000 * KILLS;
        int next = 1;
        Random random = new Random();
        try (Child.Running sending =
                Cli.shellChild("seq " + messages + " | \"$@\" ring send " + ring).start()) {
            for (int kills = 0; kills < KILLS; kills++) {
                // Not more than what the pipe holds, as nobody reads it until the end.
                long enough = ring.statistics().messagesRead() + 1 + random.nextInt(5000);
                Child.Running receiving = Cli.child("ring", "receive", ring).start();
                ring.await("receiving", receiving, statistics -> statistics.messagesRead() >= enough);
                // Not by kill(), with which what the process has printed is lost.
                receiving.signal("KILL");
                next = follow(next, receiving.await().out());
                assertEquals(Liveness.TERMINATED, ring.statistics().consumer().liveness());
            }
            Patience patience = Patience.with(sending.pid());
            while (next <= messages) {
                next = follow(next, Cli.run("ring", "receive", ring, "--timeout", "1s").out());
                patience.renewIfChanged(next);
                patience.check(() -> "nothing comes any more: " + ring.statistics());
            }
            assertEquals("", sending.await().ok());
        }
        assertEquals(List.of(), ring.drain());
    }

    /** Checks that lines go on without a gap from a number or one before it; returns the number that comes next. */
    private static int follow(int next, String out) {
        // A line that is not ended was being written when the process was killed: it has to come again.
        List<String> lines = out.substring(0, out.lastIndexOf('\n') + 1).lines().toList();
        if (lines.isEmpty()) {
            return next;
        }
        int first = Integer.parseInt(lines.get(0));
        assertTrue(first <= next, first + " came after " + (next - 1));
        assertEquals(numbers(first, first + lines.size() - 1), String.join("\n", lines));
        return Math.max(next, first + lines.size());
    }

    @Test
    void shouldLetOnlyOneReceive() throws Exception {
        TestRing ring = mpsc(1 << 12);
        try (Child.Running receiving = Cli.child("ring", "receive", ring).start()) {
            ring.awaitConsumer(receiving);
            assertFails("the ring has a consumer already: process " + receiving.pid(),
                    Cli.run("ring", "receive", ring, "--no-wait"));
            assertFails("there is no role to take over", Cli.run("ring", "send", ring, "--take-over", "of many"));
            assertEquals("", Cli.run("ring", "receive", ring, "--take-over", "--no-wait").ok());
            assertFails("this consumer has lost its role: ", receiving.await());
        }
        ring.send(1, "for the next one");
        assertEquals("for the next one", Cli.run("ring", "receive", ring, "--no-wait").ok());
    }

    @Test
    void shouldLetOnlyOneSendIntoARingForOne() throws Exception {
        TestRing ring = spsc(1 << 12);
        try (Child.Running sending = Cli.child("ring", "send", ring).start()) {
            sending.send("first");
            ring.await("sending", sending, statistics -> statistics.messagesWritten() == 1);
            Child.Result second = Cli.run("ring", "send", ring, "second");
            assertFails("message 1: the ring has a producer already: process " + sending.pid(), second);
            assertTrue(second.err().endsWith("; nothing was sent\n"), second.err());
            Cli.run("ring", "send", ring, "--take-over", "of another").ok();
            sending.send("never sent");
            assertFails("line 2: this producer has lost its role: ", sending.await());
        }
        Cli.run("ring", "send", ring, "third").ok();
        assertEquals(List.of("first", "of another", "third"), ring.drain());
    }

    @Test
    void shouldEndWhereNobodyReadsOnWhileItWaits() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        ring.send(1, "one");
        Child.Result piped = Cli.shell("{ \"$@\" ring receive " + ring + "; echo exit $? >&2; } | head -n 1");
        assertEquals("one", piped.ok());
        assertEquals("exit 1\n", piped.err());
        assertEquals(Liveness.NOBODY, ring.statistics().consumer().liveness());
        // Not one that has read nothing yet.
        assertEquals("two", Cli.shell("{ sleep 3; \"$@\" ring send " + ring + " two; } & \"$@\" ring receive -n 1"
                + " " + ring + " | { sleep 2; cat; }; wait").ok());
    }

    @Test
    void shouldEndWhereTheOtherEndOfASocketIsClosedWhileItWaits() throws ShmException {
        Peers.require(Child.exists("python3"), "python3");
        TestRing ring = mpsc(1 << 12);
        ring.send(1, "one");
        Child.Result result = Cli.shell("""
                exec python3 -c '
                import socket, subprocess, sys
                ours, theirs = socket.socketpair()
                receiving = subprocess.Popen(sys.argv[1:], stdout=theirs)
                theirs.close()
                print(ours.recv(100))
                ours.close()
                print(receiving.wait())
                ' "$@" ring receive %s""".formatted(ring));
        assertEquals("b'one\\n'\n1", result.ok());
    }

    @Test
    void shouldKeepWhatNobodyReads() throws ShmException {
        TestRing ring = mpsc(1 << 21);
        ring.send(1, "x".repeat(1 << 18));
        // More than a pipe holds, so it cannot have been written when its reader goes.
        Child.Result closed = Cli.shell("{ \"$@\" ring receive " + ring + "; echo exit $? >&2; } | head -c 3");
        assertEquals("xxx", closed.ok());
        assertEquals("exit 1\n", closed.err());
        assertEquals(1, ring.drain().size());
        ring.send(1, "x");
        assertFails("cannot write to standard output: No space left on device",
                Cli.shell("\"$@\" ring receive " + ring + " >/dev/full"));
        assertEquals(1, ring.statistics().messagesRead());
        assertEquals(Liveness.NOBODY, ring.statistics().consumer().liveness());
        assertEquals(List.of("x"), ring.drain());
    }

    /** A producer that claims and then does nothing, until it is killed. */
    static final class Abandoner {

        private Abandoner() {}

        public static void main(String... arguments) throws Exception {
            MpscRingBuffer ring = MpscRingBuffer.open(
                    SharedMemory.ofId(Integer.parseInt(arguments[0])).attach(AttachMode.READ_WRITE, Arena.global()));
            System.out.println(ring.producer().tryClaim(1, 10, new Claim()) ? "claimed" : "no room");
            System.in.read();
        }
    }

    @Test
    void shouldReceiveWhatLiesBehindADeadProducersClaim() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        try (Child.Running abandoning = Child.java(Abandoner.class, ring.block().id()).start()) {
            assertEquals("claimed", abandoning.line());
            abandoning.kill();
        }
        Cli.run("ring", "send", ring, "behind").ok();
        assertEquals("behind", Cli.run("ring", "receive", ring, "--no-wait").ok());
        assertEquals(1, ring.statistics().recordsSkipped());
    }

    @Test
    void shouldGiveBackRoomThatHoldsNoMessage() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        ring.fillWithNothing();
        try (Child.Running receiving = Cli.child("ring", "receive", ring).start()) {
            Cli.run("ring", "send", ring, "one").ok();
            assertEquals("one", receiving.line());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"receive", "send"})
    void shouldNotWaitForNobody(String command) throws Exception {
        ShmKey key = blocks.freeKey();
        Cli.run("ring", "create", key, "-c", "4K").ok();
        SharedMemory block = SharedMemory.open(key);
        // What is sent fills the ring.
        try (Child.Running waiting = Cli.shellChild("yes | \"$@\" ring " + command + " " + key).start()) {
            Patience patience = Patience.with(waiting);
            while (!Mappings.isMappedBelow(block, waiting.pid()) && waiting.isAlive()) {
                patience.pause(() -> "it does not attach");
            }
            block.remove();
            Child.Result result = waiting.await();
            assertFails("the ring's block " + block.id() + " has been removed, and nobody else uses it", result);
            assertEquals("", result.out());
        }
        assertTrue(SharedMemory.list().stream().noneMatch(other -> other.id() == block.id()));
    }

    @Test
    void shouldFailWhereThereIsNoRing() throws IOException {
        SharedMemory block = blocks.create(5000);
        for (String command : new String[] {"send", "receive"}) {
            assertFails("id:" + block.id() + ": the memory holds no ring",
                    Cli.shell("\"$@\" ring " + command + " id:" + block.id() + " </dev/null"));
            assertFails("the memory has 100 bytes",
                    Cli.shell("\"$@\" ring " + command + " id:" + blocks.create(100).id() + " </dev/null"));
            assertFails("ENOENT", Cli.shell("\"$@\" ring " + command + " " + blocks.freeKey() + " </dev/null"));
        }
        assertFails("cannot read standard input: Is a directory; nothing was sent",
                Cli.shell("\"$@\" ring send " + mpsc(1 << 12) + " </"));
    }

    @Test
    void shouldSayThatARingWasOverwritten() throws ShmException {
        TestRing ring = mpsc(1 << 12);
        ring.send(1, "one");
        ring.memory().asSlice(768 + 128 * 128, 4).fill((byte) 0x7f);
        assertFails("the ring was overwritten", Cli.run("ring", "receive", ring, "--no-wait"));
        assertEquals(Liveness.NOBODY, ring.statistics().consumer().liveness());
        assertFalse(ring.statistics().messagesRead() > 0);
    }
}
