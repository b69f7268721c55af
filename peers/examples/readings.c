// Receives the readings that Readings.java sends, and says how many there were, and how warm it was. It ends with status 1 if
// that fails.

// region use
#include "shm4j_ring.h"

struct reading {
    int64_t nanos;
    int32_t sensor;
    int32_t millidegrees;
};

enum { READING = 1, END = 2 };

// Adds up what comes until there is no more. Returns how many readings that were, or a negative number that says what has failed.
static long receive(struct shm4j_consumer *consumer, double *sum) {
    struct shm4j_message message;
    long count = 0;
    int result;
    while ((result = shm4j_consumer_await(consumer, &message, SHM4J_FOR_EVER)) > 0) {
        int32_t type = message.type;
        struct reading reading;
        if (type == READING && message.length == sizeof reading) {
            memcpy(&reading, message.bytes, sizeof reading); // The bytes are the ring's, and need not be aligned for a struct.
            *sum += reading.millidegrees / 1000.0;
            count++;
        }
        shm4j_consumer_release(consumer); // Whoever is killed before this has not consumed the message.
        if (type == END) {
            return count;
        }
    }
    return result;
}
// endregion use

int main(void) {
    // region open
    struct shm4j_block block;
    struct shm4j_ring ring;
    struct shm4j_consumer consumer;
    int result = shm4j_attach(&block, ftok(".", 'c'), 0);
    if (result == 0) {
        result = shm4j_ring_open(&ring, block.memory, block.size);
    }
    if (result == 0) {
        result = shm4j_consumer_open(&consumer, &ring);
    }
    // endregion open
    double sum = 0;
    long count = result;
    if (result == 0) {
        count = receive(&consumer, &sum);
        shm4j_consumer_close(&consumer);
    }
    if (count < 0) {
        fprintf(stderr, "readings: %s\n", shm4j_strerror((int) count));
        return 1;
    }
    printf("C: %ld readings, %.4f degrees on average\n", count, sum / (double) count);
    // Nobody needs the ring any more.
    shm4j_remove(&block);
    shm4j_detach(&block);
    return 0;
}
