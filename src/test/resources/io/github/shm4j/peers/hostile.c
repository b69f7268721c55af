/*
 * Rings, latest values, broadcasts and locks in memory that is overwritten, between the calls of peers/shm4j_ring.h and during them.
 *
 * usage: hostile SEED ROUNDS
 *
 * Compiled with the sanitizers, it ends at the first access outside of the memory. Each call must end, with a result that the
 * header knows. It prints a dot for every hundred rounds, and how many calls have found that the memory was overwritten.
 */
#define SHM4J_OPENING_TIMEOUT 0
#include "shm4j_ring.h"

#include <pthread.h>
#include <sys/mman.h>

enum { PAGE = 65536, MOST = 16384, CALLS = 40 };

static uint64_t random_state;
static long corrupt;
static long messages;

static uint64_t random_word(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static uint64_t below(uint64_t bound) {
    return (random_word() >> 11) % bound;
}

/* What somebody would write who wants to do harm: what is near to what ought to be there, and what is at the ends of a range. */
static uint64_t evil_word(uint64_t old) {
    switch (below(10)) {
    case 0: return 0;
    case 1: return old + 8;
    case 2: return old - 8;
    case 3: return old ^ (uint64_t) 1 << below(64);
    case 4: return UINT64_MAX - below(64);
    case 5: return ((uint64_t) 1 << below(64)) - below(2);
    case 6: return (uint64_t) -1 << 32 | below(1 << 12);
    case 7: return (uint64_t) 1 << 32 | below(1 << 12);
    case 8: return below(1 << 12) * 8;
    default: return random_word();
    }
}

/* The words that say where things are, more often than the rest. */
static uint64_t evil_place(uint64_t size) {
    static const uint64_t places[] = {8, 16, 24, 32, 128, 136, 144, 256, 264, 384, 392, 440, 512, 640, 768, 776, 784, 792, 896};
    uint64_t place = below(2) ? places[below(sizeof places / sizeof *places)] : below(size / 8) * 8;
    return place < size / 8 * 8 ? place : 0;
}

static void overwrite(unsigned char *memory, uint64_t size, uint64_t most) {
    for (uint64_t i = below(most + 1); i > 0; i--) {
        uint64_t place = evil_place(size);
        shm4j_store_plain(memory, place, evil_word(shm4j_load_plain(memory, place)));
    }
}

/* Ends if a call returns what the header does not speak of. */
static int known(int result) {
    switch (result) {
    case SHM4J_ECORRUPT:
        corrupt++;
        return result;
    case 0: case 1: case -EINVAL: case -EMSGSIZE: case -EINTR: case -EDEADLK: case SHM4J_EFORMAT: case SHM4J_EINCOMPLETE:
    case SHM4J_EOCCUPIED: case SHM4J_ELOST: case SHM4J_EOVERTAKEN:
        return result;
    default:
        fprintf(stderr, "the result is %d: %s\n", result, shm4j_strerror(result));
        abort();
    }
}

/* Reads all of a message, and so finds out whether that is in the memory. */
static void look_at(const void *bytes, size_t length) {
    volatile unsigned char sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum = (unsigned char) (sum + ((const unsigned char *) bytes)[i]);
    }
}

static void make_header(unsigned char *memory, uint64_t magic, uint32_t number, uint64_t length) {
    memset(memory, 0, 256);
    shm4j_store_plain(memory, SHM4J_MAGIC, magic);
    __atomic_store_n(shm4j_half(memory, SHM4J_NUMBER), number, __ATOMIC_RELAXED);
    shm4j_store_plain(memory, SHM4J_LENGTH, length);
    shm4j_store_plain(memory, SHM4J_PID_NAMESPACE, shm4j_namespace("/proc/self/ns/pid"));
    shm4j_store_plain(memory, SHM4J_TIME_NAMESPACE, shm4j_namespace("/proc/self/ns/time"));
    shm4j_store_plain(memory, SHM4J_CREATOR, shm4j_identify(0, 0).self);
    __atomic_store_n(shm4j_half(memory, SHM4J_VERSION), (uint32_t) 1, __ATOMIC_RELEASE);
}

static void produce(struct shm4j_producer *producer) {
    static const unsigned char message[MOST] = {1, 2, 3};
    void *place;
    size_t length = (size_t) below(below(8) ? producer->ring.longest + 1 : 4000);
    switch (below(6)) {
    case 0:
        if (known(shm4j_producer_claim(producer, (int32_t) below(3), length, &place)) == 1) {
            memset(place, 7, length);
            known(below(2) ? shm4j_producer_commit(producer) : shm4j_producer_abort(producer));
        }
        break;
    case 1:
        known(shm4j_producer_begin_batch(producer));
        break;
    case 2:
        known(shm4j_producer_end_batch(producer));
        break;
    case 3:
        known(shm4j_producer_await_room(producer, length, (int64_t) below(2) * 1000));
        break;
    default:
        known(shm4j_producer_write(producer, 1, message, length));
    }
}

