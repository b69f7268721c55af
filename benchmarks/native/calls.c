/* calls FILE ITERATIONS MILLIS: what each call on a block of System V shared memory costs. */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "bench.h"

int main(int argc, char **argv) {
    if (argc != 4) {
        FAIL("usage: calls FILE ITERATIONS MILLIS");
    }
    const char *file = argv[1];
    int iterations = atoi(argv[2]);
    int millis = atoi(argv[3]);

    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    key_t key = (key_t)(now.tv_nsec * 2654435761u) | 1;
    int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
    CALL(id);
    struct shmid_ds status;
    MEASURE("status", 0, iterations, millis, {
        CALL(shmctl(id, IPC_STAT, &status));
        CONSUMED(&status);
    });
    MEASURE("open", 0, iterations, millis, CALL(shmget(key, 0, 0)));
    MEASURE("ftok", 0, iterations, millis, CALL(ftok(file, 'j')));
    MEASURE("attachDetach", 0, iterations, millis, {
        void *block = shmat(id, NULL, 0);
        CALL(block);
        CALL(shmctl(id, IPC_STAT, &status));
        CONSUMED(&status);
        CALL(shmdt(block));
    });
    MEASURE("attachDetachBlindly", 0, iterations, millis, {
        void *block = shmat(id, NULL, 0);
        CALL(block);
        CALL(shmdt(block));
    });
    CALL(shmctl(id, IPC_RMID, NULL));
    MEASURE("cycle", 0, iterations, millis, {
        int fresh = shmget(IPC_PRIVATE, 4096, IPC_CREAT | IPC_EXCL | 0600);
        CALL(fresh);
        char *block = shmat(fresh, NULL, 0);
        CALL(block);
        CALL(shmctl(fresh, IPC_STAT, &status));
        *block = 1;
        CONSUMED(block);
        CALL(shmdt(block));
        CALL(shmctl(fresh, IPC_RMID, NULL));
    });
    return 0;
}
