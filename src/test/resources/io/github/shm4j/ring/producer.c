/*
 * A producer for rings with many producers, written from docs/ring-protocol.md alone.
 *
 * usage: producer ID COUNT [STEP]
 *
 * Writes COUNT messages "c 0", "c 1", ... If a STEP is given, the process kills itself right after that step of the
 * protocol while it writes the message behind them.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#define AT(type, offset) ((type *) (ring + (offset)))

static char *ring;

static uint64_t owner(void) {
    static char stat[4096];
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/stat", (long) getpid(), (long) getpid());
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(stat, sizeof stat, file) == NULL) {
        exit(3);
    }
    fclose(file);
    char *field = strrchr(stat, ')') + 2;
    for (int number = 3; number < 22; number++) {
        field = strchr(field, ' ') + 1;
    }
    return (uint64_t) getpid() << 41 | strtoull(field, NULL, 10);
}

static uint64_t namespace(const char *path) {
    char link[64] = {0};
    if (readlink(path, link, sizeof link - 1) < 0) {
        return 0;
    }
    return strtoull(strchr(link, '[') + 1, NULL, 10);
}

static void die_after(int step, int fatal) {
    if (step == fatal) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

static void write_message(uint64_t *slot, const char *text, int fatal) {
    const uint64_t capacity = *AT(uint64_t, 16);
    char *records = ring + 768 + 128 * (uint64_t) *AT(int32_t, 24);
    const int32_t length = strlen(text) + 8;
    const uint64_t record = (length + 7) & ~7;
    while (1) {
        uint64_t position = __atomic_load_n(AT(uint64_t, 128), __ATOMIC_ACQUIRE);
        uint64_t to_end = capacity - (position & (capacity - 1));
        uint64_t needed = record <= to_end ? record : to_end + record;
        uint64_t free_position = __atomic_load_n(AT(uint64_t, 256), __ATOMIC_ACQUIRE);
        if (free_position > position || position - free_position > capacity - needed) {
            continue;
        }
        __atomic_store_n(&slot[1], position + 1, __ATOMIC_RELEASE);
        die_after(3, fatal);
        uint64_t claimed = record <= to_end ? record : to_end;
        if (!__atomic_compare_exchange_n(AT(uint64_t, 128), &position, position + claimed, 0, __ATOMIC_SEQ_CST,
                __ATOMIC_SEQ_CST)) {
            continue;
        }
        die_after(4, fatal);
        int64_t *header = (int64_t *) (records + (position & (capacity - 1)));
        if (record > to_end) {
            __atomic_store_n(header, (int64_t) ((uint64_t) -1 << 32 | to_end), __ATOMIC_RELEASE);
            continue;
        }
        __atomic_store_n(header, (int64_t) (position / capacity << 32 | (uint32_t) -length), __ATOMIC_RELEASE);
        __atomic_thread_fence(__ATOMIC_RELEASE);
        die_after(5, fatal);
        memcpy(header + 1, text, length - 8);
        die_after(6, fatal);
        __atomic_store_n(header, (int64_t) ((uint64_t) 7 << 32 | (uint32_t) length), __ATOMIC_RELEASE);
        die_after(7, fatal);
        __atomic_store_n(&slot[1], 0, __ATOMIC_RELEASE);
        return;
    }
}

int main(int count, char **arguments) {
    ring = shmat(atoi(arguments[1]), NULL, 0);
    int messages = atoi(arguments[2]);
    int fatal = count > 3 ? atoi(arguments[3]) : 0;
    if (ring == (void *) -1
            || __atomic_load_n(AT(int32_t, 8), __ATOMIC_ACQUIRE) != 1
            || *AT(uint64_t, 0) != 0x73686d346a726e67
            || *AT(int32_t, 12) != 2
            || *AT(uint64_t, 32) != namespace("/proc/self/ns/pid")
            || *AT(uint64_t, 40) != namespace("/proc/self/ns/time")) {
        return 2;
    }
    uint64_t *slot = NULL;
    for (int i = 0; i < *AT(int32_t, 24); i++) {
        uint64_t nobody = 0;
        slot = AT(uint64_t, 768 + 128 * i);
        if (__atomic_compare_exchange_n(slot, &nobody, owner(), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            break;
        }
    }
    char text[32];
    for (int i = 0; i < messages; i++) {
        snprintf(text, sizeof text, "c %d", i);
        write_message(slot, text, 0);
    }
    write_message(slot, "the last one", fatal);
    __atomic_store_n(slot, 0, __ATOMIC_RELEASE);
    return 0;
}
