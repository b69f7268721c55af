/* What the C programs share: the clock, the measuring loop and the rows that the suite reads. */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* The compiler must believe that somebody reads the memory here, so it can drop no copy and merge no two. */
#define CONSUMED(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")

#define FAIL(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))

#define CALL(expression) \
    do { \
        if ((long)(expression) == -1) { \
            perror(#expression); \
            exit(1); \
        } \
    } while (0)

/*
 * Repeats a statement for some milliseconds, as often as there are iterations, and prints a row with the nanoseconds per
 * operation of each. A macro, so that the statement is compiled into the loop: a call by pointer would cost as much as a
 * small copy.
 */
#define MEASURE(name, size, iterations, millis, statement) \
    MEASURE_VARYING("C", name, size, iterations, millis, (void)0, statement)

/* The same for another tool, and with something that changes before each iteration. */
#define MEASURE_VARYING(tool, name, size, iterations, millis, change, statement) \
    do { \
        long batch_ = 1; \
        change; \
        for (;;) { \
            long long start_ = now_ns(); \
            for (long k_ = 0; k_ < batch_; k_++) { \
                statement; \
            } \
            if (now_ns() - start_ > 20000) { \
                break; \
            } \
            batch_ *= 2; \
        } \
        printf("{\"tool\":\"%s\",\"name\":\"%s\",\"size\":%zu,\"unit\":\"ns/op\",\"values\":[", tool, name, (size_t)(size)); \
        for (int i_ = 0; i_ < (iterations); i_++) { \
            change; \
            long operations_ = 0; \
            long long start_ = now_ns(), end_; \
            do { \
                for (long k_ = 0; k_ < batch_; k_++) { \
                    statement; \
                } \
                operations_ += batch_; \
                end_ = now_ns(); \
            } while (end_ - start_ < (millis) * 1000000LL); \
            printf("%s%.4f", i_ ? "," : "", (double)(end_ - start_) / operations_); \
        } \
        printf("]}\n"); \
        fflush(stdout); \
    } while (0)

#endif