static void consume(struct shm4j_consumer *consumer) {
    struct shm4j_message message;
    if (known(shm4j_consumer_await(consumer, &message, (int64_t) below(8) * 100)) == 1) {
        look_at(message.bytes, message.length);
        messages++;
        known(shm4j_consumer_release(consumer));
    }
    consumer->next_check = 0;
}

/* Both ends of a ring, by calls in any order. They are opened anew as their successors would. */
static void use_ring(unsigned char *memory, uint64_t size, uint64_t evil) {
    struct shm4j_ring ring;
    struct shm4j_producer producer;
    struct shm4j_consumer consumer;
    int produces = 0;
    int consumes = 0;
    if (known(shm4j_ring_open(&ring, memory, size)) != 0) {
        return;
    }
    for (int call = 0; call < CALLS; call++) {
        if (!produces && known(shm4j_producer_open(&producer, &ring)) == 0) {
            produces = 1;
        }
        if (!consumes && known(shm4j_consumer_open(&consumer, &ring)) == 0) {
            consumes = 1;
        }
        if (produces) {
            produce(&producer);
        }
        if (consumes) {
            consume(&consumer);
        }
        if (below(8) == 0) {
            overwrite(memory, size, evil);
        }
        if (produces && below(10) == 0) {
            known(shm4j_producer_close(&producer));
            produces = 0;
        }
        if (consumes && below(10) == 0) {
            known(shm4j_consumer_close(&consumer));
            consumes = 0;
        }
    }
}

static uint64_t make_ring(unsigned char *memory) {
    uint32_t kind = below(2) ? SHM4J_SPSC : SHM4J_MPSC;
    uint32_t slots = kind == SHM4J_SPSC ? 1 : 1 + (uint32_t) below(4);
    uint64_t capacity = (uint64_t) 64 << below(7);
    uint64_t size = SHM4J_SLOTS + SHM4J_SLOT_LENGTH * slots + capacity;
    memset(memory, 0, size);
    make_header(memory, SHM4J_RING_MAGIC, kind, capacity);
    __atomic_store_n(shm4j_half(memory, SHM4J_SLOT_COUNT), slots, __ATOMIC_RELAXED);
    /* Far on, so that it has gone around. */
    uint64_t position = below(2) * 8 * below(1 << 20);
    shm4j_store_plain(memory, SHM4J_PRODUCER_POSITION, position);
    shm4j_store_plain(memory, SHM4J_FREE_POSITION, position);
    shm4j_store_plain(memory, SHM4J_CONSUMER_POSITION, position);
    return size;
}

static void use_value(unsigned char *memory, uint64_t size, uint64_t evil) {
    static unsigned char record[MOST];
    struct shm4j_value value;
    if (known(shm4j_value_open(&value, memory, size)) != 0) {
        return;
    }
    for (int call = 0; call < CALLS; call++) {
        uint64_t version = 0;
        known(shm4j_value_take_writer(&value));
        known(shm4j_value_write(&value, record));
        known(shm4j_value_await_newer(&value, below(100), 0));
        messages += known(shm4j_value_read(&value, record, sizeof record, &version)) == 1;
        if (below(8) == 0) {
            overwrite(memory, size, evil);
        }
        shm4j_value_give_writer_back(&value);
    }
}

static uint64_t make_value(unsigned char *memory) {
    uint64_t record = 1 + below(500);
    uint32_t buffers = (uint32_t) 4 << below(3);
    make_header(memory, SHM4J_VALUE_MAGIC, buffers, record);
    return SHM4J_BUFFERS + buffers * ((record + 127) & ~(uint64_t) 127);
}

/* A broadcast with messages that are there, since the header does not write them. */
static uint64_t make_broadcast(unsigned char *memory) {
    uint64_t capacity = (uint64_t) 256 << below(4);
    uint64_t size = SHM4J_BROADCAST_RECORDS + capacity;
    uint64_t place = SHM4J_BROADCAST_RECORDS;
    uint64_t count = 0;
    uint64_t bytes = 0;
    memset(memory, 0, size);
    make_header(memory, SHM4J_BROADCAST_MAGIC, SHM4J_MARKS, capacity);
    for (uint64_t length; place + (length = below(capacity / 8 + 1)) + 16 < size; count++) {
        shm4j_store_plain(memory, place, shm4j_complete(1, length + SHM4J_RECORD_HEADER));
        place += shm4j_record_length(length + SHM4J_RECORD_HEADER);
        bytes += length;
        uint64_t mark = SHM4J_NEWEST_MARKS + 32 * ((count + 1) % SHM4J_MARKS);
        shm4j_store_plain(memory, mark, place - SHM4J_BROADCAST_RECORDS);
        shm4j_store_plain(memory, mark + 8, count + 1);
        shm4j_store_plain(memory, mark + 16, bytes);
    }
    shm4j_store_plain(memory, SHM4J_MESSAGES, count);
    return size;
}

