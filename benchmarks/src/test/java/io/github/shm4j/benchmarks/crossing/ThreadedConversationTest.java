package io.github.shm4j.benchmarks.crossing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedTransferQueue;
import org.junit.jupiter.api.Test;

class ThreadedConversationTest {

    private static final LinkedTransferQueue<String> THERE = new LinkedTransferQueue<>();

    /** One side: what it says first is what it was told. */
    static final class Talker {

        static final AssertionError REFUSED = new AssertionError("refused");

        private Talker() {}

        public static void main(String[] arguments) throws InterruptedException {
            switch (arguments[0]) {
                case "ask" -> {
                    THERE.transfer(arguments[1]);
                    System.out.println("asked " + arguments[1]);
                }
                case "answer" -> {
                    System.out.println("ready");
                    if (!THERE.take().equals(arguments[1])) {
                        throw REFUSED;
                    }
                }
                case "leave" -> System.out.println("never mind");
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    @Test
    void shouldLeaveTheFirstConversationOfAProgramToProcesses() throws InterruptedException {
        assertEquals(Optional.empty(), ThreadedConversation.run("", "first", side("-Dfirst", "ask", "1"), List.of()));
        assertEquals(Optional.of("asked 1"), run("-Dfirst", "1", "1"));
    }

    @Test
    void shouldLeaveTheFirstConversationAboutEachKindToProcesses() throws InterruptedException {
        start("-Dkinds");
        assertEquals(Optional.of("asked 7"), run("-Dkinds", "7", "7"));
        for (String kind : List.of("one", "another")) {
            List<String> ask = side("-Dkinds", "ask", kind);
            List<List<String>> answer = List.of(side("-Dkinds", "answer", kind));
            assertEquals(Optional.empty(), ThreadedConversation.run(kind, "talk", ask, answer));
            assertEquals(Optional.of("asked " + kind), ThreadedConversation.run(kind, "talk", ask, answer));
        }
    }

    @Test
    void shouldLeaveAProgramThatIsNoJvmToProcesses() throws InterruptedException {
        assertEquals(Optional.empty(), ThreadedConversation.run("", "C", List.of("true"), List.of(List.of("true"))));
        assertEquals(Optional.empty(), ThreadedConversation.run("", "C", List.of("true"), List.of(List.of("true"))));
    }

    @Test
    void shouldReturnWhatTheMeasuringSidePrintedLast() throws InterruptedException {
        start("-Dprints");
        assertEquals(Optional.of("asked 2"), run("-Dprints", "2", "2"));
        assertEquals(Optional.of("asked 3"), run("-Dprints", "3", "3"));
    }

    @Test
    void shouldFailWithWhatASideHasThrown() throws InterruptedException {
        start("-Dfails");
        IllegalStateException failed = assertThrows(IllegalStateException.class, () -> run("-Dfails", "4", "5"));
        String said = "talk, pong died; it said: " + Talker.REFUSED + "\n\tat ";
        assertTrue(failed.getMessage().startsWith(said), failed::getMessage);
        assertTrue(failed.getMessage().contains(Talker.class.getName() + ".<clinit>("), failed::getMessage);
        assertSame(Talker.REFUSED, failed.getCause());
    }

    @Test
    void shouldFailIfASideEndsBeforeItIsReady() throws InterruptedException {
        start("-Dleaves");
        IllegalStateException failed = assertThrows(IllegalStateException.class, () -> ThreadedConversation.run(
                "", "talk", side("-Dleaves", "ask", "6"), List.of(side("-Dleaves", "leave"))));
        assertEquals("talk, pong ended before it was ready", failed.getMessage());
    }

    private static void start(String option) throws InterruptedException {
        assertEquals(Optional.empty(), run(option, "", ""));
    }

    private static Optional<String> run(String option, String asked, String answered) throws InterruptedException {
        return ThreadedConversation.run(
                "", "talk", side(option, "ask", asked), List.of(side(option, "answer", answered)));
    }

    private static List<String> side(String option, String... arguments) {
        List<String> command = new ArrayList<>(List.of("java", option, "-cp", "anywhere", Talker.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
