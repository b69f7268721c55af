/*
 * Either end of a ring, to be killed at any moment. It uses peers/shm4j_ring.h, and starts in a millisecond.
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
 *        peer send ID TEXT...
 *            writes messages of type 7, and waits for room where there is none
 *        peer receive ID COUNT
 *            reads and prints so many messages, and closes the ring
 */
#define SHM4J_STEP(part, step) after(#part, #step)
static void after(const char *part, const char *step);

#include "shm4j_ring.h"

static const uint32_t LEAST = 24;
static const uint32_t MOST = 600;

static struct shm4j_ring ring;
static struct shm4j_producer producer;

/* The step after which to end, or NULL to wait for somebody else to do it. */
static const char *fatal;
static int stopping;

/* How many messages of this producer can have been delivered at most, and at least; NULL if nobody asks. */
static uint64_t *intended;
static uint64_t *done;

/* How many messages are complete, and whether that is not going to be one more. */
static uint64_t messages;
static int aborting;

static uint64_t random_state;

static uint32_t random_below(uint32_t bound) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t) (random_state >> 32) % bound;
}

/* Stays here for a moment now and then: nobody would be killed between two stores otherwise. */
static void linger(void) {
    if (random_below(64) == 0) {
        for (uint32_t i = random_below(4000); i > 0; i--) {
            __atomic_signal_fence(__ATOMIC_SEQ_CST);
        }
    }
}