static void use_broadcast(unsigned char *memory, uint64_t size, uint64_t evil) {
    static unsigned char target[MOST];
    struct shm4j_reader reader;
    if (known(shm4j_reader_open(&reader, memory, size, (int) below(2))) != 0) {
        return;
    }
    for (int call = 0; call < CALLS; call++) {
        int32_t type;
        size_t length;
        uint64_t before = reader.lost_messages;
        known(shm4j_reader_await(&reader, 1, 0));
        messages += known(shm4j_reader_read(&reader, &type, target, (size_t) below(MOST), &length)) == 1;
        if (reader.lost_messages < before || reader.at.position > SHM4J_GREATEST_POSITION + MOST) {
            abort();
        }
        if (below(4) == 0) {
            overwrite(memory, size, evil);
        }
    }
}

static void use_lock(unsigned char *memory, uint64_t size, uint64_t evil) {
    struct shm4j_lock lock;
    for (int call = 0; call < CALLS; call++) {
        if (known(shm4j_lock_open(&lock, memory)) != 0) {
            return;
        }
        if (known(shm4j_lock_acquire(&lock, (int64_t) below(4) * 100)) == 1) {
            messages++;
            if (below(2)) {
                shm4j_lock_mark_consistent(&lock);
            }
            known(shm4j_lock_release(&lock));
        }
        overwrite(memory, size, evil);
    }
}

/* One round in memory that is overwritten between calls. */
static void round_in_turn(void) {
    unsigned char *all = (unsigned char *) malloc(MOST);
    uint64_t sort = below(5);
    uint64_t size = sort == 4 ? make_broadcast(all) : sort == 0 ? make_value(all) : sort == 1 ? (uint64_t) SHM4J_LOCK_BYTES : make_ring(all);
    /* Less than its header speaks of, now and then. */
    uint64_t given = below(16) == 0 ? size - below(size) : size;
    unsigned char *memory = (unsigned char *) malloc(given == 0 ? 1 : given);
    memcpy(memory, all, given);
    if (sort == 1) {
        memset(memory, 0, given);
    }
    free(all);
    if (below(2) && given >= 8) {
        overwrite(memory, given, 3);
    }
    if (sort == 0) {
        use_value(memory, given, 3);
    } else if (sort == 4) {
        use_broadcast(memory, given, 3);
    } else if (sort > 1) {
        use_ring(memory, given, 3);
    } else if (given >= SHM4J_LOCK_BYTES) {
        use_lock(memory, given, 1);
    }
    free(memory);
}

/* Where the memory ends that another thread overwrites without a pause, and how many bytes it has. */
static unsigned char *prey_end;
static uint64_t prey_size;
static int hunting = 1;

static void *hunt(void *unused) {
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
    while (__atomic_load_n(&hunting, __ATOMIC_RELAXED)) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t size = __atomic_load_n(&prey_size, __ATOMIC_ACQUIRE);
        /* The positions and the first records, near to what they are. */
        uint64_t place = size == 0 ? 0 : state % 4 == 0 ? 128 * (1 + state / 4 % 3) : state / 4 % (size / 8) * 8;
        if (place != 0) {
            unsigned char *prey = prey_end - size;
            uint64_t word = shm4j_load_plain(prey, place);
            shm4j_store_plain(prey, place, state % 3 == 0 ? word + 8 : word ^ (uint64_t) 1 << state / 256 % 64);
        }
    }
    return unused;
}

/* One round in memory that is overwritten all the time. Behind it there is none. */
static void round_at_the_same_time(void) {
    static unsigned char all[MOST];
    uint64_t sort = below(4);
    uint64_t size = sort == 0 ? make_value(all) : sort == 1 ? make_broadcast(all) : make_ring(all);
    __atomic_store_n(&prey_size, 0, __ATOMIC_RELEASE);
    unsigned char *prey = prey_end - size;
    memcpy(prey, all, size);
    __atomic_store_n(&prey_size, size, __ATOMIC_RELEASE);
    if (sort == 0) {
        use_value(prey, size, 0);
    } else if (sort == 1) {
        use_broadcast(prey, size, 0);
    } else {
        use_ring(prey, size, 0);
    }
}

int main(int count, char **arguments) {
    pthread_t thread;
    if (count < 3) {
        return 2;
    }
    random_state = strtoull(arguments[1], NULL, 10) | 1;
    long rounds = atol(arguments[2]);
    unsigned char *pages =
        (unsigned char *) mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + PAGE, PAGE, PROT_NONE) != 0) {
        return 3;
    }
    prey_end = pages + PAGE;
    if (pthread_create(&thread, NULL, hunt, NULL) != 0) {
        return 3;
    }
    for (long i = 0; i < rounds; i++) {
        if (i % 4 == 0) {
            round_at_the_same_time();
            __atomic_store_n(&prey_size, 0, __ATOMIC_RELEASE);
        } else {
            round_in_turn();
        }
        if (i % 100 == 99) {
            fprintf(stderr, ".");
        }
    }
    __atomic_store_n(&hunting, 0, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    printf("%ld messages, %ld found out\n", messages, corrupt);
    return messages == 0 || corrupt == 0;
}
