/* touch SIZE ITERATIONS: nanoseconds per 4 KiB for the first write to each page of a new block. */
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "bench.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096 };

/* Returns the nanoseconds from before the first touch to after the last, or -1 if there are no huge pages. */
static long long once(size_t size, int flags, int populate) {
    int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600 | flags);
    if (id == -1 && flags) {
        return -1;
    }
    CALL(id);
    char *block = shmat(id, NULL, 0);
    CALL(block);
    CALL(shmctl(id, IPC_RMID, NULL));
    long long start = now_ns();
    if (populate) {
        CALL(madvise(block, size, MADV_POPULATE_WRITE));
    } else {
        for (size_t offset = 0; offset < size; offset += PAGE) {
            block[offset] = 1;
            CONSUMED(block);
        }
    }
    long long nanos = now_ns() - start;
    CALL(shmdt(block));
    return nanos;
}

static void row(const char *name, size_t size, int iterations, int flags, int populate) {
    if (once(size, flags, populate) < 0) {
        return;
    }
    printf("{\"tool\":\"C\",\"name\":\"%s\",\"size\":%zu,\"unit\":\"ns/op\",\"values\":[", name, size);
    for (int i = 0; i < iterations; i++) {
        printf("%s%.4f", i ? "," : "", (double)once(size, flags, populate) / (size / PAGE));
    }
    printf("]}\n");
}

int main(int argc, char **argv) {
    if (argc != 3) {
        FAIL("usage: touch SIZE ITERATIONS");
    }
    size_t size = strtoul(argv[1], NULL, 10);
    int iterations = atoi(argv[2]);
    row("firstTouch", size, iterations, 0, 0);
    row("preTouch", size, iterations, 0, 1);
    row("firstTouchHuge", size, iterations, SHM_HUGETLB, 0);
    row("preTouchHuge", size, iterations, SHM_HUGETLB, 1);
    return 0;
}
