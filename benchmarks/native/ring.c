/*
 * ring ROLE MODE KIND BLOCK CONTROL SIZE CAPACITY WARM_MILLIS SLICE_MILLIS SLICES SAMPLES_FILE PRODUCER PRODUCERS: one of
 * the processes at a ring for one producer and one consumer, in a block of System V shared memory. Does what the Java class
 * RingProcess does, with the same messages and the same checks; the ring is the simplest that is fast:
 *
 *      0  producer position
 *    128  consumer position
 *    256  consumer sleeps: 0 nobody has ever slept, 1 awake, 2 asleep
 *    384  records: length with these 8 bytes, and type, then the message; aligned to 8 bytes, in one piece
 *
 * Each side keeps what it last saw of the other's position and looks again only when that is used up. The consumer gives
 * back what it has read when that is a sixteenth of the ring, or when there is nothing more to read. KIND says when the
 * producer publishes: with each message ("message"), or with each 256th ("batch"). With "clear", which else is "message",
 * the consumer clears what it gives back, as shm4j does for small records; it then has those cache lines for itself, and
 * the producer gets them in larger portions. In the mode "wake-ups" both sides sleep until they are woken, with the protocol of
 * shm4j's kernel wait. In the mode "copy", which else is "stream", the consumer copies each message into memory of its own
 * and reads it there.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control.h"

enum { PAGE = 4096, APART = 128, SLEEP = 256, RECORDS = 384, HEADER = 8, BATCH = 256 };
enum { LIMIT = 256, POLLS = 16, SENDS = 256, STEP = 64, MAX_SAMPLES = 4000000 };

enum { NONE, AWAKE, ASLEEP };
enum { SPINS = 100, YIELDS = 10, WARM_PAUSE_NANOS = 20000, PAUSE_NANOS = 200000 };

static const int64_t LAST = 1LL << 47;
static const int PADDING = -1;

static size_t size;
static int64_t capacity;
static int batch, clearing;
static char *own;

struct ring {
    char *memory;
    /* The own position, the one that the other side knows, and the other side's, when last looked. */
    int64_t position, published, other;
};

static struct ring open_ring(char *block, int index) {
    int64_t bytes = (RECORDS + capacity + PAGE - 1) / PAGE * PAGE;
    return (struct ring){block + index * bytes, 0, 0, 0};
}

static inline void flush(struct ring *ring) {
    ring->published = ring->position;
    release(ring->memory, ring->position);
}

static inline int send_message(struct ring *ring, const char *message) {
    int64_t record = (HEADER + size + 7) & ~7LL;
    int64_t index = ring->position & (capacity - 1);
    int64_t to_end = capacity - index;
    int64_t needed = record <= to_end ? record : to_end + record;
    if (ring->position + needed - ring->other > capacity) {
        ring->other = acquire(ring->memory + APART);
        if (ring->position + needed - ring->other > capacity) {
            if (ring->published != ring->position) {
                flush(ring);
            }
            return 0;
        }
    }
    char *begin = ring->memory + RECORDS + index;
    if (record > to_end) {
        ((int32_t *)begin)[0] = to_end;
        ((int32_t *)begin)[1] = PADDING;
        begin = ring->memory + RECORDS;
    }
    memcpy(begin + HEADER, message, size);
    ((int32_t *)begin)[0] = HEADER + size;
    ((int32_t *)begin)[1] = 1;
    ring->position += needed;
    if (!batch || ring->position - ring->published >= BATCH * record) {
        flush(ring);
    }
    return 1;
}

static int64_t expected_sum, next_number = 1, last_number;
static long count;
static int ended;

static inline int64_t value(size_t offset) {
    return (int64_t)(offset * 0x9e3779b97f4a7c15ULL);
}

static void check(const char *message, size_t length) {
    int64_t number, word, sum;
    memcpy(&sum, message + length - 8, 8);
    for (size_t at = STEP; at < length; at += STEP) {
        memcpy(&word, message + at, 8);
        sum += word;
    }
    memcpy(&number, message, 8);
    if (number == next_number && sum == expected_sum) {
        next_number = number + 1;
        last_number = number;
        count++;
        return;
    }
    if (sum != expected_sum || number != ((next_number - 1) | LAST)) {
        FAIL("message %llx adds up to %llx; expected was %llx, which adds up to %llx", (long long)number, (long long)sum,
                (long long)next_number, (long long)expected_sum);
    }
    last_number = number;
    ended = 1;
}

static void give_back(struct ring *ring) {
    if (clearing) {
        int64_t index = ring->published & (capacity - 1), bytes = ring->position - ring->published;
        int64_t first = bytes < capacity - index ? bytes : capacity - index;
        memset(ring->memory + RECORDS + index, 0, first);
        memset(ring->memory + RECORDS, 0, bytes - first);
    }
    ring->published = ring->position;
    release(ring->memory + APART, ring->position);
}

