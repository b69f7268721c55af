/**
 * System V shared memory for Java, through the Foreign Function &amp; Memory API.
 *
 * <p>{@link io.github.shm4j.SharedMemory} is the place to start.
 */
@SuppressWarnings("requires-automatic") // JLine 3
module io.github.shm4j {
    requires static info.picocli;
    requires static org.jline.terminal;

    exports io.github.shm4j;
    exports io.github.shm4j.ring;
    exports io.github.shm4j.shmop;

    opens io.github.shm4j.cli to
            info.picocli;
}
