/*
 * Either end of a ring, to be killed at any moment, written from docs/ring-protocol.md alone. It starts in a millisecond.
 *
 * usage: peer produce ID NUMBER          writes messages for ever, as the class Peer does
 *        peer consume ID ID_OF_JOURNAL   reads messages for ever and notes them as Peer does; ends if one is wrong
 *
 * It recovers what a killed predecessor in its own part has left. As a consumer it does not skip what killed producers have
 * left: there are none while consumers are killed.
 */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

#define AT(type, offset) ((type *) (ring + (offset)))
#define LOAD(pointer) __atomic_load_n((pointer), __ATOMIC_ACQUIRE)
#define STORE(pointer, value) __atomic_store_n((pointer), (value), __ATOMIC_RELEASE)

enum { SPSC = 1, MPSC = 2, LEAST = 24, MOST = 600 };

static char *ring;
static char *records;
static uint64_t capacity;
static int kind;
static uint64_t self;

static int read_stat(long pid, char *state, uint64_t *start) {
    char path[64];
    char stat[4096];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0;
    }
    int found = fgets(stat, sizeof stat, file) != NULL;
    fclose(file);
    if (!found) {
        return 0;
    }
    char *field = strrchr(stat, ')') + 2;
    *state = *field;
    for (int number = 3; number < 22; number++) {
        field = strchr(field, ' ') + 1;
    }
    *start = strtoull(field, NULL, 10);
    return 1;
}

static int has_ended(uint64_t maker) {
    char state;
    uint64_t start;
    return !read_stat((long) (maker >> 41), &state, &start)
            || state == 'Z'
            || start != (maker & (((uint64_t) 1 << 41) - 1));
}

/* Signs in place of nobody or of a process that has ended. */
static int take(uint64_t *place) {
    uint64_t holder = LOAD(place);
    return (holder == 0 || has_ended(holder))
            && __atomic_compare_exchange_n(place, &holder, self, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t bound) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t) (random_state >> 32) % bound;
}

static uint32_t crc_table[256];

static void prepare_crc(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
        }
        crc_table[i] = crc;
    }
}

static uint32_t crc32c(uint32_t crc, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        crc = crc_table[(crc ^ (unsigned char) bytes[i]) & 0xff] ^ crc >> 8;
    }
    return crc;
}

static uint64_t checksum(const char *message, uint32_t length) {
    uint32_t crc = ~crc32c(crc32c(~0u, message, 16), message + 24, length - 24);
    return (uint64_t) length << 32 | crc;
}

static void fill(char *message, uint32_t length, uint64_t producer, uint64_t sequence) {
    memcpy(message, &producer, 8);
    memcpy(message + 8, &sequence, 8);
    for (uint32_t i = LEAST; i < length; i++) {
        message[i] = (char) (i + sequence);
    }
    uint64_t sum = checksum(message, length);
    memcpy(message + 16, &sum, 8);
}

static int64_t committed(int32_t type, uint64_t length) {
    return (int64_t) ((uint64_t) (uint32_t) type << 32 | length);
}

/* The room that is needed before the end for padding. */
static uint64_t padding(uint64_t position, uint64_t record) {
    uint64_t to_end = capacity - (position & (capacity - 1));
    return record <= to_end ? 0 : to_end;
}

static int has_room(uint64_t position, uint64_t record) {
    uint64_t free_position = LOAD(AT(uint64_t, 256));
    return free_position <= position && position - free_position + padding(position, record) + record <= capacity;
}

static void produce_spsc(uint64_t number, uint64_t sequence, uint32_t length, int abort) {
    uint64_t position = *AT(uint64_t, 128);
    uint64_t record = (length + 8 + 7) & ~(uint64_t) 7;
    while (!has_room(position, record)) {
        sched_yield();
    }
    uint64_t before = padding(position, record);
    if (before != 0) {
        *(int64_t *) (records + (position & (capacity - 1))) = committed(-1, before);
    }
    char *begin = records + ((position + before) & (capacity - 1));
    fill(begin + 8, length, number, sequence);
    *(int64_t *) begin = committed(1, length + 8);
    if (!abort) {
        STORE(AT(uint64_t, 128), position + before + record);
    }
}