static inline int poll(struct ring *ring, int limit) {
    int messages = 0;
    while (messages < limit) {
        if (ring->position == ring->other) {
            ring->other = acquire(ring->memory);
            if (ring->position == ring->other) {
                if (ring->published != ring->position) {
                    give_back(ring);
                }
                break;
            }
        }
        const char *begin = ring->memory + RECORDS + (ring->position & (capacity - 1));
        int32_t length = ((const int32_t *)begin)[0];
        if (((const int32_t *)begin)[1] != PADDING) {
            const char *message = begin + HEADER;
            if (own) {
                message = memcpy(own, message, length - HEADER);
            }
            check(message, length - HEADER);
            messages++;
        }
        ring->position += (length + 7) & ~7LL;
        if (ring->position - ring->published >= capacity / 16) {
            give_back(ring);
        }
    }
    return messages;
}

static inline void poll_or_spin(struct ring *ring, int limit) {
    if (poll(ring, limit) == 0) {
        spin();
    }
}

static inline void send_number(struct ring *ring, char *message, int64_t number) {
    memcpy(message, &number, sizeof number);
    CONSUMED(message);
    while (!send_message(ring, message)) {
        spin();
    }
}

/* Returns messages per second. */
static double slice(struct ring *ring, int millis) {
    long before = count;
    long long start = now_ns(), end = start + millis * 1000000LL, now;
    do {
        for (int i = 0; i < POLLS; i++) {
            poll_or_spin(ring, LIMIT);
        }
        now = now_ns();
    } while (now < end);
    return (count - before) * 1e9 / (now - start);
}

static void consume(struct ring *ring, int warm, int millis, int slices) {
    double before = ping(MEET_MILLIS);
    release(control, WARM_UP);
    long long end = now_ns() + warm * 1000000LL;
    do {
        slice(ring, millis);
    } while (now_ns() < end || count == 0);
    release(control, MEASURE_IT);
    printf("{\"messagesPerSecond\":[");
    for (int i = 0; i < slices; i++) {
        printf("%s%.1f", i ? "," : "", slice(ring, millis));
    }
    release(control, STOP);
    while (!ended) {
        poll_or_spin(ring, LIMIT);
    }
    printf("],\"compiledMillis\":[],\"nanosBefore\":%.3f,\"nanosAfter\":%.3f}\n", before, ping(MEET_MILLIS));
}

