package io.github.shm4j.support;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code /proc/self/task/TID/syscall} says about the threads of this process. */
public final class SystemCalls {

    private SystemCalls() {}

    /** How many threads of this process wait in a system call that was given an address. */
    public static int threadsIn(long address) throws IOException {
        String argument = " 0x" + Long.toHexString(address) + " ";
        int threads = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                try {
                    threads += Files.readString(task.resolve("syscall")).contains(argument) ? 1 : 0;
                } catch (IOException ended) {
                    // One of the JVM's own threads.
                }
            }
        }
        return threads;
    }
}
