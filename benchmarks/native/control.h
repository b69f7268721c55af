/*
 * How two processes begin and end a measurement together, and measure how far apart their cores are, through a block of
 * System V shared memory: what the Java class ControlBlock does, with the same layout.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdint.h>

#include "bench.h"

enum { WAIT, WARM_UP, MEASURE_IT, STOP };
enum { TURN = 2048, NO_TURN = 0, NO_MORE = -1, BATCH_OF_TURNS = 500, BATCHES = 10000, MEET_MILLIS = 10 };

static char *control;

static inline void spin(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static inline int64_t acquire(const char *word) {
    return __atomic_load_n((const int64_t *)word, __ATOMIC_ACQUIRE);
}

static inline void release(char *word, int64_t value) {
    __atomic_store_n((int64_t *)word, value, __ATOMIC_RELEASE);
}

static int ascending(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return difference < 0 ? -1 : difference > 0;
}

static void await_turn(int64_t turn) {
    while (acquire(control + TURN) != turn) {
        spin();
    }
}

/* The nanoseconds that a cache line needs to go to the other side and back, which calls pong. */
static double ping(int millis) {
    static double nanos[BATCHES];
    long long now = now_ns(), end = now + millis * 1000000LL;
    int count = 0;
    int64_t turn = NO_TURN;
    do {
        long long start = now;
        for (int i = 0; i < BATCH_OF_TURNS; i++) {
            release(control + TURN, ++turn);
            await_turn(++turn);
        }
        now = now_ns();
        nanos[count++] = (double)(now - start) / BATCH_OF_TURNS;
    } while (now < end && count < BATCHES);
    release(control + TURN, NO_MORE);
    await_turn(NO_TURN);
    qsort(nanos, count, sizeof *nanos, ascending);
    return nanos[count / 2];
}

static void pong(void) {
    int64_t turn = NO_TURN;
    while (turn != NO_MORE) {
        int64_t last = turn;
        do {
            spin();
            turn = acquire(control + TURN);
        } while (turn == last);
        if (turn != NO_MORE) {
            release(control + TURN, ++turn);
        }
    }
    release(control + TURN, NO_TURN);
}

#endif
