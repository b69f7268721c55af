/*
 * A consumer by peers/shm4j_ring.h whose role is taken over while it clears what it gives back, in a ring of its own.
 *
 * It says "lost" if it has given nothing back after that, and ends with status 4 otherwise.
 */
#define SHM4J_STEP(part, step) robbed_behind(#step)
static void robbed_behind(const char *step);

#include "shm4j_ring.h"

enum { CAPACITY = 1 << 19, MESSAGE = 20000, OTHER = 42 };

static unsigned char *memory;
static int armed;

/* What a process does that takes the role over. */
static void robbed_behind(const char *step) {
    if (armed && strcmp(step, "clear") == 0) {
        shm4j_store(memory, SHM4J_CONSUMER, (uint64_t) OTHER << SHM4J_PID_SHIFT | 1);
        shm4j_store(memory, SHM4J_CONSUMER_SUCCESSIONS, 1);
    }
}

static void require(int condition, const char *what) {
    if (!condition) {
        printf("%s\n", what);
        exit(4);
    }
}

int main(void) {
    static const unsigned char message[MESSAGE] = {1};
    struct shm4j_ring ring;
    struct shm4j_producer producer;
    struct shm4j_consumer consumer;
    struct shm4j_message received;
    size_t size = SHM4J_SLOTS + SHM4J_SLOT_LENGTH + CAPACITY;
    memory = (unsigned char *) calloc(1, size);
    shm4j_store_plain(memory, SHM4J_MAGIC, SHM4J_RING_MAGIC);
    *shm4j_half(memory, SHM4J_NUMBER) = SHM4J_MPSC;
    shm4j_store_plain(memory, SHM4J_LENGTH, CAPACITY);
    *shm4j_half(memory, SHM4J_SLOT_COUNT) = 1;
    *shm4j_half(memory, SHM4J_VERSION) = 1;
    require(shm4j_ring_open(&ring, memory, size) == 0, "the ring is not open");
    require(shm4j_producer_open(&producer, &ring) == 0, "there is no producer");
    require(shm4j_consumer_open(&consumer, &ring) == 0, "there is no consumer");
    armed = 1;
    for (int i = 0; i < 3; i++) {
        require(shm4j_producer_write(&producer, 1, message, MESSAGE) == 1, "there is no room");
        int result = shm4j_consumer_peek(&consumer, &received);
        if (result == SHM4J_ELOST) {
            break;
        }
        require(result == 1 && shm4j_consumer_release(&consumer) == 0, "there is no message");
    }
    require(shm4j_load(memory, SHM4J_CONSUMER_SUCCESSIONS) == 1, "nothing was cleared");
    require(shm4j_load(memory, SHM4J_FREE_POSITION) == 0, "it has given bytes back that are another consumer's");
    require(shm4j_consumer_peek(&consumer, &received) == SHM4J_ELOST, "it does not know");
    printf("lost\n");
    return 0;
}