static void produce(struct ring *ring, char *message) {
    int64_t number = 0;
    pong();
    while (acquire(control) == WAIT) {
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    while (acquire(control) != STOP) {
        for (int i = 0; i < SENDS; i++) {
            send_number(ring, message, ++number);
        }
    }
    send_number(ring, message, number | LAST);
    flush(ring);
    pong();
}

static int *sleepers(struct ring *ring) {
    return (int *)(ring->memory + SLEEP);
}

/* After publishing: wakes the consumer if it sleeps. */
static void wake(struct ring *ring) {
    if (__atomic_load_n(sleepers(ring), __ATOMIC_RELAXED) == NONE) {
        return;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    int asleep = ASLEEP;
    if (__atomic_load_n(sleepers(ring), __ATOMIC_SEQ_CST) == ASLEEP
            && __atomic_compare_exchange_n(sleepers(ring), &asleep, AWAKE, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        CALL(syscall(SYS_futex, sleepers(ring), FUTEX_WAKE, INT_MAX, NULL, NULL, 0));
    }
}

static int has_message(struct ring *ring) {
    return acquire(ring->memory) != ring->position;
}

/* Waits for a message: spins a little, yields a little, then sleeps in the kernel. */
static void await_message(struct ring *ring) {
    long nanos = 1000000;
    for (int round = 1; !has_message(ring); round++) {
        if (round < SPINS) {
            spin();
        } else if (round < SPINS + YIELDS) {
            sched_yield();
        } else {
            __atomic_store_n(sleepers(ring), ASLEEP, __ATOMIC_SEQ_CST);
            __atomic_thread_fence(__ATOMIC_SEQ_CST);
            if (!has_message(ring)) {
                struct timespec timeout = {0, nanos};
                /* Whatever the kernel says, we look for ourselves. */
                syscall(SYS_futex, sleepers(ring), FUTEX_WAIT, ASLEEP, &timeout, NULL, 0);
            }
            __atomic_store_n(sleepers(ring), AWAKE, __ATOMIC_SEQ_CST);
            nanos = nanos * 2 < 50000000 ? nanos * 2 : 50000000;
        }
    }
}

static void pause_until(long long time) {
    while (now_ns() < time) {
        spin();
    }
}

static long wake_ups(struct ring *there, struct ring *back, char *message, int millis, long pause, uint32_t *samples) {
    long long end = now_ns() + millis * 1000000LL, after = 0;
    long wake_ups = 0;
    do {
        int64_t number = last_number + 1;
        pause_until(now_ns() + pause);
        long long before = now_ns();
        send_number(there, message, number);
        wake(there);
        while (last_number != number) {
            await_message(back);
            after = now_ns();
            poll(back, 1);
        }
        /* The other side has paused too, since it was woken up. */
        long long nanos = after - before - pause;
        samples[wake_ups++] = nanos < 0 ? 0 : nanos > UINT32_MAX ? UINT32_MAX : (uint32_t)nanos;
    } while (after < end && wake_ups < MAX_SAMPLES);
    return wake_ups;
}

static void answer_wake_ups(struct ring *there, struct ring *back, char *message) {
    pong();
    while (!ended) {
        int64_t answered = last_number;
        long long woken;
        do {
            await_message(there);
            woken = now_ns();
            poll(there, 1);
        } while (last_number == answered);
        pause_until(woken + (acquire(control) == MEASURE_IT ? PAUSE_NANOS : WARM_PAUSE_NANOS));
        send_number(back, message, last_number);
        wake(back);
    }
    pong();
}

static long times_slept(void) {
    struct rusage usage;
    CALL(getrusage(RUSAGE_SELF, &usage));
    return usage.ru_nvcsw;
}

static long round_trips(struct ring *there, struct ring *back, char *message, int millis, uint32_t *samples) {
    long long end = now_ns() + millis * 1000000LL, after;
    long round_trips = 0;
    do {
        int64_t number = last_number + 1;
        long long before = now_ns();
        send_number(there, message, number);
        while (last_number != number) {
            poll_or_spin(back, 1);
        }
        after = now_ns();
        long long nanos = after - before;
        samples[round_trips++] = nanos > UINT32_MAX ? UINT32_MAX : (uint32_t)nanos;
    } while (after < end && round_trips < MAX_SAMPLES);
    return round_trips;
}

static void ask(struct ring *there, struct ring *back, char *message, int warm, int millis, int sleeping, const char *name) {
    uint32_t *samples = malloc(MAX_SAMPLES * sizeof *samples);
    /* Not calloc: the pages must be there before the clock runs. */
    memset(samples, 1, MAX_SAMPLES * sizeof *samples);
    double before = ping(MEET_MILLIS);
    if (sleeping) {
        wake_ups(there, back, message, warm, WARM_PAUSE_NANOS, samples);
    } else {
        round_trips(there, back, message, warm, samples);
    }
    release(control, MEASURE_IT);
    long slept = times_slept();
    long measured = sleeping ? wake_ups(there, back, message, millis, PAUSE_NANOS, samples)
                             : round_trips(there, back, message, millis, samples);
    slept = times_slept() - slept;
    send_number(there, message, last_number | LAST);
    wake(there);
    while (!ended) {
        poll_or_spin(back, 1);
    }
    double after = ping(MEET_MILLIS);
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(samples, sizeof *samples, measured, file) != (size_t)measured || fclose(file) != 0) {
        FAIL("cannot write %s", name);
    }
    printf("{\"messagesPerSecond\":[],\"compiledMillis\":[],\"slept\":%ld,\"nanosBefore\":%.3f,\"nanosAfter\":%.3f}\n",
            slept, before, after);
}

static void answer(struct ring *there, struct ring *back, char *message) {
    pong();
    while (!ended) {
        int64_t answered = last_number;
        while (last_number == answered) {
            poll_or_spin(there, 1);
        }
        send_number(back, message, last_number);
    }
    pong();
}

int main(int argc, char **argv) {
    if (argc != 14) {
        FAIL("usage: ring ROLE MODE KIND BLOCK CONTROL SIZE CAPACITY WARM_MILLIS SLICE_MILLIS SLICES SAMPLES_FILE"
             " PRODUCER PRODUCERS");
    }
    int ping = strcmp(argv[1], "ping") == 0, copying = strcmp(argv[2], "copy") == 0;
    int stream = copying || strcmp(argv[2], "stream") == 0;
    int sleeping = strcmp(argv[2], "wake-ups") == 0;
    batch = strcmp(argv[3], "batch") == 0;
    clearing = strcmp(argv[3], "clear") == 0;
    char *block = shmat(atoi(argv[4]), NULL, 0);
    CALL(block);
    control = shmat(atoi(argv[5]), NULL, 0);
    CALL(control);
    size = strtoul(argv[6], NULL, 10);
    capacity = strtoll(argv[7], NULL, 10);
    int warm = atoi(argv[8]), millis = atoi(argv[9]), slices = atoi(argv[10]);
    char *message = aligned_alloc(STEP, (size + STEP - 1) / STEP * STEP);
    own = copying ? aligned_alloc(STEP, (size + STEP - 1) / STEP * STEP) : NULL;
    expected_sum = value(size - 8);
    for (size_t at = 8; at < size; at += 8) {
        int64_t word = value(at);
        memcpy(message + at, &word, 8);
        expected_sum += at % STEP == 0 ? word : 0;
    }
    struct ring there = open_ring(block, 0), back = open_ring(block, 1);
    if (!ping) {
        puts("ready");
        fflush(stdout);
    }
    if (stream) {
        if (ping) {
            consume(&back, warm, millis, slices);
        } else {
            produce(&back, message);
        }
    } else if (ping) {
        ask(&there, &back, message, warm, millis * slices, sleeping, argv[11]);
    } else if (sleeping) {
        answer_wake_ups(&there, &back, message);
    } else {
        answer(&there, &back, message);
    }
    return 0;
}
