/*
 * Reads a broadcast by peers/shm4j_ring.h through a mapping that cannot be written, from the oldest message to one of type 2.
 *
 * usage: reader ID
 *
 * A message is its producer's number, its own number, a CRC of what follows, each of 8 bytes, and some bytes. It says "first"
 * when it has one, and in the end how many messages it has received and lost, and how many bytes these had. It ends with status 4
 * if a message is torn, lost without notice, or comes twice.
 */
#include "shm4j_ring.h"

static uint64_t crc32(const unsigned char *bytes, size_t length) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
    }
    return ~crc;
}

static int require(int result) {
    if (result < 0) {
        fprintf(stderr, "%s\n", shm4j_strerror(result));
        exit(3);
    }
    return result;
}

int main(int count, char **arguments) {
    struct shm4j_block block;
    struct shm4j_reader reader;
    uint64_t expected = 0;
    uint64_t lost = 0;
    uint64_t received = 0;
    uint64_t bytes = 0;
    int32_t type = 0;
    require(shm4j_attach_id(&block, count > 1 ? atoi(arguments[1]) : -1, SHM4J_READ_ONLY));
    require(shm4j_reader_open(&reader, block.memory, block.size, SHM4J_FROM_OLDEST));
    unsigned char *message = (unsigned char *) malloc(reader.longest);
    printf("ready\n");
    fflush(stdout);
    while (type != 2) {
        size_t length;
        uint64_t frame[3];
        int result = shm4j_reader_read(&reader, &type, message, reader.longest, &length);
        if (result == SHM4J_EOVERTAKEN || require(result) == 0) {
            require(shm4j_reader_await(&reader, 0, SHM4J_FOR_EVER));
            continue;
        }
        expected += reader.lost_messages - lost;
        lost = reader.lost_messages;
        memcpy(frame, message, sizeof frame);
        if (length < sizeof frame || frame[1] != expected
                || frame[2] != crc32(message + sizeof frame, length - sizeof frame)) {
            fprintf(stderr, "message %llu in place of %llu\n", (unsigned long long) frame[1],
                    (unsigned long long) expected);
            return 4;
        }
        expected++;
        received++;
        bytes += length;
        if (received == 1) {
            printf("first\n");
            fflush(stdout);
        }
    }
    printf("%llu %llu %llu %llu\n", (unsigned long long) received, (unsigned long long) lost, (unsigned long long) bytes,
            (unsigned long long) reader.lost_bytes);
    return 0;
}
