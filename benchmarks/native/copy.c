/* copy SIZE ITERATIONS MILLIS: memcpy into a block of System V shared memory, out of it, and both. */
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "bench.h"

int main(int argc, char **argv) {
    if (argc != 4) {
        FAIL("usage: copy SIZE ITERATIONS MILLIS");
    }
    size_t size = strtoul(argv[1], NULL, 10);
    int iterations = atoi(argv[2]);
    int millis = atoi(argv[3]);

    int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
    CALL(id);
    char *block = shmat(id, NULL, 0);
    CALL(block);
    /* Marked at once: the block goes with this process, however that ends. */
    CALL(shmctl(id, IPC_RMID, NULL));
    char *in = malloc(size), *out = malloc(size);
    if (!in || !out) {
        FAIL("not enough memory for two buffers of %zu bytes", size);
    }
    unsigned random = 12345;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525u + 1013904223u;
        in[i] = (char)(random >> 24);
    }
    memset(out, 0, size);

    MEASURE("write", size, iterations, millis, {
        memcpy(block, in, size);
        CONSUMED(block);
    });
    if (memcmp(block, in, size) != 0) {
        FAIL("the block does not hold what was written");
    }
    MEASURE("read", size, iterations, millis, {
        memcpy(out, block, size);
        CONSUMED(out);
    });
    if (memcmp(out, in, size) != 0) {
        FAIL("what was read is not what was written");
    }
    memset(block, 0, size);
    memset(out, 0, size);
    MEASURE("writeThenRead", size, iterations, millis, {
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
