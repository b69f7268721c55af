module consumer {
    requires io.github.shm4j;
}
