/* The whole life of a block, down to the first byte read back, as one short process. */
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include "bench.h"

int main(void) {
    int id = shmget(IPC_PRIVATE, 1024, IPC_CREAT | IPC_EXCL | 0600);
    CALL(id);
    char *block = shmat(id, NULL, 0);
    CALL(block);
    block[0] = '!';
    CONSUMED(block);
    CALL(write(1, block, 1));
    CALL(shmdt(block));
    CALL(shmctl(id, IPC_RMID, NULL));
    return 0;
}
