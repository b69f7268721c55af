/*
 * A user of a lock by peers/shm4j_ring.h. The lock is at the beginning of a block; behind it lie a word that names who is
 * inside, a counter, how often somebody was told of an owner that terminated, and each process's own count.
 *
 * usage: locker count ID NUMBER TARGET    increments the counter until it has the value
 *        locker hold ID                   acquires the lock, says what it was told, releases it after a line of input
 *        locker try ID                    acquires the lock if it is soon to be had, says what it was told, and releases it; or says "refused"
 *        locker end ID STEP               kills itself right after that step of the protocol
 *        locker stop ID STEP              stops itself there instead, and then says whether it had the lock still
 */
#define SHM4J_STEP(part, step) die_after(#step)
static void die_after(const char *step);

#include "shm4j_ring.h"

#define AT(type, offset) ((type *) (void *) (block.memory + (offset)))

#define INSIDE 128
#define COUNTER 136
#define TOLD 144
#define COUNTS 256
#define COUNTERS 4

static struct shm4j_block block;
static struct shm4j_lock lock;
static const char *fatal = "never";
static int deadly = SIGKILL;

static void die_after(const char *step) {
    if (strcmp(step, fatal) == 0) {
        kill(getpid(), deadly);
        if (deadly == SIGKILL) {
            pause();
        }
    }
}

static void require(int result, int expected) {
    if (result != expected) {
        printf("%s\n", shm4j_strerror(result));
        exit(4);
    }
}

/* Returns whether the data may be inconsistent. */
static int acquire(void) {
    require(shm4j_lock_acquire(&lock, SHM4J_FOR_EVER), 1);
    require(shm4j_lock_acquire(&lock, SHM4J_FOR_EVER), -EDEADLK);
    return lock.inconsistent;
}

static void release(void) {
    shm4j_lock_mark_consistent(&lock);
    require(shm4j_lock_release(&lock), 0);
}

/* Plain accesses: the lock alone keeps them apart. */
static int64_t difference(void) {
    int64_t sum = 0;
    for (int i = 0; i < COUNTERS; i++) {
        sum += *AT(int64_t, COUNTS + 8 * i);
    }
    return *AT(int64_t, COUNTER) - sum;
}

static void count(int number, int64_t target) {
    for (int done = 0; !done;) {
        int told = acquire();
        int64_t surplus = difference();
        if (told) {
            if (surplus < 0 || surplus > 1) {
                printf("told, and the counter is %ld too high\n", (long) surplus);
                exit(5);
            }
            *AT(int64_t, COUNTER) -= surplus;
            *AT(int64_t, TOLD) += 1;
        } else if (surplus != 0 || *AT(uint64_t, INSIDE) != 0) {
            printf("not told, and the counter is %ld too high; inside is %ld\n", (long) surplus,
                    (long) *AT(uint64_t, INSIDE));
            exit(6);
        }
        *AT(uint64_t, INSIDE) = (uint64_t) getpid();
        done = *AT(int64_t, COUNTER) >= target;
        if (!done) {
            *AT(volatile int64_t, COUNTER) += 1;
            *AT(volatile int64_t, COUNTS + 8 * number) += 1;
        }
        if (*AT(volatile uint64_t, INSIDE) != (uint64_t) getpid()) {
            printf("somebody else is inside as well\n");
            exit(7);
        }
        *AT(volatile uint64_t, INSIDE) = 0;
        release();
    }
}

int main(int arguments, char **argument) {
    if (arguments < 3) {
        return 3;
    }
    require(shm4j_attach_id(&block, atoi(argument[2]), 0), 0);
    require(shm4j_lock_open(&lock, block.memory), 0);
    if (strcmp(argument[1], "count") == 0) {
        count(atoi(argument[3]), strtoll(argument[4], NULL, 10));
    } else if (strcmp(argument[1], "hold") == 0) {
        printf("%s\n", acquire() ? "told" : "acquired");
        fflush(stdout);
        getchar();
        release();
        printf("released\n");
    } else if (strcmp(argument[1], "try") == 0) {
        int result = shm4j_lock_acquire(&lock, 20000000);
        if (result != 0) {
            require(result, 1);
            /* What it was told, the next one is told as well. */
            printf("%s\n", lock.inconsistent ? "told" : "acquired");
            require(shm4j_lock_release(&lock), 0);
        } else {
            printf("refused\n");
        }
    } else if (strcmp(argument[1], "stop") == 0) {
        deadly = SIGSTOP;
        fatal = argument[3];
        acquire();
        printf("%s\n", shm4j_strerror(shm4j_lock_release(&lock)));
    } else {
        fatal = argument[3];
        acquire();
        release();
    }
    return 0;
}
