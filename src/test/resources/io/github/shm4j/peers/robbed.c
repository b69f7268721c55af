/*
 * Has all roles in a ring for one producer and a latest value, until it is told that it has lost them. It uses peers/shm4j_ring.h.
 *
 * usage: robbed RING VALUE
 *
 * It takes the roles, consumes a message, peeks at the next one, begins a batch, and says its start time and the types of the
 * messages. At each line "go" it does what an owner does, and says what has come of it; the second time, it takes the roles again
 * through other mappings before. At a line "late" it goes on with what it has begun, and at another one closes all and ends.
 */
#include "shm4j_ring.h"

static void require(int result) {
    if (result < 0) {
        fprintf(stderr, "%s\n", shm4j_strerror(result));
        exit(3);
    }
}

static void tell(const char *what, int result) {
    if (result == SHM4J_ELOST) {
        printf("%s lost\n", what);
    } else {
        printf("%s %d\n", what, result);
    }
}

static int is_told(const char *what) {
    static char line[16];
    if (line[0] == 0) {
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL) {
            exit(0);
        }
    }
    if (strcmp(line, what) != 0) {
        return 0;
    }
    line[0] = 0;
    return 1;
}

/* All that is to be had. */
struct roles {
    struct shm4j_consumer consumer;
    struct shm4j_producer producer;
    struct shm4j_value value;
};

static void take(struct roles *roles, char **ids) {
    struct shm4j_block blocks[2];
    struct shm4j_ring ring;
    require(shm4j_attach_id(&blocks[0], atoi(ids[0]), 0));
    require(shm4j_attach_id(&blocks[1], atoi(ids[1]), 0));
    require(shm4j_ring_open(&ring, blocks[0].memory, blocks[0].size));
    require(shm4j_consumer_open(&roles->consumer, &ring));
    require(shm4j_producer_open(&roles->producer, &ring));
    require(shm4j_value_open(&roles->value, blocks[1].memory, blocks[1].size));
    require(shm4j_value_take_writer(&roles->value));
}

int main(int count, char **arguments) {
    static unsigned char record[4096];
    struct roles roles;
    struct roles again;
    struct shm4j_message message;
    struct shm4j_stat stat;
    char self[24];
    void *place;
    if (count != 3) {
        return 2;
    }
    take(&roles, arguments + 1);
    shm4j_read_link("/proc/self", self, sizeof self);
    require(shm4j_read_stat(self, &stat) - 1);
    printf("%llu", (unsigned long long) stat.start);
    require(shm4j_consumer_await(&roles.consumer, &message, SHM4J_FOR_EVER));
    printf(" %d", (int) message.type);
    require(shm4j_consumer_release(&roles.consumer));
    require(shm4j_consumer_await(&roles.consumer, &message, SHM4J_FOR_EVER));
    printf(" %d\n", (int) message.type);
    require(shm4j_producer_begin_batch(&roles.producer));
    require(shm4j_producer_write(&roles.producer, 8, "robbed", 6));
    require(shm4j_producer_claim(&roles.producer, 8, 6, &place));
    require(shm4j_value_write(&roles.value, record));
    if (is_told("late\n")) {
        tell("release", shm4j_consumer_release(&roles.consumer));
        tell("commit", shm4j_producer_commit(&roles.producer));
        tell("end", shm4j_producer_end_batch(&roles.producer));
        tell("value", shm4j_value_write(&roles.value, record));
        printf("said\n");
    }
    if (!is_told("go\n")) {
        tell("peek", shm4j_consumer_peek(&roles.consumer, &message));
        tell("close", shm4j_consumer_close(&roles.consumer));
        tell("close", shm4j_producer_close(&roles.producer));
        shm4j_value_give_writer_back(&roles.value);
        return 0;
    }
    tell("release", shm4j_consumer_release(&roles.consumer));
    tell("peek", shm4j_consumer_peek(&roles.consumer, &message));
    tell("await", shm4j_consumer_await(&roles.consumer, &message, SHM4J_FOR_EVER));
    /* The batch first: what finds out that the role is lost drops it. */
    struct shm4j_producer before = roles.producer;
    tell("publish", shm4j_producer_publish(&roles.producer));
    roles.producer = before;
    tell("end", shm4j_producer_end_batch(&roles.producer));
    roles.producer = before;
    tell("begin", shm4j_producer_begin_batch(&roles.producer));
    roles.producer = before;
    tell("commit", shm4j_producer_commit(&roles.producer));
    roles.producer = before;
    tell("room", shm4j_producer_await_room(&roles.producer, 6, SHM4J_FOR_EVER));
    roles.producer = before;
    tell("close", shm4j_producer_close(&roles.producer));
    roles.producer = before;
    roles.producer.claimed_length = 0;
    tell("claim", shm4j_producer_claim(&roles.producer, 8, 6, &place));
    tell("value", shm4j_value_write(&roles.value, record));
    printf("said\n");
    if (!is_told("go\n")) {
        return 0;
    }
    take(&again, arguments + 1);
    tell("peek", shm4j_consumer_peek(&roles.consumer, &message));
    tell("write", shm4j_producer_write(&roles.producer, 8, "robbed", 6));
    tell("value", shm4j_value_write(&roles.value, record));
    tell("close", shm4j_consumer_close(&roles.consumer));
    tell("close", shm4j_producer_close(&roles.producer));
    shm4j_value_give_writer_back(&roles.value);
    tell("write", shm4j_producer_write(&again.producer, 9, "again", 5));
    tell("peek", shm4j_consumer_peek(&again.consumer, &message));
    tell("value", shm4j_value_write(&again.value, record));
    printf("said\n");
    if (!is_told("go\n")) {
        return 0;
    }
    require(shm4j_consumer_close(&again.consumer));
    require(shm4j_producer_close(&again.producer));
    shm4j_value_give_writer_back(&again.value);
    return 0;
}
