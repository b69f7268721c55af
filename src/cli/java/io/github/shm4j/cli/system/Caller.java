package io.github.shm4j.cli.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user who runs the program: from a file, since linking the first native call takes longer than a listing. */
public final class Caller {

    private static final String LABEL = "Uid:\t";

    private Caller() {}

    /** {@return the effective user id} */
    public static long uid() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1);
        int line = status.indexOf('\n' + LABEL);
        if (line < 0) {
            throw new IOException("/proc/self/status does not say who runs this");
        }
        // The real one comes first, then the effective one.
        int from = status.indexOf('\t', line + 1 + LABEL.length()) + 1;
        return Long.parseLong(status, from, status.indexOf('\t', from), 10);
    }
}
