/*
 * Sleeps in the kernel until the other side of a ring for one producer goes on, and wakes who does, written from
 * docs/ring-protocol.md alone. Unlike what is said there it sleeps without a bound, so that it has to be woken.
 *
 * usage: sleeper message ID    until there is a record at the consumer position
 *        sleeper room ID       until there is room for the shortest record
 *        sleeper wake ID WORD  what follows on publishing or freeing: wakes who sleeps on the word at that offset
 */
#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AT(type, offset) ((type *) (ring + (offset)))
#define LOAD(pointer) __atomic_load_n((pointer), __ATOMIC_ACQUIRE)

enum { CAPACITY = 16, SLOT_NUMBER = 24, PRODUCER_POSITION = 128, FREE_POSITION = 256, CONSUMER_POSITION = 392 };
enum { CONSUMER_SLEEPS = 512, PRODUCERS_SLEEP = 640, SLOTS = 768, RECORD = 8 };
enum { NONE = 0, AWAKE = 1, ASLEEP = 2 };

static char *ring;

static int there_is_a_message(void) {
    uint64_t position = LOAD(AT(uint64_t, CONSUMER_POSITION)) & (*AT(uint64_t, CAPACITY) - 1);
    return LOAD(AT(int64_t, SLOTS + 128 * *AT(int32_t, SLOT_NUMBER) + position)) != 0;
}

static int there_is_room(void) {
    uint64_t free_position = LOAD(AT(uint64_t, FREE_POSITION));
    return LOAD(AT(uint64_t, PRODUCER_POSITION)) - free_position + RECORD <= *AT(uint64_t, CAPACITY);
}

static void sleep_until(int (*done)(void), uint32_t *word) {
    while (!done()) {
        __atomic_store_n(word, ASLEEP, __ATOMIC_SEQ_CST);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (!done()) {
            syscall(SYS_futex, word, FUTEX_WAIT, ASLEEP, NULL, NULL, 0);
        }
    }
}

static long wake(uint32_t *word) {
    if (__atomic_load_n(word, __ATOMIC_RELAXED) == NONE) {
        return 0;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    uint32_t asleep = ASLEEP;
    if (!__atomic_compare_exchange_n(word, &asleep, AWAKE, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        return 0;
    }
    return syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

int main(int count, char **arguments) {
    ring = count < 3 ? (char *) -1 : shmat(atoi(arguments[2]), NULL, 0);
    if (ring == (char *) -1) {
        perror("shmat");
        return 3;
    }
    if (strcmp(arguments[1], "message") == 0) {
        sleep_until(there_is_a_message, AT(uint32_t, CONSUMER_SLEEPS));
        __atomic_store_n(AT(uint32_t, CONSUMER_SLEEPS), AWAKE, __ATOMIC_SEQ_CST);
    } else if (strcmp(arguments[1], "room") == 0) {
        sleep_until(there_is_room, AT(uint32_t, PRODUCERS_SLEEP));
    } else {
        printf("%ld", wake(AT(uint32_t, atoi(arguments[3]))));
    }
    return 0;
}
