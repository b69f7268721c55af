/**
 * System V shared memory for Java, through the Foreign Function &amp; Memory API.
 *
 * <p>{@link io.github.shm4j.SharedMemory} is the place to start.
 */
module io.github.shm4j {
    requires static jdk.jfr;

    exports io.github.shm4j;
    exports io.github.shm4j.broadcast;
    exports io.github.shm4j.ring;
    exports io.github.shm4j.shmop;
    exports io.github.shm4j.state;
}
