/*
 * Either end of a ring, to be killed at any moment, written from docs/ring-protocol.md alone. It starts in a millisecond.
 *
 * usage: peer produce ID ID_OF_NOTES NUMBER
 *            writes messages for ever, and notes how many, as the class Peer does
 *        peer produce ID ID_OF_NOTES NUMBER COUNT LENGTH BATCH STEP
 *            in a ring for one producer: writes COUNT messages of a LENGTH and then a batch of further ones, and kills itself
 *            right after that step of the protocol while it writes the last one, or, if that is step 4 or 5, while it
 *            publishes them; if the STEP is 0, it gives its role back; if it is -1, it does the same, but stops at its start,
 *            when it has looked how far the consumer is and not yet for a header, until it is continued
 *        peer consume ID ID_OF_JOURNAL
 *            reads messages for ever and notes them as Peer does; ends if one is wrong
 *
 * It recovers what a killed predecessor in its own role has left. As a consumer it does not skip what killed producers have
 * left in a ring for many: there are none while consumers are killed.
 */
#include <sched.h>
#include <signal.h>
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
#define STORE_PLAINLY(pointer, value) __atomic_store_n((pointer), (value), __ATOMIC_RELAXED)

enum { PRODUCER_POSITION = 128, FREE_POSITION = 256, CLEARED_FROM = 264 };
enum { CONSUMER = 384, CONSUMER_POSITION = 392, SLOTS = 768 };
enum { SPSC = 1, MPSC = 2, LEAST = 24, MOST = 600, HEADER = 8 };

static char *ring;
static char *records;
static uint64_t capacity;
static int kind;
static uint64_t self;