static void after(const char *part, const char *step) {
    int of_many = strcmp(part, "mpsc") == 0;
    if (intended != NULL && strcmp(step, of_many ? "6" : "3") == 0) {
        messages += !aborting;
        __atomic_store_n(intended, messages, __ATOMIC_RELEASE);
    } else if (done != NULL && strcmp(step, of_many ? "7" : "4") == 0) {
        __atomic_store_n(done, messages, __ATOMIC_RELEASE);
    } else if (stopping && strcmp(step, "resume") == 0) {
        kill(getpid(), SIGSTOP);
    }
    if (fatal == NULL) {
        linger();
    } else if (strcmp(step, fatal) == 0) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

/* Ends if something has failed that must not. */
static int require(int result) {
    if (result < 0) {
        fprintf(stderr, "%s", shm4j_strerror(result));
        exit(4);
    }
    return result;
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

static uint64_t checksum(const char *message, size_t length) {
    uint32_t crc = ~crc32c(crc32c(~0u, message, 16), message + 24, length - 24);
    return (uint64_t) length << 32 | crc;
}

static void fill(char *message, uint32_t length, uint64_t number, uint64_t sequence) {
    memcpy(message, &number, 8);
    memcpy(message + 8, &sequence, 8);
    for (uint32_t i = LEAST; i < length; i++) {
        message[i] = (char) (i + sequence);
    }
    uint64_t sum = checksum(message, length);
    memcpy(message + 16, &sum, 8);
}

/* The length of a message that fills the ring exactly, or as much of it as lies in one piece; or another length. */
static uint32_t exact_length(uint32_t most, uint32_t otherwise) {
    uint64_t room = shm4j_load(ring.memory, SHM4J_FREE_POSITION) + ring.capacity - producer.position;
    uint64_t to_end = shm4j_up_to_end(&ring, producer.position);
    room = room < to_end ? room : to_end;
    return room < SHM4J_RECORD_HEADER + LEAST || room > SHM4J_RECORD_HEADER + most
        ? otherwise
        : (uint32_t) room - SHM4J_RECORD_HEADER;
}

static void produce_one(uint64_t number, uint64_t sequence, uint32_t length, int abort) {
    void *place;
    aborting = abort;
    while (!require(shm4j_producer_claim(&producer, 1, length, &place))) {
        require(shm4j_producer_await_room(&producer, length, 10000000));
    }
    fill((char *) place, length, number, sequence);
    require(abort ? shm4j_producer_abort(&producer) : shm4j_producer_commit(&producer));
}

static void produce(uint64_t number) {
    require(shm4j_producer_open(&producer, &ring));
    for (uint64_t sequence = 0;;) {
        /* Mostly short ones. A stretch of long ones is what the consumer does not clear. */
        int long_ones = random_below(20) == 0 || sequence % 1000 >= 900;
        uint32_t most = ring.longest < MOST || long_ones ? (uint32_t) ring.longest : MOST;
        uint32_t length = LEAST + random_below(most - LEAST);
        int abort = random_below(4) == 0;
        if (ring.kind == SHM4J_SPSC) {
            if (random_below(8) == 0 && producer.batching) {
                shm4j_producer_end_batch(&producer);
            } else if (random_below(8) == 0) {
                shm4j_producer_begin_batch(&producer);
            }
            if (random_below(4) == 0) {
                length = exact_length((uint32_t) ring.longest, length);
            }
        }
        produce_one(number, sequence, length, abort);
        sequence += !abort;
    }
}

static void produce_and_die(uint64_t number, uint64_t count, uint32_t length, uint64_t batch, const char *step) {
    int at_a_step = strcmp(step, "0") != 0 && strcmp(step, "-1") != 0;
    stopping = strcmp(step, "-1") == 0;
    fatal = "never";
    require(shm4j_producer_open(&producer, &ring));
    for (uint64_t sequence = 0; sequence < count + batch; sequence++) {
        if (sequence == count) {
            shm4j_producer_begin_batch(&producer);
        }
        if (at_a_step && sequence == count + batch - 1) {
            fatal = step;
        }
        produce_one(number, sequence, length, 0);
    }
    shm4j_producer_close(&producer);
}

static void note(uint64_t *journal, const struct shm4j_message *message, int *first) {
    uint64_t number;
    uint64_t sequence;
    uint64_t sum;
    if (message->length < LEAST) {
        fprintf(stderr, "torn: %u bytes", (unsigned) message->length);
        exit(5);
    }
    memcpy(&number, message->bytes, 8);
    memcpy(&sequence, (const char *) message->bytes + 8, 8);
    memcpy(&sum, (const char *) message->bytes + 16, 8);
    if (sum != checksum((const char *) message->bytes, message->length)) {
        fprintf(stderr, "torn: %u bytes", (unsigned) message->length);
        exit(5);
    }
    if (sequence != journal[number] && !(*first && sequence == journal[number] - 1)) {
        fprintf(stderr, "producer %llu: %llu instead of %llu", (unsigned long long) number,
                (unsigned long long) sequence, (unsigned long long) journal[number]);
        exit(6);
    }
    *first = 0;
    __atomic_store_n(&journal[number], sequence + 1, __ATOMIC_RELEASE);
}

static void consume(uint64_t *journal) {
    struct shm4j_consumer consumer;
    struct shm4j_message message;
    int first = 1;
    require(shm4j_consumer_open(&consumer, &ring));
    while (1) {
        if (require(shm4j_consumer_await(&consumer, &message, SHM4J_FOR_EVER))) {
            note(journal, &message, &first);
            linger();
            require(shm4j_consumer_release(&consumer));
        }
    }
}

static void send_texts(int count, char **texts) {
    require(shm4j_producer_open(&producer, &ring));
    for (int i = 0; i < count; i++) {
        while (!require(shm4j_producer_write(&producer, 7, texts[i], strlen(texts[i])))) {
            require(shm4j_producer_await_room(&producer, strlen(texts[i]), SHM4J_FOR_EVER));
        }
    }
    shm4j_producer_close(&producer);
}

static void receive(int count) {
    struct shm4j_consumer consumer;
    struct shm4j_message message;
    require(shm4j_consumer_open(&consumer, &ring));
    for (int i = 0; i < count; i++) {
        require(shm4j_consumer_await(&consumer, &message, SHM4J_FOR_EVER));
        printf("%.*s\n", (int) message.length, (const char *) message.bytes);
        fflush(stdout);
        require(shm4j_consumer_release(&consumer));
    }
    shm4j_consumer_close(&consumer);
}

static unsigned char *attach(const char *id, size_t *size) {
    struct shm4j_block block;
    require(shm4j_attach_id(&block, atoi(id), 0));
    *size = block.size;
    return block.memory;
}

int main(int count, char **arguments) {
    size_t size;
    if (count < 4) {
        return 2;
    }
    unsigned char *memory = attach(arguments[2], &size);
    require(shm4j_ring_open(&ring, memory, size));
    random_state = ring.identity.self ^ (uint64_t) shm4j_now();
    prepare_crc();
    if (strcmp(arguments[1], "send") == 0) {
        fatal = "never";
        send_texts(count - 3, arguments + 3);
        return 0;
    }
    if (strcmp(arguments[1], "receive") == 0) {
        fatal = "never";
        receive(atoi(arguments[3]));
        return 0;
    }
    uint64_t *counts = (uint64_t *) (void *) attach(arguments[3], &size);
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
            arguments[8]);
    return 0;
}
