/*
 * copy SIZE ITERATIONS MILLIS [TOOL]: memcpy into a block of System V shared memory, out of it, and both.
 *
 * How fast a copy is can depend on where in a cache line its buffers begin. Java's arrays begin at any multiple of 8, so
 * the buffers here do too: at another one in each iteration.
 */
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "bench.h"

enum { LINE = 64 };

static size_t size;
static unsigned random_state;
static char *in_buffer, *out_buffer, *in, *out;

static unsigned next_random(void) {
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 16;
}

static char *anywhere(char *buffer) {
    return buffer + next_random() % (LINE / 8) * 8;
}

static void renew(void) {
    in = anywhere(in_buffer);
    out = anywhere(out_buffer);
    for (size_t i = 0; i < size; i++) {
        in[i] = (char)next_random();
    }
    memset(out, 0, size);
}

int main(int argc, char **argv) {
    if (argc != 4 && argc != 5) {
        FAIL("usage: copy SIZE ITERATIONS MILLIS [TOOL]");
    }
    const char *tool = argc == 5 ? argv[4] : "C";
    size = strtoul(argv[1], NULL, 10);
    int iterations = atoi(argv[2]);
    int millis = atoi(argv[3]);

    int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
    CALL(id);
    char *block = shmat(id, NULL, 0);
    CALL(block);
    /* Marked at once: the block goes with this process, however that ends. */
    CALL(shmctl(id, IPC_RMID, NULL));
    in_buffer = aligned_alloc(LINE, (size + 2 * LINE - 1) / LINE * LINE);
    out_buffer = aligned_alloc(LINE, (size + 2 * LINE - 1) / LINE * LINE);
    if (!in_buffer || !out_buffer) {
        FAIL("not enough memory for two buffers of %zu bytes", size);
    }
    random_state = (unsigned)now_ns();

    MEASURE_VARYING(tool, "write", size, iterations, millis, renew(), {
        memcpy(block, in, size);
        CONSUMED(block);
    });
    if (memcmp(block, in, size) != 0) {
        FAIL("the block does not hold what was written");
    }
    MEASURE_VARYING(tool, "read", size, iterations, millis, (renew(), memcpy(block, in, size)), {
        memcpy(out, block, size);
        CONSUMED(out);
    });
    if (memcmp(out, in, size) != 0) {
        FAIL("what was read is not what was written");
    }
    memset(block, 0, size);
    MEASURE_VARYING(tool, "writeThenRead", size, iterations, millis, renew(), {
        memcpy(block, in, size);
        CONSUMED(block);
        memcpy(out, block, size);
        CONSUMED(out);
    });
    if (memcmp(out, in, size) != 0) {
        FAIL("what was read is not what was written");
    }
    return 0;
}
