/*
 * The writer and a reader of a latest value by peers/shm4j_ring.h.
 *
 * usage: value write ID          becomes the writer and writes records for ever; ends with status 3 if there is a writer
 *        value read ID LAST      attaches read-only and reads until it has read version LAST or a later one; ends with status 4
 *                                if a record is torn, and 5 if a version goes back
 *
 * In the record of version v, each number of 8 bytes is v * FACTOR + its index.
 */
#include "shm4j_ring.h"

static const uint64_t FACTOR = 0x9e3779b97f4a7c15u;

static struct shm4j_value value;

static void require(int result, int status) {
    if (result < 0) {
        fprintf(stderr, "%s\n", shm4j_strerror(result));
        exit(status);
    }
}

static void write_for_ever(void) {
    uint64_t *record = malloc(value.size);
    require(shm4j_value_take_writer(&value), 3);
    for (;;) {
        uint64_t version = shm4j_value_version(&value) + 1;
        for (uint64_t i = 0; i < value.size / 8; i++) {
            record[i] = version * FACTOR + i;
        }
        require(shm4j_value_write(&value, record), 2);
    }
}

static void read_until(uint64_t last) {
    uint64_t *record = malloc(value.size);
    uint64_t before = 0;
    while (before < last) {
        uint64_t version;
        require(shm4j_value_await_newer(&value, before, SHM4J_FOR_EVER), 2);
        int result = shm4j_value_read(&value, record, value.size, &version);
        if (result == SHM4J_EOVERTAKEN) {
            continue;
        }
        require(result, 2);
        if (version < before) {
            exit(5);
        }
        for (uint64_t i = 0; i < value.size / 8; i++) {
            if (record[i] != version * FACTOR + i) {
                fprintf(stderr, "torn: version %lu at number %lu\n", (unsigned long) version, (unsigned long) i);
                exit(4);
            }
        }
        before = version;
    }
    printf("read %lu\n", (unsigned long) before);
}

int main(int argc, char **argv) {
    struct shm4j_block block;
    if (argc < 3) {
        return 2;
    }
    int reads = strcmp(argv[1], "read") == 0;
    require(shm4j_attach_id(&block, atoi(argv[2]), reads ? SHM4J_READ_ONLY : 0), 2);
    require(shm4j_value_open(&value, block.memory, block.size), 2);
    if (reads) {
        read_until(strtoull(argv[3], NULL, 10));
    } else {
        write_for_ever();
    }
    return 0;
}
