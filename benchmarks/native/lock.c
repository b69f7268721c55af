/*
 * lock alone ITERATIONS MILLIS: what it costs to acquire and release a robust mutex of POSIX in a block of System V shared
 * memory, which nobody else wants.
 *
 * lock ROLE BLOCK CONTROL WARM_MILLIS SLICE_MILLIS SLICES: one of two processes that acquire such a mutex as often as they can.
 * Does what the Java class LockProcess does, with the same layout of the block, but for the mutex in the lock's place.
 */
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "control.h"

enum { PAGE = 4096, MUTEX = 0, COUNTER = 128, PING = 256, PONG = 384 };
enum { BATCH = 16 };

/* For the functions of pthreads, which return their error; EOWNERDEAD is one here, as nobody dies. */
#define ZERO(expression) \
    do { \
        int error_ = (expression); \
        if (error_ != 0) { \
            FAIL("%s: %s", #expression, strerror(error_)); \
        } \
    } while (0)

static pthread_mutex_t *mutex;
static int64_t *counter;
static char *own;
static int64_t acquired;

static void make_mutex(void) {
    pthread_mutexattr_t attributes;
    ZERO(pthread_mutexattr_init(&attributes));
    ZERO(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    ZERO(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    ZERO(pthread_mutex_init(mutex, &attributes));
    ZERO(pthread_mutexattr_destroy(&attributes));
}

static void alone(int iterations, int millis) {
    int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
    CALL(id);
    mutex = shmat(id, NULL, 0);
    CALL(mutex);
    CALL(shmctl(id, IPC_RMID, NULL));
    make_mutex();
    MEASURE("acquireRelease", 0, iterations, millis, {
        ZERO(pthread_mutex_lock(mutex));
        ZERO(pthread_mutex_unlock(mutex));
    });
}

static void acquire_some(void) {
    for (int i = 0; i < BATCH; i++) {
        ZERO(pthread_mutex_lock(mutex));
        ++*counter;
        ZERO(pthread_mutex_unlock(mutex));
    }
    acquired += BATCH;
    release(own, acquired);
}

/* Acquires and releases until the time is over, and returns how long that was. */
static long long acquire_until(long long start, int millis) {
    long long end = start + millis * 1000000LL, now;
    do {
        acquire_some();
        now = now_ns();
    } while (now < end);
    return now - start;
}

static void print(const char *name, const double *values, int count) {
    printf("\"%s\":[", name);
    for (int i = 0; i < count; i++) {
        printf("%s%.1f", i ? "," : "", values[i]);
    }
    printf("],");
}

static void measure(char *block, int warm, int millis, int slices) {
    double *ours = malloc(slices * sizeof *ours), *theirs = malloc(slices * sizeof *theirs);
    if (!ours || !theirs) {
        FAIL("no memory for %d slices", slices);
    }
    double before = ping(MEET_MILLIS);
    release(control, WARM_UP);
    long long end = now_ns() + warm * 1000000LL;
    do {
        acquire_until(now_ns(), millis);
    } while (now_ns() < end || acquire(block + PONG) == 0);
    release(control, MEASURE_IT);
    for (int i = 0; i < slices; i++) {
        int64_t our_first = acquired, their_first = acquire(block + PONG);
        long long nanos = acquire_until(now_ns(), millis);
        ours[i] = (acquired - our_first) * 1e9 / nanos;
        theirs[i] = (acquire(block + PONG) - their_first) * 1e9 / nanos;
    }
    release(control, STOP);
    /* The other side answers when it has released the mutex for the last time. */
    double after = ping(MEET_MILLIS);
    int64_t other = acquire(block + PONG);
    if (*counter != acquired + other) {
        FAIL("the counter is %lld; acquired were %lld and %lld: the mutex let both in", (long long)*counter,
                (long long)acquired, (long long)other);
    }
    printf("{");
    print("pingPerSecond", ours, slices);
    print("pongPerSecond", theirs, slices);
    printf("\"compiledMillis\":[],\"nanosBefore\":%.3f,\"nanosAfter\":%.3f}\n", before, after);
}

static void compete(void) {
    pong();
    while (acquire(control) == WAIT) {
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    while (acquire(control) != STOP) {
        acquire_some();
    }
    pong();
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "alone") == 0) {
        alone(atoi(argv[2]), atoi(argv[3]));
        return 0;
    }
    if (argc != 7) {
        FAIL("usage: lock alone ITERATIONS MILLIS, or lock ROLE BLOCK CONTROL WARM_MILLIS SLICE_MILLIS SLICES");
    }
    int measuring = strcmp(argv[1], "ping") == 0;
    char *block = shmat(atoi(argv[2]), NULL, 0);
    CALL(block);
    control = shmat(atoi(argv[3]), NULL, 0);
    CALL(control);
    mutex = (pthread_mutex_t *)(block + MUTEX);
    counter = (int64_t *)(block + COUNTER);
    own = block + (measuring ? PING : PONG);
    if (measuring) {
        measure(block, atoi(argv[4]), atoi(argv[5]), atoi(argv[6]));
    } else {
        /* Before the other side is started. */
        make_mutex();
        puts("ready");
        fflush(stdout);
        compete();
    }
    return 0;
}
