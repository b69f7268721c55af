/*
 * A producer for rings with many producers. It uses peers/shm4j_ring.h.
 *
 * usage: producer ID COUNT [STEP]
 *
 * Writes COUNT messages "c 0", "c 1", ... If a STEP is given, the process kills itself right after that step of the
 * protocol while it writes the message behind them.
 */
#define SHM4J_STEP(part, step) die_after(#step)
static void die_after(const char *step);

#include "shm4j_ring.h"

static const char *fatal;

static void die_after(const char *step) {
    if (fatal != NULL && strcmp(step, fatal) == 0) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

static void write_message(struct shm4j_producer *producer, const char *text) {
    int written;
    while ((written = shm4j_producer_write(producer, 7, text, strlen(text))) == 0) {
        shm4j_producer_await_room(producer, strlen(text), SHM4J_FOR_EVER);
    }
    if (written < 0) {
        fprintf(stderr, "%s", shm4j_strerror(written));
        exit(3);
    }
}

int main(int count, char **arguments) {
    struct shm4j_block block;
    struct shm4j_ring ring;
    struct shm4j_producer producer;
    if (shm4j_attach_id(&block, atoi(arguments[1]), 0) != 0
            || shm4j_ring_open(&ring, block.memory, block.size) != 0
            || ring.kind != SHM4J_MPSC
            || !ring.identity.shares_namespaces
            || shm4j_producer_open(&producer, &ring) != 0) {
        return 2;
    }
    int messages = atoi(arguments[2]);
    char text[32];
    for (int i = 0; i < messages; i++) {
        snprintf(text, sizeof text, "c %d", i);
        write_message(&producer, text);
    }
    fatal = count > 3 ? arguments[3] : NULL;
    write_message(&producer, "the last one");
    shm4j_producer_close(&producer);
    return 0;
}