static int read_stat(long pid, char *state, uint64_t *start) {
    char path[64];
    char stat[4096];
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/stat", pid, pid);
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

static int has_terminated(uint64_t owner) {
    char state;
    uint64_t start;
    return !read_stat((long) (owner >> 41), &state, &start)
            || state == 'Z'
            || start != (owner & (((uint64_t) 1 << 41) - 1));
}

/* Signs in place of nobody or of a process that has terminated. */
static int take(uint64_t *place) {
    uint64_t owner = LOAD(place);
    return (owner == 0 || has_terminated(owner))
            && __atomic_compare_exchange_n(place, &owner, self, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
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

static uint64_t record_length(uint64_t length_with_header) {
    return (length_with_header + 7) & ~(uint64_t) 7;
}

static int64_t *header_at(uint64_t position) {
    return (int64_t *) (records + (position & (capacity - 1)));
}

static int has_room(uint64_t position, uint64_t record) {
    uint64_t free_position = LOAD(AT(uint64_t, FREE_POSITION));
    return free_position <= position && position - free_position + padding(position, record) + record <= capacity;
}

/* How many messages of this producer can have been delivered at most, and at least. */
static uint64_t *intended;
static uint64_t *done;

/* The step after which to end, or 0 to wait for somebody else to do it. */
static int fatal;

/* Stays here for a moment now and then: nobody would be killed between two stores otherwise. */
static void linger(void) {
    if (random_below(64) == 0) {
        for (uint32_t i = random_below(4000); i > 0; i--) {
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
        }
    }
}

static void after(int step) {
    if (fatal == 0) {
        linger();
    } else if (step == fatal) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

/* What the producer of a ring for one knows. */
static struct {
    /* Where the next record begins. */
    uint64_t position;
    /* The end of the last record whose header was stored, and the header that is pending there. */
    uint64_t published;
    int64_t pending;
    /* The free position that is known, and C. */
    uint64_t limit;
    /* Up to where a predecessor or an aborted message may have left something, and from where on there are zeros. */
    uint64_t unpublished;
    uint64_t zeros;
    /* How many messages are complete, and whether they are published at once. */
    uint64_t messages;
    int batching;
} spsc;

static void leave_unpublished(uint64_t end) {
    spsc.unpublished = end > spsc.unpublished ? end : spsc.unpublished;
    spsc.zeros = end > spsc.zeros ? end : spsc.zeros;
}

/* Finds the end of the last record whose header a predecessor has stored. */
static void resume_spsc(int stopping) {
    uint64_t position = LOAD(AT(uint64_t, PRODUCER_POSITION));
    spsc.limit = LOAD(AT(uint64_t, FREE_POSITION)) + capacity;
    leave_unpublished(spsc.limit);
    while (1) {
        uint64_t consumed = LOAD(AT(uint64_t, CONSUMER_POSITION));
        position = consumed > position ? consumed : position;
        if (stopping) {
            kill(getpid(), SIGSTOP);
            stopping = 0;
        }
        int64_t header = position == spsc.limit ? 0 : LOAD(header_at(position));
        if (LOAD(AT(uint64_t, CONSUMER_POSITION)) > position) {
            /* The header may have been cleared in part. */
            continue;
        }
        if (header == 0) {
            break;
        }
        position += record_length((uint32_t) header);
    }
    STORE(AT(uint64_t, PRODUCER_POSITION), position);
    spsc.position = position;
    spsc.published = position;
}

static void publish_spsc(void) {
    if (spsc.published == spsc.position) {
        return;
    }
    STORE(intended, spsc.messages);
    STORE(header_at(spsc.published), spsc.pending);
    STORE(done, spsc.messages);
    after(4);
    STORE(AT(uint64_t, PRODUCER_POSITION), spsc.position);
    after(5);
    spsc.published = spsc.position;
}

/* Steps 3 to 5; in a batch 3 and what there is of 4. */
static void append_spsc(int64_t header, uint64_t length) {
    uint64_t end = spsc.position + length;
    if (end < spsc.zeros && end != spsc.limit) {
        STORE_PLAINLY(header_at(end), 0);
    }
    if (header >> 32 > 0) {
        after(3);
    }
    if (spsc.position == spsc.published) {
        spsc.pending = header;
    } else {
        STORE_PLAINLY(header_at(spsc.position), header);
    }
    spsc.position = end;
    spsc.messages += header >> 32 > 0;
    if (!spsc.batching) {
        publish_spsc();
    }
}

/* Step 1. Whoever waits publishes, or there will never be room. */
static void await_room_spsc(uint64_t needed) {
    while (needed > spsc.limit - spsc.position) {
        spsc.limit = LOAD(AT(uint64_t, FREE_POSITION)) + capacity;
        uint64_t cleared = LOAD(AT(uint64_t, CLEARED_FROM)) + capacity;
        spsc.zeros = cleared > spsc.unpublished ? cleared : spsc.unpublished;
        if (needed > spsc.limit - spsc.position) {
            publish_spsc();
            sched_yield();
        }
    }
}

static void produce_spsc(uint64_t number, uint64_t sequence, uint32_t length, int abort) {
    uint64_t record = record_length(length + HEADER);
    uint64_t before = padding(spsc.position, record);
    await_room_spsc(before + record);
    if (before != 0) {
        append_spsc(committed(-1, before), before);
    }
    after(1);
    fill((char *) header_at(spsc.position) + HEADER, length, number, sequence);
    after(2);
    if (abort) {
        leave_unpublished(spsc.position + record);
    } else {
        append_spsc(committed(1, length + HEADER), record);
    }
}

/* The length of a message that fills the ring exactly, or as much of it as lies in one piece; or another length. */
static uint32_t exact_length(uint32_t most, uint32_t otherwise) {
    uint64_t room = LOAD(AT(uint64_t, FREE_POSITION)) + capacity - spsc.position;
    uint64_t to_end = capacity - (spsc.position & (capacity - 1));
    room = room < to_end ? room : to_end;
    return room < HEADER + LEAST || room > HEADER + most ? otherwise : (uint32_t) room - HEADER;
}

static void produce_mpsc(uint64_t *slot, uint64_t number, uint64_t sequence, uint32_t length, int abort) {
    uint64_t record = record_length(length + HEADER);
    while (1) {
        uint64_t position = LOAD(AT(uint64_t, PRODUCER_POSITION));
        if (!has_room(position, record)) {
            sched_yield();
            continue;
        }
        STORE(&slot[1], position + 1);
        uint64_t before = padding(position, record);
        uint64_t claimed = before != 0 ? before : record;
        if (!__atomic_compare_exchange_n(AT(uint64_t, PRODUCER_POSITION), &position, position + claimed, 0,
                __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            continue;
        }
        int64_t *header = header_at(position);
        if (before != 0) {
            STORE(header, committed(-1, before));
            continue;
        }
        STORE(header, (int64_t) (position / capacity << 32 | (uint32_t) - (int32_t) (length + HEADER)));
        __atomic_thread_fence(__ATOMIC_RELEASE);
        fill((char *) (header + 1), length, number, sequence);
        STORE(intended, sequence + !abort);
        STORE(header, committed(abort ? -1 : 1, length + HEADER));
        STORE(done, sequence + !abort);
        STORE(&slot[1], 0);
        return;
    }
}

static uint64_t *take_slot(void) {
    for (int i = 0; i < *AT(int32_t, 24); i++) {
        uint64_t *slot = AT(uint64_t, SLOTS + 128 * i);
        if (take(slot)) {
            return slot;
        }
    }
    fprintf(stderr, "no slot");
    exit(4);
}

static void produce(uint64_t number) {
    uint64_t *slot = take_slot();
    if (kind == SPSC) {
        resume_spsc(0);
    } else {
        STORE(&slot[1], 0);
    }
    uint32_t longest = (uint32_t) (capacity / 8);
    for (uint64_t sequence = 0;;) {
        /* Mostly short ones. A stretch of long ones is what the consumer does not clear. */
        int long_ones = random_below(20) == 0 || sequence % 1000 >= 900;
        uint32_t most = longest < MOST || long_ones ? longest : MOST;
        uint32_t length = LEAST + random_below(most - LEAST);
        int abort = random_below(4) == 0;
        if (kind == SPSC) {
            if (random_below(8) == 0) {
                spsc.batching = !spsc.batching;
                publish_spsc();
            }
            if (random_below(4) == 0) {
                length = exact_length(longest, length);
            }
            produce_spsc(number, sequence, length, abort);
        } else {
            produce_mpsc(slot, number, sequence, length, abort);
        }
        sequence += !abort;
    }
}

static void produce_and_die(uint64_t number, uint64_t count, uint32_t length, uint64_t batch, int step) {
    uint64_t *slot = take_slot();
    resume_spsc(step < 0);
    fatal = -1;
    for (uint64_t sequence = 0; sequence < count + batch; sequence++) {
        spsc.batching = sequence >= count;
        if (step > 0 && sequence == count + batch - 1) {
            fatal = step;
        }
        produce_spsc(number, sequence, length, 0);
    }
    publish_spsc();
    STORE(slot, 0);
}

static void clear(uint64_t from, uint64_t to) {
    uint64_t begin = from & (capacity - 1);
    uint64_t first = to - from < capacity - begin ? to - from : capacity - begin;
    memset(records + begin, 0, first);
    memset(records, 0, to - from - first);
}

/* Step c. In a ring for one producer the first word is enough. */
static void free_up_to(uint64_t *freed, uint64_t position) {
    if (position == *freed) {
        return;
    }
    __atomic_thread_fence(__ATOMIC_RELEASE);
    if (kind == SPSC && random_below(2) == 0) {
        STORE_PLAINLY(AT(uint64_t, CLEARED_FROM), position);
        linger();
        STORE_PLAINLY(header_at(*freed), 0);
    } else {
        clear(*freed, position);
    }
    linger();
    *freed = position;
    STORE(AT(uint64_t, FREE_POSITION), position);
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
    if (!take(AT(uint64_t, CONSUMER))) {
        fprintf(stderr, "there is a consumer");
        exit(4);
    }
    uint64_t freed = LOAD(AT(uint64_t, FREE_POSITION));
    uint64_t position = LOAD(AT(uint64_t, CONSUMER_POSITION));
    int first = 1;
    /* The predecessor may have been killed while it cleared. */
    free_up_to(&freed, position);
    while (1) {
        int64_t header = LOAD(header_at(position));
        int32_t length = (int32_t) header;
        if (length <= 0) {
            free_up_to(&freed, position);
            sched_yield();
            continue;
        }
        if (header >> 32 > 0) {
            note(journal, (char *) header_at(position) + HEADER, (uint32_t) length - HEADER, &first);
            linger();
        }
        position += record_length((uint32_t) length);
        STORE(AT(uint64_t, CONSUMER_POSITION), position);
        if (position - freed >= capacity / 16) {
            /* Not always up to the end of a record. */
            uint64_t kept = 8 * (uint64_t) random_below(8);
            free_up_to(&freed, kept < position - freed ? position - kept : position);
        }
    }
}

static void *attach(const char *id) {
    void *memory = shmat(atoi(id), NULL, 0);
    if (memory == (void *) -1) {
        exit(3);
    }
    return memory;
}

int main(int count, char **arguments) {
    if (count < 4) {
        return 2;
    }
    ring = attach(arguments[2]);
    if (LOAD(AT(int32_t, 8)) != 1 || *AT(uint64_t, 0) != 0x73686d346a726e67) {
        return 3;
    }
    kind = *AT(int32_t, 12);
    capacity = *AT(uint64_t, 16);
    records = ring + SLOTS + 128 * (uint64_t) *AT(int32_t, 24);
    char state;
    uint64_t start;
    if (!read_stat(getpid(), &state, &start)) {
        return 3;
    }
    self = (uint64_t) getpid() << 41 | start;
    random_state = self ^ (uint64_t) time(NULL);
    prepare_crc();
    uint64_t *counts = attach(arguments[3]);
    if (strcmp(arguments[1], "consume") == 0) {
        consume(counts);
    }
    uint64_t number = strtoull(arguments[4], NULL, 10);
    intended = counts + 2 * number;
    done = intended + 1;
    if (count == 5) {
        produce(number);
    }
    produce_and_die(
            number,
            strtoull(arguments[5], NULL, 10),
            (uint32_t) atoi(arguments[6]),
            strtoull(arguments[7], NULL, 10),
            atoi(arguments[8]));
}
