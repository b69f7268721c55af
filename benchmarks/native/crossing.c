/*
 * crossing ROLE ID SIZE WARM_MILLIS MEASURE_MILLIS SAMPLES_FILE: one side of a conversation through a block of System V
 * shared memory. Does exactly what the Java side does with the class BlockLink: see there for the layout.
 */
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "bench.h"

enum { PAYLOAD = 64, LAST = -1, MAX_SAMPLES = 4000000, CLOCK_EVERY = 64 };

static int64_t *word;
static char *payload;
static int64_t turn;
static size_t size;

static void await_turn(void) {
    turn++;
    while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != turn) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb" ::: "memory");
#endif
    }
}

static void hand_over(void) {
    __atomic_store_n(word, ++turn, __ATOMIC_RELEASE);
}

static void send_message(const char *message) {
    memcpy(payload, message, size);
    hand_over();
}

static void receive_message(char *message) {
    await_turn();
    memcpy(message, payload, size);
}

static int64_t number_of(const char *message) {
    int64_t number;
    memcpy(&number, message, sizeof number);
    return number;
}

static void stamp(char *message, int64_t number) {
    memcpy(message, &number, sizeof number);
}

static void expect(const char *message, int64_t number) {
    if (number_of(message) != number) {
        FAIL("expected message %lld, received %lld", (long long)number, (long long)number_of(message));
    }
}

static void pong(char *message) {
    for (int64_t next = 1;; next++) {
        receive_message(message);
        if (number_of(message) == LAST) {
            send_message(message);
            break;
        }
        expect(message, next);
        send_message(message);
    }
    for (int streams = 0; streams < 2; streams++) {
        for (int64_t next = 1;; next++) {
            receive_message(message);
            if (number_of(message) == LAST) {
                send_message(message);
                break;
            }
            expect(message, next);
            hand_over();
        }
    }
}

static int64_t number;

static long round_trips(char *message, char *reply, int millis, uint32_t *samples) {
    long long end = now_ns() + millis * 1000000LL, after;
    long count = 0;
    do {
        stamp(message, ++number);
        long long before = now_ns();
        send_message(message);
        receive_message(reply);
        after = now_ns();
        expect(reply, number);
        if (samples) {
            long long nanos = after - before;
            samples[count] = nanos > UINT32_MAX ? UINT32_MAX : (uint32_t)nanos;
        }
        count++;
    } while (after < end && count < MAX_SAMPLES);
    return count;
}

static void last(char *message, char *reply) {
    stamp(message, LAST);
    send_message(message);
    receive_message(reply);
    expect(reply, LAST);
}

/* Returns messages per second. */
static double stream(char *message, char *reply, int millis) {
    long long start = now_ns(), end = start + millis * 1000000LL;
    int64_t count = 0;
    do {
        for (int i = 0; i < CLOCK_EVERY; i++) {
            stamp(message, ++count);
            send_message(message);
            await_turn();
        }
    } while (now_ns() < end);
    last(message, reply);
    return (count + 1) * 1e9 / (now_ns() - start);
}

int main(int argc, char **argv) {
    if (argc != 7) {
        FAIL("usage: crossing ROLE ID SIZE WARM_MILLIS MEASURE_MILLIS SAMPLES_FILE");
    }
    size = strtoul(argv[3], NULL, 10);
    int warm = atoi(argv[4]), measure = atoi(argv[5]);
    char *block = shmat(atoi(argv[2]), NULL, 0);
    CALL(block);
    word = (int64_t *)block;
    payload = block + PAYLOAD;
    char *message = malloc(size), *reply = malloc(size);
    memset(message, 7, size);
    memset(reply, 0, size);
    if (strcmp(argv[1], "pong") == 0) {
        puts("ready");
        fflush(stdout);
        pong(message);
        return 0;
    }
    uint32_t *samples = malloc(MAX_SAMPLES * sizeof *samples);
    /* Not calloc: the pages must be there before the clock runs. */
    memset(samples, 1, MAX_SAMPLES * sizeof *samples);
    round_trips(message, reply, warm, NULL);
    long count = round_trips(message, reply, measure, samples);
    last(message, reply);
    stream(message, reply, warm / 2);
    double rate = stream(message, reply, measure);
    FILE *file = fopen(argv[6], "wb");
    if (!file || fwrite(samples, sizeof *samples, count, file) != (size_t)count || fclose(file) != 0) {
        FAIL("cannot write %s", argv[6]);
    }
    printf("%.3f\n", rate);
    return 0;
}
