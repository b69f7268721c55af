package io.github.shm4j.cli.terminal;

import java.io.IOException;
import java.io.InputStream;

/** Asks the user at the terminal. */
public final class Confirmation {

    private Confirmation() {}

    /** {@return whether the answer is yes; anything else, the end of the input included, is no} */
    public static boolean ask(String question) throws IOException {
        System.err.print(question + " [y/N] ");
        System.err.flush();
        // Byte by byte: a buffer would swallow the answer to the next question.
        StringBuilder answer = new StringBuilder();
        InputStream in = StandardStreams.input();
        int character = in.read();
        while (character >= 0 && character != '\n') {
            answer.append((char) character);
            character = in.read();
        }
        if (character < 0) {
            System.err.println();
        }
        String word = answer.toString().strip();
        return word.equalsIgnoreCase("y") || word.equalsIgnoreCase("yes");
    }
}
