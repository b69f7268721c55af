/*
 * The writer and a reader of a latest value, written from docs/latest-value-protocol.md alone.
 *
 * usage: value write ID          becomes the writer and writes records for ever; ends with status 3 if there is a writer
 *        value read ID LAST      attaches read-only and reads until it has read version LAST or a later one; ends with status 4
 *                                if a record is torn, and 5 if a version goes back
 *
 * In the record of version v, each number of 8 bytes is v * FACTOR + its index.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#define AT(type, offset) ((type *) (block + (offset)))
#define LOAD(pointer) __atomic_load_n((pointer), __ATOMIC_ACQUIRE)
#define STORE(pointer, value) __atomic_store_n((pointer), (value), __ATOMIC_RELEASE)

enum { NEWEST = 128, WRITER = 136, BUFFERS = 256 };
static const uint64_t FACTOR = 0x9e3779b97f4a7c15u;

static char *block;
static uint64_t size;
static uint64_t count;
static uint64_t stride;

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

/* The namespaces are those of the test. */
static int has_ended(uint64_t owner) {
    long pid = owner >> 41 & 0x3fffff;
    char state;
    uint64_t start;
    if (owner >> 63 != 0) {
        return 0;
    }
    if (kill(pid, 0) != 0 && errno == ESRCH) {
        return 1;
    }
    return read_stat(pid, &state, &start) && (state == 'Z' || start != (owner & (((uint64_t) 1 << 41) - 1)));
}

static void become_writer(void) {
    char state;
    uint64_t start;
    if (!read_stat(getpid(), &state, &start)) {
        exit(2);
    }
    uint64_t self = (uint64_t) getpid() << 41 | start;
    uint64_t holder = 0;
    while (!__atomic_compare_exchange_n(AT(uint64_t, WRITER), &holder, self, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        if (holder != 0 && !has_ended(holder)) {
            exit(3);
        }
    }
}

static void write_for_ever(void) {
    uint64_t *record = malloc(size);
    become_writer();
    for (;;) {
        uint64_t version = LOAD(AT(uint64_t, NEWEST)) + 1;
        for (uint64_t i = 0; i < size / 8; i++) {
            record[i] = version * FACTOR + i;
        }
        __atomic_thread_fence(__ATOMIC_RELEASE);
        memcpy(AT(char, BUFFERS + version % count * stride), record, size);
        STORE(AT(uint64_t, NEWEST), version);
    }
}

static void read_until(uint64_t last) {
    uint64_t *record = malloc(size);
    uint64_t before = 0;
    while (before < last) {
        uint64_t version = LOAD(AT(uint64_t, NEWEST));
        if (version < before) {
            exit(5);
        }
        if (version == before) {
            sched_yield();
            continue;
        }
        memcpy(record, AT(char, BUFFERS + version % count * stride), size);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (LOAD(AT(uint64_t, NEWEST)) - version > count - 2) {
            continue;
        }
        for (uint64_t i = 0; i < size / 8; i++) {
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
    if (argc < 3) {
        return 2;
    }
    int reads = strcmp(argv[1], "read") == 0;
    block = shmat(atoi(argv[2]), NULL, reads ? SHM_RDONLY : 0);
    if (block == (char *) -1 || LOAD(AT(uint32_t, 8)) != 1 || *AT(uint64_t, 0) != 0x73686d346a76616cu) {
        return 2;
    }
    count = *AT(uint32_t, 12);
    size = *AT(uint64_t, 16);
    stride = (size + 127) & ~(uint64_t) 127;
    if (reads) {
        read_until(strtoull(argv[3], NULL, 10));
    } else {
        write_for_ever();
    }
    return 0;
}
