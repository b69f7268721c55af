/*
 * Sleeps in the kernel until the other side of a ring for one producer goes on, and wakes who does. It uses
 * peers/shm4j_ring.h, but unlike that it sleeps without a bound, so that it has to be woken.
 *
 * usage: sleeper message ID    until there is a record at the consumer position
 *        sleeper room ID       until there is room for the shortest record
 *        sleeper wake ID WORD  what follows on publishing or freeing: wakes who sleeps on the word at that offset
 */
#include "shm4j_ring.h"

static struct shm4j_ring ring;

static int there_is_a_message(void) {
    uint64_t position = shm4j_load(ring.memory, SHM4J_CONSUMER_POSITION);
    return shm4j_load(ring.records, shm4j_place(&ring, position)) != 0;
}

static int there_is_room(void) {
    uint64_t free_position = shm4j_load(ring.memory, SHM4J_FREE_POSITION);
    return shm4j_load(ring.memory, SHM4J_PRODUCER_POSITION) - free_position + SHM4J_RECORD_HEADER <= ring.capacity;
}

static void sleep_until(int (*done)(void), uint32_t *word) {
    while (!done()) {
        shm4j_prepare_to_sleep(word);
        if (!done()) {
            syscall(SYS_futex, word, FUTEX_WAIT, SHM4J_ASLEEP, NULL, NULL, 0);
        }
    }
}

int main(int count, char **arguments) {
    struct shm4j_block block;
    int result = count < 3 ? -EINVAL : shm4j_attach_id(&block, atoi(arguments[2]), 0);
    if (result == 0) {
        result = shm4j_ring_open(&ring, block.memory, block.size);
    }
    if (result != 0) {
        fprintf(stderr, "%s\n", shm4j_strerror(result));
        return 3;
    }
    if (strcmp(arguments[1], "message") == 0) {
        sleep_until(there_is_a_message, shm4j_half(ring.memory, SHM4J_CONSUMER_SLEEPS));
        __atomic_store_n(shm4j_half(ring.memory, SHM4J_CONSUMER_SLEEPS), SHM4J_AWAKE, __ATOMIC_SEQ_CST);
    } else if (strcmp(arguments[1], "room") == 0) {
        sleep_until(there_is_room, shm4j_half(ring.memory, SHM4J_PRODUCERS_SLEEP));
    } else {
        printf("%ld", shm4j_wake(shm4j_half(ring.memory, (uint64_t) atoi(arguments[3]))));
    }
    return 0;
}
