package io.github.shm4j.cli;

import java.nio.file.NoSuchFileException;

/** Says what went wrong in one line, for people who did not write the program. */
final class Messages {

    private Messages() {}

    static String of(Throwable failure) {
        if (failure instanceof NoSuchFileException missing) {
            return missing.getFile() + ": there is no such file";
        }
        String message = failure.getMessage();
        return message != null ? message : failure.getClass().getSimpleName();
    }
}