static void produce_mpsc(uint64_t *slot, uint64_t number, uint64_t sequence, uint32_t length, int abort) {
    uint64_t record = (length + 8 + 7) & ~(uint64_t) 7;
    while (1) {
        uint64_t position = LOAD(AT(uint64_t, 128));
        if (!has_room(position, record)) {
            sched_yield();
            continue;
        }
        STORE(&slot[1], position + 1);
        uint64_t before = padding(position, record);
        uint64_t claimed = before != 0 ? before : record;
        if (!__atomic_compare_exchange_n(AT(uint64_t, 128), &position, position + claimed, 0, __ATOMIC_SEQ_CST,
                __ATOMIC_SEQ_CST)) {
            continue;
        }
        int64_t *header = (int64_t *) (records + (position & (capacity - 1)));
        if (before != 0) {
            STORE(header, committed(-1, before));
            continue;
        }
        STORE(header, (int64_t) (position / capacity << 32 | (uint32_t) - (int32_t) (length + 8)));
        __atomic_thread_fence(__ATOMIC_RELEASE);
        fill((char *) (header + 1), length, number, sequence);
        STORE(header, committed(abort ? -1 : 1, length + 8));
        STORE(&slot[1], 0);
        return;
    }
}

static void produce(uint64_t number) {
    uint64_t *slot = NULL;
    for (int i = 0; slot == NULL && i < *AT(int32_t, 24); i++) {
        slot = take(AT(uint64_t, 768 + 128 * i)) ? AT(uint64_t, 768 + 128 * i) : NULL;
    }
    if (slot == NULL) {
        fprintf(stderr, "no slot");
        exit(4);
    }
    if (kind == MPSC) {
        STORE(&slot[1], 0);
    }
    uint64_t most = capacity / 8 < MOST ? capacity / 8 : MOST;
    for (uint64_t sequence = 0;;) {
        uint32_t length = LEAST + random_below((uint32_t) most - LEAST);
        int abort = random_below(4) == 0;
        if (kind == SPSC) {
            produce_spsc(number, sequence, length, abort);
        } else {
            produce_mpsc(slot, number, sequence, length, abort);
        }
        sequence += !abort;
    }
}

static void clear(uint64_t from, uint64_t to) {
    uint64_t begin = from & (capacity - 1);
    uint64_t first = to - from < capacity - begin ? to - from : capacity - begin;
    memset(records + begin, 0, first);
    memset(records, 0, to - from - first);
}

static void note(uint64_t *journal, const char *message, uint32_t length, int *first) {
    uint64_t producer;
    uint64_t sequence;
    uint64_t sum;
    memcpy(&producer, message, 8);
    memcpy(&sequence, message + 8, 8);
    memcpy(&sum, message + 16, 8);
    if (length < LEAST || sum != checksum(message, length)) {
        fprintf(stderr, "torn: %u bytes", length);
        exit(5);
    }
    if (sequence != journal[producer] && !(*first && sequence == journal[producer] - 1)) {
        fprintf(stderr, "producer %llu: %llu instead of %llu", (unsigned long long) producer,
                (unsigned long long) sequence, (unsigned long long) journal[producer]);
        exit(6);
    }
    *first = 0;
    STORE(&journal[producer], sequence + 1);
}

static void consume(uint64_t *journal) {
    if (!take(AT(uint64_t, 384))) {
        fprintf(stderr, "there is a consumer");
        exit(4);
    }
    uint64_t freed = LOAD(AT(uint64_t, 256));
    uint64_t position = LOAD(AT(uint64_t, 392));
    int first = 1;
    while (1) {
        /* Also at first: the predecessor may have been killed while it cleared. */
        if (position - freed >= capacity / 16 || first) {
            clear(freed, position);
            freed = position;
            STORE(AT(uint64_t, 256), freed);
        }
        int64_t header = 0;
        if (kind == MPSC || position != LOAD(AT(uint64_t, 128))) {
            header = LOAD((int64_t *) (records + (position & (capacity - 1))));
        }
        int32_t length = (int32_t) header;
        if (length <= 0) {
            sched_yield();
            continue;
        }
        if (header >> 32 > 0) {
            note(journal, records + (position & (capacity - 1)) + 8, (uint32_t) length - 8, &first);
        }
        position += ((uint64_t) length + 7) & ~(uint64_t) 7;
        STORE(AT(uint64_t, 392), position);
    }
}

int main(int count, char **arguments) {
    if (count != 4) {
        return 2;
    }
    ring = shmat(atoi(arguments[2]), NULL, 0);
    if (ring == (void *) -1 || LOAD(AT(int32_t, 8)) != 1 || *AT(uint64_t, 0) != 0x73686d346a726e67) {
        return 3;
    }
    kind = *AT(int32_t, 12);
    capacity = *AT(uint64_t, 16);
    records = ring + 768 + 128 * (uint64_t) *AT(int32_t, 24);
    char state;
    uint64_t start;
    if (!read_stat(getpid(), &state, &start)) {
        return 3;
    }
    self = (uint64_t) getpid() << 41 | start;
    random_state = self ^ (uint64_t) time(NULL);
    prepare_crc();
    if (strcmp(arguments[1], "produce") == 0) {
        produce(strtoull(arguments[3], NULL, 10));
    } else {
        consume(shmat(atoi(arguments[3]), NULL, 0));
    }
}
