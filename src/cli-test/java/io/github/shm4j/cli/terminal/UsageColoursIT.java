package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.cli.Cli;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The styles of what goes to a terminal and to a file at the same time. */
class UsageColoursIT {

    /** Connects one standard stream to a terminal and the other to a pipe, and prints what standard error gets. */
    private static final String BETWEEN = """
            import os, pty, subprocess, sys
            terminal, line = pty.openpty()
            source, pipe = os.pipe()
            out, err = (line, pipe) if sys.argv[1] == "out" else (pipe, line)
            command = subprocess.Popen(sys.argv[2:], stdin=line, stdout=out, stderr=err)
            os.close(line)
            os.close(pipe)
            text = b""
            while True:
                try:
                    part = os.read(source if err == pipe else terminal, 4096)
                except OSError: # The other side of the terminal is closed.
                    break
                if not part:
                    break
                text += part
            sys.stdout.write(text.decode().replace("\\r", ""))
            sys.exit(command.wait())
            """;

    /** The parser is asked only if there is an option. */
    @ParameterizedTest
    @CsvSource({"out, ring", "out, ring --debug", "err, ring", "err, ring --debug"})
    void shouldStyleUsageOnStandardErrorWhereThatIsATerminal(String terminal, String arguments) {
        Peers.require(Child.exists("python3"), "python3");
        Child.Result result = Cli.shell("unset NO_COLOR; TERM=xterm-256color exec python3 -c '" + BETWEEN + "' "
                + terminal + " \"$@\" " + arguments);
        assertEquals(2, result.exit(), result::toString);
        assertTrue(result.out().contains("Usage: "), result::toString);
        assertEquals(terminal.equals("err"), result.out().contains("\033["), result::toString);
    }
}
