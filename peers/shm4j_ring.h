/*
 * shm4j_ring.h: the structures of shm4j in shared memory, from C11, and from C++11 or newer.
 *
 * A program in C or C++ includes this file and is a peer of programs in Java: it consumes or produces the messages of a ring,
 * reads or writes a latest value, reads a broadcast, and takes a lock. Java, or the command line (shm4j ring create), creates the block.
 *
 *     struct shm4j_block block;
 *     struct shm4j_ring ring;
 *     struct shm4j_consumer consumer;
 *     int result = shm4j_attach(&block, ftok("/run/feed", 'r'), 0);
 *     if (result == 0) {
 *         result = shm4j_ring_open(&ring, block.memory, block.size);
 *     }
 *     if (result == 0) {
 *         result = shm4j_consumer_open(&consumer, &ring);
 *     }
 *     struct shm4j_message message;
 *     while (result == 0 && (result = shm4j_consumer_await(&consumer, &message, SHM4J_FOR_EVER)) > 0) {
 *         use(message.type, message.bytes, message.length);
 *         result = shm4j_consumer_release(&consumer);
 *     }
 *     fprintf(stderr, "%s\n", shm4j_strerror(result));
 *
 * Results. A function that can fail returns a negative number: a negative errno of the system, or an error of enum
 * shm4j_error. shm4j_strerror says what it means. Where there may be nothing to read, or no room, 0 says so, and 1 the opposite.
 *
 * Threads. An object (struct shm4j_consumer, ...) is for one thread at a time. Whoever passes it on to another thread does that
 * in a way that orders memory, such as a mutex. Several objects in several threads need nothing of this. After fork() the child
 * opens everything anew: it is another process, and what its parent has signed is not its own.
 *
 * Roles. In a process, one language uses a role. The objects of this file know of each other in all of the program, but not of
 * those of Java or Python, nor of those of a library that was loaded at run time with a copy of this file of its own.
 *
 * Memory order. A load is an acquire, and a store a release, where a comment "SYNC POINT" says so; the protocol pages say with
 * what each is paired. What one process has stored before it publishes a message, the other one sees after it got that message.
 *
 * Processes that terminate. Any process can be killed at any instruction: see "Liveness" below. Nobody has to clean up.
 *
 * Processes that do not obey. All that is read from shared memory is checked before it is used. What is wrong there makes a call
 * fail with SHM4J_ECORRUPT: no access outside of the memory, no endless loop. The bytes of a message are in shared memory until
 * it is released: copy what you check before you check it, unless you trust whoever can write there.
 *
 * The protocols, and why they hold: docs/ring-protocol.md, docs/latest-value-protocol.md, docs/broadcast-protocol.md and
 * docs/lock-protocol.md. The steps in the comments here are the steps in the tables there.
 *
 * Licensed as shm4j is: see the file LICENSE there.
 */
#ifndef SHM4J_RING_H
#define SHM4J_RING_H

/* shmat, syscall and kill are not part of the C standard. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__GLIBC__) && !(defined(__USE_MISC) && defined(__USE_XOPEN))
#error "include shm4j_ring.h before all other headers, or compile with -D_GNU_SOURCE"
#endif
#if !defined(__linux__) || UINTPTR_MAX != UINT64_MAX
#error "shm4j_ring.h is for 64-bit Linux"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A test defines this before it includes the file, to stop or kill the process behind a step of a protocol. The step has just
 * been done.
 */
#ifndef SHM4J_STEP
#define SHM4J_STEP(part, step) ((void) 0)
#endif

/* ------------------------------------------------------------------------------------------------------------- results */

enum shm4j_error {
    /** The memory holds no complete structure of this kind: another one, one of another version, or something else. */
    SHM4J_EFORMAT = -5001,
    /** Somebody has begun to create the structure, and has not completed it in a second. */
    SHM4J_EINCOMPLETE = -5002,
    /** The memory was overwritten: it is as no process that obeys can have made it. */
    SHM4J_ECORRUPT = -5003,
    /** The role is another process's that may be alive, or this process's through another object. */
    SHM4J_EOCCUPIED = -5004,
    /** The role or the claim was this object's and is not any more: somebody has taken it over, or overwritten the memory. */
    SHM4J_ELOST = -5005,
    /** The block is another user's, who could change it in any way. */
    SHM4J_EUNTRUSTED = -5006,
    /** The writer has overtaken the reader each time: it writes faster than the reader can copy. */
    SHM4J_EOVERTAKEN = -5007
};

/** Returns what a negative result means, in words. The text is the library's or the C library's: nobody frees it. */
static inline const char *shm4j_strerror(int result) {
    switch (result) {
    case SHM4J_EFORMAT:
        return "the memory holds no complete structure of this kind and version";
    case SHM4J_EINCOMPLETE:
        return "the structure is not complete: its creator has begun and not ended; remove the block and create it anew";
    case SHM4J_ECORRUPT:
        return "the memory was overwritten";
    case SHM4J_EOCCUPIED:
        return "the role is held by a process that may be alive";
    case SHM4J_ELOST:
        return "the role or the claim has been taken over by somebody else";
    case SHM4J_EUNTRUSTED:
        return "the block belongs to another user";
    case SHM4J_EOVERTAKEN:
        return "the writer has overtaken the reader all the time";
    default:
        return result < 0 && result > -4096 ? strerror(-result) : "no error";
    }
}

/** As a timeout: there is none. All timeouts are in nanoseconds, and 0 is to look once. */
#define SHM4J_FOR_EVER (-1)

/* What the last call of the system has failed of. */
static inline int shm4j_failure(void) {
    int error = errno;
    return error > 0 ? -error : -EIO;
}

/* -------------------------------------------------------------------------------------------------------------- memory */

/* The fields are numbers of 4 or 8 bytes, in the machine's byte order, aligned to their size. */

static inline uint64_t *shm4j_word(unsigned char *memory, uint64_t offset) {
    return (uint64_t *) (void *) (memory + offset);
}

static inline uint32_t *shm4j_half(unsigned char *memory, uint64_t offset) {
    return (uint32_t *) (void *) (memory + offset);
}

/* Acquire: what the other process has stored before its release is seen behind this. */
static inline uint64_t shm4j_load(unsigned char *memory, uint64_t offset) {
    return __atomic_load_n(shm4j_word(memory, offset), __ATOMIC_ACQUIRE);
}

/* One access, in no order with others. */
static inline uint64_t shm4j_load_plain(unsigned char *memory, uint64_t offset) {
    return __atomic_load_n(shm4j_word(memory, offset), __ATOMIC_RELAXED);
}

/* Release: all that this process has stored before is seen by whoever sees this. */
static inline void shm4j_store(unsigned char *memory, uint64_t offset, uint64_t value) {
    __atomic_store_n(shm4j_word(memory, offset), value, __ATOMIC_RELEASE);
}

static inline void shm4j_store_plain(unsigned char *memory, uint64_t offset, uint64_t value) {
    __atomic_store_n(shm4j_word(memory, offset), value, __ATOMIC_RELAXED);
}

/* If it fails, *expected is what it has found. */
static inline int shm4j_compare_and_set(unsigned char *memory, uint64_t offset, uint64_t *expected, uint64_t value) {
    return __atomic_compare_exchange_n(
        shm4j_word(memory, offset), expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static inline int64_t shm4j_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* -------------------------------------------------------------------------------------------------------------- blocks */

enum {
    /** Map the block without the permission to write: latest values and broadcasts can be read so, and rings not be used. */
    SHM4J_READ_ONLY = 1,
    /** Take a block whoever has made it. */
    SHM4J_TRUST_ANYBODY = 2
};

/** A block of System V shared memory that is mapped here. */
struct shm4j_block {
    unsigned char *memory;
    /** How many bytes it has, as the kernel says. */
    size_t size;
    int id;
};

/**
 * Maps a block of which the id is known, as for a block without a key. It is not asked whose block that is.
 *
 * @param flags 0 or SHM4J_READ_ONLY
 * @return 0, or a negative errno: -EINVAL or -EIDRM if there is no such block, -EACCES if this user may not use it in this way
 */
static inline int shm4j_attach_id(struct shm4j_block *block, int id, int flags) {
    struct shmid_ds status;
    memset(block, 0, sizeof *block);
    void *memory = shmat(id, NULL, flags & SHM4J_READ_ONLY ? SHM_RDONLY : 0);
    /* The kernel may give any address but this one, which stands for a failure. */
    if (memory == (void *) -1) {
        return shm4j_failure();
    }
    /* What is mapped here cannot change any more: the size is asked for afterwards, and never taken from anybody else. */
    if (shmctl(id, IPC_STAT, &status) != 0) {
        int failure = shm4j_failure();
        shmdt(memory);
        return failure;
    }
    block->memory = (unsigned char *) memory;
    block->size = status.shm_segsz;
    block->id = id;
    return 0;
}

/** Unmaps a block. Close what was opened in it before: roles that are not closed stay this process's until it terminates. */
static inline int shm4j_detach(struct shm4j_block *block) {
    return shmdt(block->memory) == 0 ? 0 : shm4j_failure();
}

/** Removes a block: nobody finds it any more, and it is gone when nobody has it mapped. */
static inline int shm4j_remove(const struct shm4j_block *block) {
    return shmctl(block->id, IPC_RMID, NULL) == 0 ? 0 : shm4j_failure();
}

/**
 * Maps the block that has a key. Any user can create a block with any key: without SHM4J_TRUST_ANYBODY, the block's owner and
 * its creator must be this process's effective user or root.
 *
 * @param key as ftok(3) computes it of a file, which is what ShmKey.ftok does in Java, or a number
 * @param flags 0, SHM4J_READ_ONLY, SHM4J_TRUST_ANYBODY or both
 * @return 0; SHM4J_EUNTRUSTED; or a negative errno: -ENOENT if no block has the key
 */
static inline int shm4j_attach(struct shm4j_block *block, key_t key, int flags) {
    struct shmid_ds status;
    memset(block, 0, sizeof *block);
    int id = shmget(key, 0, 0);
    int result = id < 0 ? shm4j_failure() : shm4j_attach_id(block, id, flags);
    if (result != 0 || (flags & SHM4J_TRUST_ANYBODY)) {
        return result;
    }
    result = shmctl(id, IPC_STAT, &status) != 0 ? shm4j_failure() : 0;
    if (result == 0
        && ((status.shm_perm.uid != geteuid() && status.shm_perm.uid != 0)
            || (status.shm_perm.cuid != geteuid() && status.shm_perm.cuid != 0))) {
        result = SHM4J_EUNTRUSTED;
    }
    if (result != 0) {
        shm4j_detach(block);
    }
    return result;
}

/* ------------------------------------------------------------------------------------------------------------ liveness */

/*
 * An owner is a process in one word, so that it is taken and judged in one step: bit 63 says "of other namespaces than the
 * memory names", bits 62 to 41 are the pid, and bits 40 to 0 the start time. The kernel gives a pid to another process again,
 * but not with the same start time. Processes of two pid namespaces can have both in common: where bit 63 is set, bits 40 to 0
 * are a number that no other process has. 0 is nobody.
 */
enum { SHM4J_PID_SHIFT = 41 };
#define SHM4J_NOBODY ((uint64_t) 0)
#define SHM4J_FOREIGN ((uint64_t) 1 << 63)
#define SHM4J_PID_MASK (((uint64_t) 1 << 22) - 1)
#define SHM4J_START_MASK (((uint64_t) 1 << SHM4J_PID_SHIFT) - 1)

/* What the third, the twentieth and the 22nd field of proc_pid_stat(5) say. */
struct shm4j_stat {
    char state;
    uint64_t threads;
    uint64_t start;
};

/* Reads what fits of a file of /proc as a string; returns its length, or -1. */
static inline ssize_t shm4j_read_file(const char *path, char *text, size_t size) {
    size_t length = 0;
    ssize_t count = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    while (length + 1 < size && (count = read(file, text + length, size - 1 - length)) > 0) {
        length += (size_t) count;
    }
    close(file);
    text[length] = 0;
    return count < 0 || length == 0 ? -1 : (ssize_t) length;
}

/* Reads a link of /proc as a string; it is empty if that fails. */
static inline void shm4j_read_link(const char *path, char *text, size_t size) {
    ssize_t length = readlink(path, text, size - 1);
    text[length < 0 ? 0 : length] = 0;
}

static inline int shm4j_read_stat(const char *process, struct shm4j_stat *stat) {
    char path[96];
    char text[2048];
    /* /proc/PID/stat has the same fields, but qemu-user answers itself for a process that reads its own. */
    snprintf(path, sizeof path, "/proc/%.32s/task/%.32s/stat", process, process);
    if (shm4j_read_file(path, text, sizeof text) < 0) {
        return 0;
    }
    /* The name in the second field may hold anything, even parentheses: the third begins behind the last one. */
    const char *field = strrchr(text, ')');
    if (field == NULL || field[1] != ' ') {
        return 0;
    }
    field += 2;
    stat->state = *field;
    for (int number = 3; number < 22; number++) {
        field = strchr(field, ' ');
        if (field == NULL) {
            return 0;
        }
        field++;
        if (number + 1 == 20) {
            stat->threads = strtoull(field, NULL, 10);
        }
    }
    stat->start = strtoull(field, NULL, 10);
    return 1;
}

/* The inode number of a namespace of this process, 0 if there is none. The link reads like "pid:[4026531836]". */
static inline uint64_t shm4j_namespace(const char *link) {
    char text[64];
    shm4j_read_link(link, text, sizeof text);
    const char *number = strchr(text, '[');
    return number == NULL ? 0 : strtoull(number + 1, NULL, 10);
}

/*
 * Whether /proc belongs to the pid namespace of this process. It can be mounted anew at any time, so this is asked each time.
 * In the /proc of an outer namespace, a process has a pid for each level, and the first one may happen to be equal to the last.
 */
static inline int shm4j_proc_is_ours(void) {
    char text[4096];
    shm4j_read_link("/proc/self", text, sizeof text);
    if (strtoull(text, NULL, 10) != (uint64_t) getpid()) {
        return 0;
    }
    ssize_t length = shm4j_read_file("/proc/self/status", text, sizeof text);
    if (length < 0) {
        return 0;
    }
    const char *pids = strstr(text, "\nNSpid:\t");
    if (pids == NULL) {
        /* Kernels before 4.1 have no such line. In a text that was cut off it cannot be seen. */
        return (size_t) length < sizeof text - 1;
    }
    pids += strlen("\nNSpid:\t");
    return strcspn(pids, "\t") > strcspn(pids, "\n");
}

/*
 * Whether an owner has certainly terminated. What cannot be seen counts as alive. Once true it stays true: a process that has
 * terminated stores nothing any more, and its pid with its start time never comes back.
 */
static inline int shm4j_has_terminated(uint64_t owner, int shares_namespaces) {
    uint64_t pid = owner >> SHM4J_PID_SHIFT & SHM4J_PID_MASK;
    uint64_t start = owner & SHM4J_START_MASK;
    struct shm4j_stat stat;
    char name[24];
    if (!shares_namespaces || (owner & SHM4J_FOREIGN) != 0 || pid == 0 || start == 0) {
        return 0;
    }
    /* This is exact, whatever /proc is mounted and whatever that hides. */
    if (kill((pid_t) pid, 0) != 0 && errno == ESRCH) {
        return 1;
    }
    snprintf(name, sizeof name, "%u", (unsigned) pid);
    if (!shm4j_proc_is_ours() || !shm4j_read_stat(name, &stat)) {
        return 0;
    }
    /* The kernel shows a process whose main thread has terminated as a zombie, too, while its other threads run on. */
    return ((stat.state == 'Z' || stat.state == 'X') && stat.threads <= 1) || stat.start != start;
}

/*
 * A number that no other process has, and that is the same for all objects of this one. The kernel gives 16 random bytes to each
 * program that it starts; processes that were forked since have another pid, start time or namespace.
 */
static inline uint64_t shm4j_number_of_process(uint64_t start, uint64_t pid_namespace, uint64_t time_namespace) {
    const void *random = (const void *) getauxval(AT_RANDOM);
    uint64_t number = 0;
    if (random != NULL) {
        memcpy(&number, random, sizeof number);
    }
    number ^= start * UINT64_C(0x9e3779b97f4a7c15) ^ pid_namespace << 32 ^ time_namespace;
    number = (number ^ number >> 33) * UINT64_C(0xff51afd7ed558ccd);
    return (number ^ number >> 33) & SHM4J_START_MASK;
}

/** Who this process is in some memory. */
struct shm4j_identity {
    /** How it signs there. */
    uint64_t self;
    /** Whether other pids there mean something here. */
    int shares_namespaces;
};

/* Who this process is in memory that names these namespaces. */
static inline struct shm4j_identity shm4j_identify(uint64_t pid_namespace, uint64_t time_namespace) {
    char process[24];
    struct shm4j_stat stat;
    struct shm4j_identity identity;
    uint64_t own_pid_namespace = shm4j_namespace("/proc/self/ns/pid");
    uint64_t own_time_namespace = shm4j_namespace("/proc/self/ns/time");
    /* The link leads to this process also in a /proc that shows it with another pid. */
    shm4j_read_link("/proc/self", process, sizeof process);
    uint64_t start = process[0] != 0 && shm4j_read_stat(process, &stat) ? stat.start & SHM4J_START_MASK : 0;
    uint64_t pid = ((uint64_t) getpid() & SHM4J_PID_MASK) << SHM4J_PID_SHIFT;
    identity.shares_namespaces =
        pid_namespace != 0 && pid_namespace == own_pid_namespace && time_namespace == own_time_namespace;
    identity.self = identity.shares_namespaces && start != 0
        ? pid | start
        : SHM4J_FOREIGN | pid | shm4j_number_of_process(start, own_pid_namespace, own_time_namespace);
    return identity;
}

/* Whether somebody is in the way who may be alive. */
static inline int shm4j_may_be_alive(uint64_t owner, const struct shm4j_identity *identity) {
    return owner != SHM4J_NOBODY && !shm4j_has_terminated(owner, identity->shares_namespaces);
}

/* ---------------------------------------------------------------------------------------------------------------- roles */

/* A role is a field that names its owner. Consumers, producers, slots and writers are taken and given back in this one way. */

/*
 * How often objects of this process have signed: for each place of memory a number, which those share by chance whose hashes are
 * the same. It is one array in all of the program, in however many files that includes this one.
 */
enum { SHM4J_SIGNINGS = 1024 };
__attribute__((weak, visibility("default"))) uint64_t shm4j_signings[SHM4J_SIGNINGS];

/*
 * Which of those numbers is for a field, through whatever mapping: the one of its file, or block, and of its offset there.
 * Returns -1 if the kernel does not say.
 */
static inline int shm4j_signings_of(const unsigned char *field) {
    /* The address alone is the same place only where nothing else can be mapped to it. */
    uint64_t place = (uintptr_t) field;
    char line[256];
    int found = 0;
    int begins = 1;
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) {
        return -1;
    }
    while (!found && fgets(line, sizeof line, maps) != NULL) {
        /* A line is "begin-end permissions offset device inode name", and the name may be longer than all of this. */
        char *next = line;
        uint64_t begin = begins ? strtoull(next, &next, 16) : 0;
        uint64_t end = begins && *next == '-' ? strtoull(next + 1, &next, 16) : 0;
        begins = strchr(line, '\n') != NULL;
        if (place >= begin && place < end && *next == ' ' && (next = strchr(next + 1, ' ')) != NULL) {
            uint64_t offset = strtoull(next, &next, 16);
            next = *next == ' ' ? strchr(next + 1, ' ') : NULL;
            uint64_t inode = next == NULL ? 0 : strtoull(next, NULL, 10);
            place = inode == 0 ? place : (inode * UINT64_C(0x9e3779b97f4a7c15)) ^ (offset + place - begin);
            found = 1;
        }
    }
    fclose(maps);
    place = (place ^ place >> 33) * UINT64_C(0xff51afd7ed558ccd);
    return found ? (int) (place >> 54) : -1;
}

/* Says that an object of this process is about to sign. Returns the number of that. */
static inline uint64_t shm4j_note_signing(int signings) {
    if (signings < 0) {
        /* It can be any of them. */
        for (int i = 0; i < SHM4J_SIGNINGS; i++) {
            __atomic_fetch_add(&shm4j_signings[i], 1, __ATOMIC_SEQ_CST);
        }
        return 0;
    }
    return __atomic_add_fetch(&shm4j_signings[signings], 1, __ATOMIC_SEQ_CST);
}

/* What an object has signed as, in a field that names the owner of a role. */
struct shm4j_role {
    unsigned char *memory;
    uint64_t field;
    /** Where it is counted how often the role was taken from an owner that had not given it back; 0 if that is not counted. */
    uint64_t successions_field;
    /** What the count was when this object had signed, or when it has last found out that it has its role still. */
    uint64_t successions;
    /** Where this process counts who signs there, -1 if that is not known, and what that was when this object signed. */
    int signings;
    uint64_t signing;
    uint64_t self;
    int held;
};

/*
 * Signs in a field in place of nobody, or of an owner that has terminated. Of two successors only one can succeed.
 *
 * @param successions_field 0 if the role is never taken from the living, so that nobody counts
 */
static inline int shm4j_take_role(
    struct shm4j_role *role, unsigned char *memory, uint64_t field, uint64_t successions_field,
    const struct shm4j_identity *identity) {
    uint64_t owner = shm4j_load(memory, field);
    int signings = -1;
    /* Each further round means that the owner has changed between two steps. */
    for (int round = 0; round < 1000; round++) {
        if (shm4j_may_be_alive(owner, identity)) {
            return SHM4J_EOCCUPIED;
        }
        uint64_t before = owner;
        uint64_t signing = 0;
        uint64_t successions = 0;
        if (successions_field != 0) {
            signings = round == 0 ? shm4j_signings_of(memory + field) : signings;
            signing = shm4j_note_signing(signings);
        }
        if (!shm4j_compare_and_set(memory, field, &owner, identity->self)) {
            continue;
        }
        if (successions_field != 0) {
            if (before != SHM4J_NOBODY) {
                /* SYNC POINT count: an owner looks there before it stores anything. */
                __atomic_fetch_add(shm4j_word(memory, successions_field), 1, __ATOMIC_SEQ_CST);
            }
            successions = shm4j_load(memory, successions_field);
            /* Whoever takes the role over has signed before it counts: from here on, the count tells this object. */
            owner = shm4j_load(memory, field);
            if (owner != identity->self) {
                continue;
            }
        }
        role->memory = memory;
        role->field = field;
        role->successions_field = successions_field;
        role->successions = successions;
        role->signings = signings;
        role->signing = signing;
        role->self = identity->self;
        role->held = 1;
        return 0;
    }
    return SHM4J_ECORRUPT;
}

/*
 * Whether the role is not this object's any more. Whoever has lost it stores nothing that goes with it.
 *
 * Who was robbed before it had counted counts when it goes on. Then the field names this process still, and no other object of it
 * has signed there since: the role is this object's, and the new count is the one that tells.
 */
static inline int shm4j_has_lost_role(struct shm4j_role *role) {
    if (!role->held || role->successions_field == 0) {
        return !role->held;
    }
    /* SYNC POINT count. Whoever takes the role over has signed before it counts. */
    uint64_t successions = shm4j_load(role->memory, role->successions_field);
    if (shm4j_load(role->memory, role->field) != role->self) {
        return 1;
    }
    if (successions != role->successions) {
        /* The field alone does not tell: another object signs in the same way, and says so before it does. */
        if (role->signings < 0
            || __atomic_load_n(&shm4j_signings[role->signings], __ATOMIC_SEQ_CST) != role->signing) {
            return 1;
        }
        role->successions = successions;
    }
    return 0;
}

/* Everything else was finished before. */
static inline void shm4j_give_role_back(struct shm4j_role *role) {
    uint64_t owner = role->self;
    if (!shm4j_has_lost_role(role)) {
        /* Somebody may take it over at this instant. */
        shm4j_compare_and_set(role->memory, role->field, &owner, SHM4J_NOBODY);
    }
    role->held = 0;
}

/* ------------------------------------------------------------------------------------------------------------- waiting */

/* A word for sleepers says whether anybody sleeps on it. Whoever publishes something looks there before it makes a call. */
enum {
    /** Nobody has ever slept here, so that the other side saves its fence. It is never this again. */
    SHM4J_NONE = 0,
    SHM4J_AWAKE = 1,
    /** Somebody sleeps, or is about to. */
    SHM4J_ASLEEP = 2
};

/* Sleeps until it is woken, or for a time. The word must still be SHM4J_ASLEEP. Returns -EINTR if a signal was handled. */
static inline int shm4j_sleep(uint32_t *word, int64_t nanos) {
    struct timespec timeout;
    timeout.tv_sec = (time_t) (nanos / 1000000000);
    timeout.tv_nsec = (long) (nanos % 1000000000);
    /* Not FUTEX_PRIVATE_FLAG: whoever wakes is another process. Whatever the kernel says, the caller looks for itself. */
    if (syscall(SYS_futex, word, FUTEX_WAIT, SHM4J_ASLEEP, &timeout, NULL, 0) != 0 && errno == EINTR) {
        return -EINTR;
    }
    return 0;
}

/* Wakes up to a number of those who sleep, if any do, behind a full fence. Returns how many were woken. */
static inline long shm4j_wake_sleepers(uint32_t *word, int most) {
    uint32_t asleep = SHM4J_ASLEEP;
    if (!__atomic_compare_exchange_n(word, &asleep, SHM4J_AWAKE, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        return 0;
    }
    return syscall(SYS_futex, word, FUTEX_WAKE, most, NULL, NULL, 0);
}

/* Wakes all who sleep, if any do, behind a release. Returns how many were woken. */
static inline long shm4j_wake(uint32_t *word) {
    /* w1. It can miss somebody who sleeps here for the first time, for which reason nobody sleeps for long. */
    if (__atomic_load_n(word, __ATOMIC_RELAXED) == SHM4J_NONE) {
        return 0;
    }
    /* w2, SYNC POINT sleep: either this thread sees who sleeps, or the sleeper sees what this thread has published. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return shm4j_wake_sleepers(word, INT_MAX);
}

/* s2. Behind this, the thread looks once more before it sleeps. */
static inline void shm4j_prepare_to_sleep(uint32_t *word) {
    __atomic_store_n(word, (uint32_t) SHM4J_ASLEEP, __ATOMIC_SEQ_CST);
    /* SYNC POINT sleep. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* How a thread that waits lets time pass: it spins, then lets others run, and then sleeps for longer and longer. */
struct shm4j_pauses {
    int64_t end;
    int64_t sleep;
    int round;
    int endless;
};

enum { SHM4J_SPINS = 100, SHM4J_YIELDS = 10 };

/* Who ought to wake this thread can be killed before it does. So no sleep is longer than this. */
#define SHM4J_SHORTEST_SLEEP ((int64_t) 1000000)
#define SHM4J_LONGEST_SLEEP ((int64_t) 50000000)

static inline void shm4j_pauses_begin(struct shm4j_pauses *pauses, int64_t timeout) {
    pauses->endless = timeout < 0;
    /* The sum does not overflow: neither number is greater than half of the greatest one. */
    pauses->end = timeout <= 0 ? 0 : shm4j_now() + (timeout < INT64_MAX / 2 ? timeout : INT64_MAX / 2);
    pauses->sleep = SHM4J_SHORTEST_SLEEP;
    pauses->round = 0;
}

/* How long to sleep now; 0 to look again without having slept; -1 if the time is over. */
static inline int64_t shm4j_pauses_next(struct shm4j_pauses *pauses) {
    int64_t left = pauses->endless ? INT64_MAX : pauses->end == 0 ? 0 : pauses->end - shm4j_now();
    if (left <= 0) {
        return -1;
    }
    if (pauses->round < SHM4J_SPINS + SHM4J_YIELDS) {
        if (pauses->round++ >= SHM4J_SPINS) {
            sched_yield();
        }
        return 0;
    }
    int64_t sleep = pauses->sleep < left ? pauses->sleep : left;
    pauses->sleep = 2 * pauses->sleep < SHM4J_LONGEST_SLEEP ? 2 * pauses->sleep : SHM4J_LONGEST_SLEEP;
    return sleep;
}

/* Lets time pass for one whom nobody can wake, as it may not write to the memory. Returns -EINTR if a signal was handled. */
static inline int shm4j_doze(int64_t nanos) {
    struct timespec pause = {0, (long) (nanos < SHM4J_SHORTEST_SLEEP ? nanos : SHM4J_SHORTEST_SLEEP)};
    return nanosleep(&pause, NULL) == 0 ? 0 : -EINTR;
}

/* ------------------------------------------------------------------------------------------------------------- headers */

/* All structures but the lock begin with the same fields. */
enum {
    SHM4J_MAGIC = 0,
    SHM4J_VERSION = 8,
    SHM4J_NUMBER = 12,
    SHM4J_LENGTH = 16,
    SHM4J_PID_NAMESPACE = 32,
    SHM4J_TIME_NAMESPACE = 40,
    SHM4J_CREATOR = 48
};

/* Beyond all positions and versions that can be reached in the lifetime of a machine. */
#define SHM4J_GREATEST_POSITION ((uint64_t) 1 << 62)

/** How long who opens a structure waits for a creator that is still at work, in nanoseconds; to be defined before by others. */
#ifndef SHM4J_OPENING_TIMEOUT
#define SHM4J_OPENING_TIMEOUT 1000000000
#endif

/* What a header says of its structure. Each number is read once, checked, and then used. */
struct shm4j_header {
    uint32_t number;
    uint64_t length;
};

/*
 * Waits for a creator that is still at work, and checks that it has made what is looked for.
 *
 * @param least how many bytes the header has
 */
static inline int shm4j_open_header(
    struct shm4j_header *header, unsigned char *memory, uint64_t size, uint64_t least, uint64_t magic) {
    const struct timespec pause = {0, 100000};
    if ((uintptr_t) memory % 8 != 0) {
        return -EINVAL;
    }
    if (size < least) {
        return SHM4J_EFORMAT;
    }
    int64_t end = shm4j_now() + SHM4J_OPENING_TIMEOUT;
    uint64_t found;
    /* SYNC POINT header: the creator stores the version last. Whoever sees it sees all of the header. */
    uint32_t version = __atomic_load_n(shm4j_half(memory, SHM4J_VERSION), __ATOMIC_ACQUIRE);
    while ((found = shm4j_load(memory, SHM4J_MAGIC)), version == 0 && (found == 0 || found == magic) && shm4j_now() < end) {
        nanosleep(&pause, NULL);
        version = __atomic_load_n(shm4j_half(memory, SHM4J_VERSION), __ATOMIC_ACQUIRE);
    }
    if (version == 0 && (found == 0 || found == magic)) {
        return shm4j_load(memory, SHM4J_CREATOR) == SHM4J_NOBODY ? SHM4J_EFORMAT : SHM4J_EINCOMPLETE;
    }
    if (found != magic || version != 1) {
        return SHM4J_EFORMAT;
    }
    header->number = __atomic_load_n(shm4j_half(memory, SHM4J_NUMBER), __ATOMIC_RELAXED);
    header->length = shm4j_load_plain(memory, SHM4J_LENGTH);
    return 0;
}

/* Who this process is in a structure whose header is complete. */
static inline struct shm4j_identity shm4j_identify_by_header(unsigned char *memory) {
    return shm4j_identify(
        shm4j_load_plain(memory, SHM4J_PID_NAMESPACE), shm4j_load_plain(memory, SHM4J_TIME_NAMESPACE));
}

/* Of rings of both sorts: whether records can have so many bytes, and how many a message can have then. */
static inline int shm4j_is_capacity(uint64_t capacity, uint64_t least) {
    return capacity >= least && capacity <= (uint64_t) 1 << 60 && (capacity & (capacity - 1)) == 0;
}

static inline uint64_t shm4j_longest_message(uint64_t capacity) {
    return capacity / 8 < (uint64_t) 1 << 30 ? capacity / 8 : (uint64_t) 1 << 30;
}

/* --------------------------------------------------------------------------------------------------------------- rings */

enum shm4j_kind {
    /** One producer and one consumer. */
    SHM4J_SPSC = 1,
    /** Many producers and one consumer. */
    SHM4J_MPSC = 2
};

/* Where things are; the page on the protocol has the picture. */
enum {
    SHM4J_SLOT_COUNT = 24,
    SHM4J_PRODUCER_POSITION = 128,
    SHM4J_FREE_POSITION = 256,
    SHM4J_CLEARED_FROM = 264,
    SHM4J_CONSUMER = 384,
    SHM4J_CONSUMER_POSITION = 392,
    SHM4J_MESSAGES_READ = 400,
    SHM4J_BYTES_READ = 408,
    SHM4J_RECORDS_SKIPPED = 416,
    SHM4J_BYTES_SKIPPED = 424,
    SHM4J_LONGEST_BACKLOG = 432,
    SHM4J_CONSUMER_SUCCESSIONS = 440,
    SHM4J_CONSUMER_SLEEPS = 512,
    SHM4J_PRODUCERS_SLEEP = 640,
    SHM4J_SLOTS = 768,
    SHM4J_SLOT_LENGTH = 128,
    /* In each slot. */
    SHM4J_SLOT_CLAIM = 8,
    SHM4J_SLOT_FAILED = 16,
    SHM4J_SLOT_SUCCESSIONS = 24
};

enum {
    SHM4J_RECORD_HEADER = 8,
    SHM4J_MOST_SLOTS = 4096,
    /* From so many bytes on, the C library may use stores that overtake others, and to clear or to copy them takes long. */
    SHM4J_LARGE = 16384
};
#define SHM4J_RING_MAGIC UINT64_C(0x73686d346a726e67)

/** A ring in memory. It is read by those who have a role in it, each of which has a copy of its own. */
struct shm4j_ring {
    unsigned char *memory;
    /** Where the records begin. */
    unsigned char *records;
    enum shm4j_kind kind;
    /** C: how many bytes the records have, a power of two. */
    uint64_t capacity;
    /** How many bytes a message can have. */
    uint64_t longest;
    uint64_t slots;
    struct shm4j_identity identity;
};

/**
 * Opens the ring in a mapping. If its creator is still at work, this waits for a second at most.
 *
 * @param memory a mapping that can be written, at an address that is a multiple of 8
 * @param size how many bytes that has
 * @return 0, SHM4J_EFORMAT, SHM4J_EINCOMPLETE, SHM4J_ECORRUPT, or -EINVAL if the address is wrong
 */
static inline int shm4j_ring_open(struct shm4j_ring *ring, void *memory, size_t size) {
    unsigned char *begin = (unsigned char *) memory;
    struct shm4j_header header;
    memset(ring, 0, sizeof *ring);
    int result = shm4j_open_header(&header, begin, size, SHM4J_SLOTS, SHM4J_RING_MAGIC);
    if (result != 0) {
        return result;
    }
    uint32_t slots = __atomic_load_n(shm4j_half(begin, SHM4J_SLOT_COUNT), __ATOMIC_RELAXED);
    if (header.number != SHM4J_SPSC && header.number != SHM4J_MPSC) {
        return SHM4J_EFORMAT;
    }
    if (!shm4j_is_capacity(header.length, 64) || slots < 1
        || slots > (header.number == SHM4J_SPSC ? 1 : SHM4J_MOST_SLOTS)) {
        return SHM4J_ECORRUPT;
    }
    uint64_t records = SHM4J_SLOTS + SHM4J_SLOT_LENGTH * (uint64_t) slots;
    if (size < records + header.length) {
        return SHM4J_EFORMAT;
    }
    ring->memory = begin;
    ring->records = begin + records;
    ring->kind = header.number == SHM4J_SPSC ? SHM4J_SPSC : SHM4J_MPSC;
    ring->capacity = header.length;
    ring->longest = shm4j_longest_message(header.length);
    ring->slots = slots;
    ring->identity = shm4j_identify_by_header(begin);
    return 0;
}

/* A record is a header, a message, and what is missing to a multiple of 8. */
static inline uint64_t shm4j_record_length(uint64_t length_with_header) {
    return (length_with_header + 7) & ~(uint64_t) 7;
}

static inline uint64_t shm4j_place(const struct shm4j_ring *ring, uint64_t position) {
    return position & (ring->capacity - 1);
}

/* Records lie in one piece. */
static inline uint64_t shm4j_up_to_end(const struct shm4j_ring *ring, uint64_t position) {
    return ring->capacity - shm4j_place(ring, position);
}

/* The header of a complete record: of a message, or of padding, whose type is -1. */
static inline uint64_t shm4j_complete(int32_t type, uint64_t length_with_header) {
    return (uint64_t) (uint32_t) type << 32 | length_with_header;
}

/* The header of a record that a producer of many is still filling. The lap tells it from a later claim of the same bytes. */
static inline uint64_t shm4j_claimed(const struct shm4j_ring *ring, uint64_t position, uint64_t length_with_header) {
    return position / ring->capacity << 32 | (uint32_t) (0 - length_with_header);
}

static inline int32_t shm4j_header_length(uint64_t header) {
    return (int32_t) (uint32_t) header;
}

static inline int32_t shm4j_header_type(uint64_t header) {
    return (int32_t) (uint32_t) (header >> 32);
}

/*
 * Checks the header of a complete record, and returns how long that record is in the ring, or 0 if it cannot be one.
 *
 * @param free_position the record must end before it is met again
 */
static inline uint64_t shm4j_require_record(
    const struct shm4j_ring *ring, uint64_t header, uint64_t position, uint64_t free_position) {
    int32_t length = shm4j_header_length(header);
    int32_t type = shm4j_header_type(header);
    if (length < SHM4J_RECORD_HEADER) {
        return 0;
    }
    uint64_t record = shm4j_record_length((uint64_t) length);
    if (record > shm4j_up_to_end(ring, position) || record > ring->capacity - (position - free_position)) {
        return 0;
    }
    if (type > 0) {
        return (uint64_t) length - SHM4J_RECORD_HEADER <= ring->longest ? record : 0;
    }
    /* In a ring for one, somebody could fill all of it with padding, so that the consumer would go around for ever. */
    int plausible = ring->kind == SHM4J_MPSC
        || (record == shm4j_up_to_end(ring, position)
            && record <= shm4j_record_length(ring->longest + SHM4J_RECORD_HEADER));
    return type == -1 && plausible ? record : 0;
}

static inline int shm4j_is_position(uint64_t position) {
    return position % 8 == 0 && position <= SHM4J_GREATEST_POSITION;
}

/* ------------------------------------------------------------------------------------------------------------ consumer */

/** The one who takes messages out of a ring. */
struct shm4j_consumer {
    struct shm4j_ring ring;
    struct shm4j_role role;
    /** Up to where everything is consumed, and up to where its bytes were given back to the producers. */
    uint64_t position;
    uint64_t freed;
    uint64_t records_since_freed;
    /** The record that was peeked at and is not released yet, and its message; 0 if there is none. */
    uint64_t peeked;
    uint64_t peeked_length;
    /** MPSC: where there is no complete record, since when, and when to ask next for the process that owes it. */
    uint64_t stalled_at;
    int64_t next_check;
    /** As they stand in the memory, too. */
    uint64_t messages_read;
    uint64_t bytes_read;
    uint64_t records_skipped;
    uint64_t bytes_skipped;
    uint64_t longest_backlog;
};

/** A message, in shared memory, until it is released. */
struct shm4j_message {
    /** What kind of message it is, greater than 0; what that means is up to the users of the ring. */
    int32_t type;
    size_t length;
    const void *bytes;
};

/* Clears bytes of a ring, which may go around its end. */
static inline void shm4j_clear(const struct shm4j_ring *ring, uint64_t from, uint64_t to) {
    uint64_t length = to - from;
    uint64_t first = length < shm4j_up_to_end(ring, from) ? length : shm4j_up_to_end(ring, from);
    if (length >= SHM4J_LARGE) {
        /* The C library may clear as much as that by stores which overtake earlier ones. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    }
    memset(ring->records + shm4j_place(ring, from), 0, (size_t) first);
    memset(ring->records, 0, (size_t) (length - first));
}

static inline void shm4j_note_backlog(struct shm4j_consumer *consumer) {
    const struct shm4j_ring *ring = &consumer->ring;
    uint64_t backlog = shm4j_load(ring->memory, SHM4J_PRODUCER_POSITION) - consumer->freed;
    if (backlog > consumer->longest_backlog && backlog <= ring->capacity) {
        consumer->longest_backlog = backlog;
        shm4j_store_plain(ring->memory, SHM4J_LONGEST_BACKLOG, backlog);
    }
}

static inline int shm4j_has_lost_consumer(struct shm4j_consumer *consumer) {
    return shm4j_has_lost_role(&consumer->role);
}

/* Step c: gives all that is consumed back to the producers. Returns 0 or SHM4J_ELOST. */
static inline int shm4j_free_consumed(struct shm4j_consumer *consumer) {
    const struct shm4j_ring *ring = &consumer->ring;
    uint64_t from = consumer->freed;
    uint64_t to = consumer->position;
    if (to == from) {
        return 0;
    }
    if (shm4j_has_lost_consumer(consumer)) {
        return SHM4J_ELOST;
    }
    shm4j_note_backlog(consumer);
    /* SYNC POINT cleared: who meets what is being cleared sees that the consumer is behind it. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    SHM4J_STEP(consumer, clear);
    if (ring->kind == SHM4J_MPSC || to - from <= 1024 * consumer->records_since_freed) {
        /* Producers of many rely on it. Others save a store for each message, which is worth it for short ones. */
        shm4j_clear(ring, from, to);
        /* Once more: it can have taken longer than whoever takes over waits. */
        if (to - from >= SHM4J_LARGE && shm4j_has_lost_consumer(consumer)) {
            return SHM4J_ELOST;
        }
    } else {
        shm4j_store_plain(ring->memory, SHM4J_CLEARED_FROM, to);
        SHM4J_STEP(consumer, cleared_from);
        /* Where the ring was full up to here, no producer could say that the records end here. */
        shm4j_store_plain(ring->records, shm4j_place(ring, from), 0);
    }
    SHM4J_STEP(consumer, cleared);
    /* SYNC POINT free position: producers that see it see what was cleared. */
    shm4j_store(ring->memory, SHM4J_FREE_POSITION, to);
    SHM4J_STEP(consumer, c);
    consumer->freed = to;
    consumer->records_since_freed = 0;
    shm4j_wake(shm4j_half(ring->memory, SHM4J_PRODUCERS_SLEEP));
    return 0;
}

/* Step b. Returns 0 or SHM4J_ELOST. */
static inline int shm4j_consume(struct shm4j_consumer *consumer, uint64_t record) {
    unsigned char *memory = consumer->ring.memory;
    uint64_t step = consumer->ring.capacity / 16 < 65536 ? consumer->ring.capacity / 16 : 65536;
    if (shm4j_has_lost_consumer(consumer)) {
        return SHM4J_ELOST;
    }
    consumer->position += record;
    consumer->records_since_freed++;
    shm4j_store_plain(memory, SHM4J_MESSAGES_READ, consumer->messages_read);
    shm4j_store_plain(memory, SHM4J_BYTES_READ, consumer->bytes_read);
    /* SYNC POINT consumer position: a successor goes on behind this record. */
    shm4j_store(memory, SHM4J_CONSUMER_POSITION, consumer->position);
    SHM4J_STEP(consumer, b);
    if (consumer->position - consumer->freed >= step || consumer->records_since_freed >= 256) {
        /* If the role is lost just now, the record is consumed all the same, and the next call says so. */
        shm4j_free_consumed(consumer);
    }
    return 0;
}

/* The first position between two that a slot names whose owner may be alive; the second one if there is none. */
static inline uint64_t shm4j_first_living_claim(const struct shm4j_ring *ring, uint64_t from, uint64_t to) {
    uint64_t first = to;
    for (uint64_t i = 0; i < ring->slots; i++) {
        uint64_t slot = SHM4J_SLOTS + i * SHM4J_SLOT_LENGTH;
        /* SYNC POINT slot: each record before "to" that is still incomplete is named by a slot now, or is complete by now. */
        uint64_t claim = shm4j_load(ring->memory, slot + SHM4J_SLOT_CLAIM) - 1;
        if (claim >= from && claim < first && claim % 8 == 0) {
            if (shm4j_may_be_alive(shm4j_load(ring->memory, slot), &ring->identity)) {
                first = claim;
            }
        }
    }
    return first;
}

/*
 * Step c of a ring for many: what killed producers have left at the consumer's position, as the header of padding that stands
 * for it. *header is 0 if a living producer can still complete the record.
 *
 * @param produced the producer position, which was read before
 */
static inline int shm4j_recover(struct shm4j_consumer *consumer, uint64_t produced, uint64_t *header) {
    const struct shm4j_ring *ring = &consumer->ring;
    uint64_t position = consumer->position;
    uint64_t place = shm4j_place(ring, position);
    *header = 0;
    uint64_t living = shm4j_first_living_claim(ring, position, produced);
    if (living == position) {
        return 0;
    }
    /* The record may have been completed since. */
    uint64_t found = shm4j_load(ring->records, place);
    if (shm4j_header_length(found) > 0) {
        *header = found;
        return 0;
    }
    uint64_t most = living - position;
    most = most < shm4j_up_to_end(ring, position) ? most : shm4j_up_to_end(ring, position);
    uint64_t length;
    if (found != 0) {
        /* Claimed: it says how long it is. */
        length = shm4j_record_length((uint64_t) - (int64_t) shm4j_header_length(found));
        if (length < SHM4J_RECORD_HEADER || length > most) {
            return SHM4J_ECORRUPT;
        }
    } else {
        /* The owner has terminated before it wrote the header: all of the record is zeros. */
        most = most < (uint64_t) 1 << 30 ? most : (uint64_t) 1 << 30;
        for (length = SHM4J_RECORD_HEADER; length < most && shm4j_load(ring->records, place + length) == 0; length += 8) {
        }
    }
    shm4j_store_plain(ring->memory, SHM4J_RECORDS_SKIPPED, ++consumer->records_skipped);
    shm4j_store_plain(ring->memory, SHM4J_BYTES_SKIPPED, consumer->bytes_skipped += length);
    *header = shm4j_complete(-1, length);
    return 0;
}

/* Steps b and c of a ring for many, when there is no complete record: asks after a while why that is so. */
static inline int shm4j_recover_if_stalled(struct shm4j_consumer *consumer, uint64_t *header) {
    uint64_t position = consumer->position;
    int64_t now = shm4j_now();
    *header = 0;
    if (consumer->stalled_at != position) {
        consumer->stalled_at = position;
        consumer->next_check = now + 1000000;
        return 0;
    }
    if (now < consumer->next_check) {
        return 0;
    }
    consumer->next_check = now + 10000000;
    uint64_t produced = shm4j_load(consumer->ring.memory, SHM4J_PRODUCER_POSITION);
    if (!shm4j_is_position(produced) || produced < position || produced - position > consumer->ring.capacity) {
        return SHM4J_ECORRUPT;
    }
    return produced == position ? 0 : shm4j_recover(consumer, produced, header);
}

/* Step a. */
static inline int shm4j_next_header(struct shm4j_consumer *consumer, uint64_t *header) {
    const struct shm4j_ring *ring = &consumer->ring;
    /* SYNC POINT record: who sees the header sees the message. */
    *header = shm4j_load(ring->records, shm4j_place(ring, consumer->position));
    if (ring->kind == SHM4J_MPSC && shm4j_header_length(*header) <= 0) {
        return shm4j_recover_if_stalled(consumer, header);
    }
    return 0;
}

/**
 * Becomes the consumer of a ring, in place of nobody, or of a process that has terminated. It goes on where that one was: the
 * message that was just being handled is delivered again.
 *
 * @return 0, SHM4J_EOCCUPIED, SHM4J_ECORRUPT, or SHM4J_ELOST if somebody takes the role over at this instant
 */
static inline int shm4j_consumer_open(struct shm4j_consumer *consumer, const struct shm4j_ring *ring) {
    unsigned char *memory = ring->memory;
    memset(consumer, 0, sizeof *consumer);
    consumer->ring = *ring;
    int result = shm4j_take_role(
        &consumer->role, memory, SHM4J_CONSUMER, SHM4J_CONSUMER_SUCCESSIONS, &ring->identity);
    if (result != 0) {
        return result;
    }
    consumer->freed = shm4j_load(memory, SHM4J_FREE_POSITION);
    /* SYNC POINT consumer position. */
    consumer->position = shm4j_load(memory, SHM4J_CONSUMER_POSITION);
    uint64_t produced = shm4j_load(memory, SHM4J_PRODUCER_POSITION);
    uint64_t ahead = produced - consumer->position;
    /* The only producer stores its position behind the message, or never if it is killed. */
    int near = ahead <= ring->capacity || (ring->kind == SHM4J_SPSC && 0 - ahead <= ring->capacity);
    if (!shm4j_is_position(consumer->freed) || !shm4j_is_position(consumer->position) || !shm4j_is_position(produced)
        || consumer->position < consumer->freed || consumer->position - consumer->freed > ring->capacity || !near) {
        shm4j_give_role_back(&consumer->role);
        return SHM4J_ECORRUPT;
    }
    consumer->messages_read = shm4j_load_plain(memory, SHM4J_MESSAGES_READ);
    consumer->bytes_read = shm4j_load_plain(memory, SHM4J_BYTES_READ);
    consumer->records_skipped = shm4j_load_plain(memory, SHM4J_RECORDS_SKIPPED);
    consumer->bytes_skipped = shm4j_load_plain(memory, SHM4J_BYTES_SKIPPED);
    consumer->longest_backlog = shm4j_load_plain(memory, SHM4J_LONGEST_BACKLOG);
    consumer->stalled_at = UINT64_MAX;
    /* The predecessor may have been killed while it cleared. */
    return shm4j_free_consumed(consumer);
}

/**
 * Looks at the next message, which stays the next one until it is released. This never waits.
 *
 * @return 1, or 0 if there is none now; SHM4J_ELOST if somebody has taken the role over; SHM4J_ECORRUPT
 */
static inline int shm4j_consumer_peek(struct shm4j_consumer *consumer, struct shm4j_message *message) {
    const struct shm4j_ring *ring = &consumer->ring;
    uint64_t lap = consumer->position + ring->capacity;
    memset(message, 0, sizeof *message);
    if (shm4j_has_lost_consumer(consumer)) {
        return SHM4J_ELOST;
    }
    /* Padding can come as fast as it is passed over: after a lap the caller decides. */
    while (consumer->position < lap) {
        uint64_t header;
        int result = shm4j_next_header(consumer, &header);
        if (result != 0) {
            return result;
        }
        if (header == 0) {
            break;
        }
        uint64_t record = shm4j_require_record(ring, header, consumer->position, consumer->freed);
        if (record == 0) {
            return SHM4J_ECORRUPT;
        }
        if (shm4j_header_type(header) > 0) {
            consumer->peeked = record;
            consumer->peeked_length = (uint64_t) shm4j_header_length(header) - SHM4J_RECORD_HEADER;
            message->type = shm4j_header_type(header);
            message->length = (size_t) consumer->peeked_length;
            message->bytes = ring->records + shm4j_place(ring, consumer->position) + SHM4J_RECORD_HEADER;
            return 1;
        }
        result = shm4j_consume(consumer, record);
        if (result != 0) {
            return result;
        }
    }
    return shm4j_free_consumed(consumer);
}

/**
 * Consumes the message that was peeked at. Its bytes are the producers' from here on.
 *
 * @return 0; -EINVAL if there is no such message; SHM4J_ELOST if somebody has taken the role over, who gets the message again
 */
static inline int shm4j_consumer_release(struct shm4j_consumer *consumer) {
    uint64_t record = consumer->peeked;
    if (record == 0) {
        return -EINVAL;
    }
    consumer->peeked = 0;
    consumer->messages_read++;
    consumer->bytes_read += consumer->peeked_length;
    return shm4j_consume(consumer, record);
}

/**
 * Waits until there is a message, and looks at it as shm4j_consumer_peek does. It spins for some microseconds, and then sleeps
 * in the kernel.
 *
 * @param timeout in nanoseconds; 0 to look once; SHM4J_FOR_EVER
 * @return 1; 0 if the time is over; -EINTR if a signal was handled; SHM4J_ELOST if somebody has taken the role over; SHM4J_ECORRUPT
 */
static inline int shm4j_consumer_await(
    struct shm4j_consumer *consumer, struct shm4j_message *message, int64_t timeout) {
    uint32_t *word = shm4j_half(consumer->ring.memory, SHM4J_CONSUMER_SLEEPS);
    struct shm4j_pauses pauses;
    int result = shm4j_consumer_peek(consumer, message);
    shm4j_pauses_begin(&pauses, timeout);
    while (result == 0) {
        int64_t sleep = shm4j_pauses_next(&pauses);
        if (sleep < 0) {
            return 0;
        }
        if (sleep > 0) {
            int woken = 0;
            shm4j_prepare_to_sleep(word);
            result = shm4j_consumer_peek(consumer, message);
            if (result == 0) {
                woken = shm4j_sleep(word, sleep);
            }
            if (shm4j_has_lost_consumer(consumer)) {
                return SHM4J_ELOST;
            }
            /* s5: nobody else sleeps here. */
            __atomic_store_n(word, (uint32_t) SHM4J_AWAKE, __ATOMIC_SEQ_CST);
            if (woken != 0) {
                return woken;
            }
        }
        if (result == 0) {
            result = shm4j_consumer_peek(consumer, message);
        }
    }
    return result;
}

/**
 * Gives the role back. A message that was peeked at and not released is delivered to the next consumer.
 *
 * @return 0; SHM4J_ELOST if the role is not this object's any more, in which case nothing is stored
 */
static inline int shm4j_consumer_close(struct shm4j_consumer *consumer) {
    int result = shm4j_has_lost_consumer(consumer) ? SHM4J_ELOST : shm4j_free_consumed(consumer);
    shm4j_give_role_back(&consumer->role);
    return result;
}

/* ------------------------------------------------------------------------------------------------------------ producer */

/** One who writes messages into a ring. In a ring for many, each thread that writes has one. */
struct shm4j_producer {
    struct shm4j_ring ring;
    struct shm4j_role role;
    /** Where this process's slot is. */
    uint64_t slot;
    /** The message that is being written, its header included; 0 if there is none. */
    uint64_t claimed_length;
    int32_t claimed_type;
    /** Where that is, in a ring for many; in a ring for one, where the next record begins. */
    uint64_t position;
    uint64_t failed;

    /* The rest is for rings for one. */

    /** Where the next record to be published begins, which differs only in a batch, and the header that it will get. */
    uint64_t published;
    uint64_t pending;
    int batching;
    /** Up to where records may reach, as far as the consumer had freed when last looked. */
    uint64_t limit;
    /** From where on it need not be stored that the records end: there is a 0 already, or the ring is full. */
    uint64_t ended_from;
    /** Up to where there may be bytes of messages that were never published. */
    uint64_t unpublished;
};

/* A message behind which nobody may look for a 0: it was written, in whole or in part, and given up. */
static inline void shm4j_leave_unpublished(struct shm4j_producer *producer, uint64_t end) {
    producer->unpublished = producer->unpublished > end ? producer->unpublished : end;
    producer->ended_from = producer->ended_from > end ? producer->ended_from : end;
}

/*
 * Finds the end of the last record that a killed predecessor has published. It may have been killed before it stored its
 * position, and the consumer may have read those records already, or be clearing them now.
 */
static inline int shm4j_resume(struct shm4j_producer *producer) {
    const struct shm4j_ring *ring = &producer->ring;
    /* SYNC POINT producer position: the records before it are complete. */
    uint64_t produced = shm4j_load(ring->memory, SHM4J_PRODUCER_POSITION);
    uint64_t free_position = shm4j_load(ring->memory, SHM4J_FREE_POSITION);
    uint64_t consumed = shm4j_load(ring->memory, SHM4J_CONSUMER_POSITION);
    uint64_t position = produced > consumed ? produced : consumed;
    if (!shm4j_is_position(produced) || !shm4j_is_position(free_position)
        || (produced - consumed > ring->capacity && consumed - produced > ring->capacity)) {
        return SHM4J_ECORRUPT;
    }
    SHM4J_STEP(spsc, resume);
    /* Each round gets further, and not beyond what can be in use. */
    while (1) {
        if (!shm4j_is_position(position) || position < free_position || position - free_position > ring->capacity) {
            return SHM4J_ECORRUPT;
        }
        if (position - free_position == ring->capacity) {
            /* The ring is full: the first record would be met again. */
            break;
        }
        uint64_t header = shm4j_load(ring->records, shm4j_place(ring, position));
        /* SYNC POINT cleared: if the header was being cleared, the consumer is behind it, whatever it says. */
        consumed = shm4j_load(ring->memory, SHM4J_CONSUMER_POSITION);
        if (consumed > position) {
            position = consumed;
            continue;
        }
        if (header == 0) {
            break;
        }
        uint64_t record = shm4j_require_record(ring, header, position, free_position);
        if (record == 0) {
            return SHM4J_ECORRUPT;
        }
        position += record;
    }
    if (position != produced) {
        shm4j_store(ring->memory, SHM4J_PRODUCER_POSITION, position);
    }
    producer->position = position;
    producer->published = position;
    producer->limit = free_position + ring->capacity;
    shm4j_leave_unpublished(producer, producer->limit);
    return 0;
}

/* Takes a slot for this object: in a ring for many, one that is nobody's, or else one of a process that has terminated. */
static inline int shm4j_take_slot(struct shm4j_producer *producer) {
    const struct shm4j_ring *ring = &producer->ring;
    uint64_t successions = ring->kind == SHM4J_SPSC ? SHM4J_SLOTS + SHM4J_SLOT_SUCCESSIONS : 0;
    for (int terminated = 0; terminated <= 1; terminated++) {
        for (uint64_t i = 0; i < ring->slots; i++) {
            uint64_t slot = SHM4J_SLOTS + i * SHM4J_SLOT_LENGTH;
            if (terminated || shm4j_load(ring->memory, slot) == SHM4J_NOBODY) {
                int result = shm4j_take_role(&producer->role, ring->memory, slot, successions, &ring->identity);
                if (result != SHM4J_EOCCUPIED) {
                    producer->slot = slot;
                    return result;
                }
            }
        }
    }
    return SHM4J_EOCCUPIED;
}

/**
 * Becomes a producer of a ring. In a ring for one, this takes the place of nobody, or of a process that has terminated, and goes
 * on where that one was. In a ring for many, there is place for as many producers as the ring has slots, usually 128.
 *
 * @return 0, SHM4J_EOCCUPIED or SHM4J_ECORRUPT
 */
static inline int shm4j_producer_open(struct shm4j_producer *producer, const struct shm4j_ring *ring) {
    memset(producer, 0, sizeof *producer);
    producer->ring = *ring;
    int result = shm4j_take_slot(producer);
    if (result != 0) {
        return result;
    }
    if (ring->kind == SHM4J_MPSC) {
        /* What a process that has terminated was claiming is nobody's now. */
        shm4j_store(ring->memory, producer->slot + SHM4J_SLOT_CLAIM, 0);
    } else {
        result = shm4j_resume(producer);
        if (result != 0) {
            shm4j_give_role_back(&producer->role);
        }
    }
    producer->failed = shm4j_load_plain(ring->memory, producer->slot + SHM4J_SLOT_FAILED);
    return result;
}

/* How much a record takes at a position, with the padding before it if it does not fit before the end. */
static inline uint64_t shm4j_needed(const struct shm4j_ring *ring, uint64_t position, uint64_t record) {
    uint64_t to_end = shm4j_up_to_end(ring, position);
    return record <= to_end ? record : to_end + record;
}

static inline void shm4j_note_failed(struct shm4j_producer *producer) {
    shm4j_store_plain(producer->ring.memory, producer->slot + SHM4J_SLOT_FAILED, ++producer->failed);
}

static inline int shm4j_has_lost_producer(struct shm4j_producer *producer) {
    return shm4j_has_lost_role(&producer->role);
}

/* Takes note that the role is not this object's any more: what it has not published never was there. */
static inline int shm4j_lose_producer(struct shm4j_producer *producer) {
    producer->claimed_length = 0;
    producer->batching = 0;
    producer->position = producer->published;
    return SHM4J_ELOST;
}

/* Steps 4 and 5 of the only producer, for one record or for a batch. */
static inline void shm4j_publish(struct shm4j_producer *producer, uint64_t header, uint64_t end) {
    const struct shm4j_ring *ring = &producer->ring;
    /* SYNC POINT record. */
    shm4j_store(ring->records, shm4j_place(ring, producer->published), header);
    SHM4J_STEP(spsc, 4);
    /* SYNC POINT producer position. */
    shm4j_store(ring->memory, SHM4J_PRODUCER_POSITION, end);
    SHM4J_STEP(spsc, 5);
    producer->position = end;
    producer->published = end;
    shm4j_wake(shm4j_half(ring->memory, SHM4J_CONSUMER_SLEEPS));
}

/* Steps 3 to 5 of the only producer; in a batch, step 3 and what there is of step 4. */
static inline void shm4j_append(struct shm4j_producer *producer, uint64_t header, uint64_t record) {
    const struct shm4j_ring *ring = &producer->ring;
    uint64_t end = producer->position + record;
    if (end < producer->ended_from) {
        /* Where the consumer looks next there must be nothing. */
        shm4j_store_plain(ring->records, shm4j_place(ring, end), 0);
    }
    if (shm4j_header_type(header) > 0) {
        SHM4J_STEP(spsc, 3);
    }
    if (!producer->batching) {
        shm4j_publish(producer, header, end);
        return;
    }
    if (producer->position == producer->published) {
        /* The consumer comes to the others by way of this one. */
        producer->pending = header;
    } else {
        shm4j_store_plain(ring->records, shm4j_place(ring, producer->position), header);
    }
    producer->position = end;
}

/**
 * Publishes the messages of a batch so far; the batch goes on. This does nothing if there is none.
 *
 * @return 0; SHM4J_ELOST if somebody has taken the role over: the messages are not published then, and the batch has ended
 */
static inline int shm4j_producer_publish(struct shm4j_producer *producer) {
    if (producer->ring.kind == SHM4J_SPSC && producer->position != producer->published) {
        if (shm4j_has_lost_producer(producer)) {
            return shm4j_lose_producer(producer);
        }
        shm4j_publish(producer, producer->pending, producer->position);
    }
    return 0;
}

/**
 * Begins a batch, in a ring for one: what is written from now on reaches the consumer together, by a single store, when the
 * batch is published or ended, or when there is no room. If this process is killed before, it was never written.
 *
 * @return 0; -EINVAL in a ring for many, which has no batches; SHM4J_ELOST as shm4j_producer_publish
 */
static inline int shm4j_producer_begin_batch(struct shm4j_producer *producer) {
    if (producer->ring.kind != SHM4J_SPSC) {
        return -EINVAL;
    }
    int result = shm4j_producer_publish(producer);
    producer->batching = result == 0;
    return result;
}

/** Publishes the messages of a batch, and ends it. The results are those of shm4j_producer_publish. */
static inline int shm4j_producer_end_batch(struct shm4j_producer *producer) {
    int result = shm4j_producer_publish(producer);
    producer->batching = 0;
    return result;
}

/* Step 1 of the only producer: sees to it that a record can be written at the position. */
static inline int shm4j_make_room_spsc(struct shm4j_producer *producer, uint64_t record) {
    const struct shm4j_ring *ring = &producer->ring;
    uint64_t needed = shm4j_needed(ring, producer->position, record);
    if (needed > producer->limit - producer->position) {
        /* SYNC POINT free position: the consumer has done with these bytes. */
        uint64_t free_position = shm4j_load(ring->memory, SHM4J_FREE_POSITION);
        uint64_t cleared = shm4j_load_plain(ring->memory, SHM4J_CLEARED_FROM) + ring->capacity;
        if (!shm4j_is_position(free_position) || free_position > producer->published
            || producer->position - free_position > ring->capacity) {
            return SHM4J_ECORRUPT;
        }
        producer->limit = free_position + ring->capacity;
        producer->ended_from = cleared > producer->unpublished ? cleared : producer->unpublished;
        /* At the limit the ring is full, and the first record still lies there. */
        producer->ended_from = producer->ended_from < producer->limit ? producer->ended_from : producer->limit;
        if (needed > producer->limit - producer->position) {
            /* The consumer has to read the batch to make room. */
            int result = shm4j_producer_publish(producer);
            if (result == 0) {
                shm4j_note_failed(producer);
            }
            return result;
        }
    }
    if (needed > record) {
        shm4j_append(producer, shm4j_complete(-1, needed - record), needed - record);
    }
    SHM4J_STEP(spsc, 1);
    return 1;
}

/* Step 2 of a producer of many: whether there is room at a position; 2 if that is not known, as others were faster. */
static inline int shm4j_has_room_mpsc(const struct shm4j_ring *ring, uint64_t position, uint64_t needed) {
    /* SYNC POINT free position: the bytes up to there are zeros again. */
    uint64_t free_position = shm4j_load(ring->memory, SHM4J_FREE_POSITION);
    if (free_position > position && shm4j_load(ring->memory, SHM4J_PRODUCER_POSITION) != position) {
        return 2;
    }
    if (!shm4j_is_position(free_position) || !shm4j_is_position(position) || free_position > position
        || position - free_position > ring->capacity) {
        return SHM4J_ECORRUPT;
    }
    return position - free_position <= ring->capacity - needed;
}

/* Steps 2 to 5 of a producer of many. */
static inline int shm4j_claim_mpsc(struct shm4j_producer *producer, uint64_t length_with_header) {
    const struct shm4j_ring *ring = &producer->ring;
    uint64_t record = shm4j_record_length(length_with_header);
    uint64_t claim_field = producer->slot + SHM4J_SLOT_CLAIM;
    int named = 0;
    /* A bound, so that memory which changes all the time cannot keep a producer for ever. */
    for (int attempt = 0; attempt < 1 << 20; attempt++) {
        uint64_t position = shm4j_load(ring->memory, SHM4J_PRODUCER_POSITION);
        int room = shm4j_has_room_mpsc(ring, position, shm4j_needed(ring, position, record));
        if (room == 2) {
            continue;
        }
        if (room <= 0) {
            if (named) {
                /* That position is not this producer's: it must not seem to be at work there. */
                shm4j_store(ring->memory, claim_field, 0);
            }
            if (room == 0) {
                shm4j_note_failed(producer);
            }
            return room;
        }
        uint64_t to_end = shm4j_up_to_end(ring, position);
        uint64_t claimed = record <= to_end ? record : to_end;
        /* SYNC POINT slot: the consumer knows whom to ask for this record before the record is claimed. */
        shm4j_store(ring->memory, claim_field, position + 1);
        SHM4J_STEP(mpsc, 3);
        named = 1;
        uint64_t expected = position;
        if (!shm4j_compare_and_set(ring->memory, SHM4J_PRODUCER_POSITION, &expected, position + claimed)) {
            continue;
        }
        SHM4J_STEP(mpsc, 4);
        if (record > to_end) {
            /* A record lies in one piece. The padding is one of its own, and complete at once. */
            shm4j_store(ring->records, shm4j_place(ring, position), shm4j_complete(-1, to_end));
            named = 0;
            continue;
        }
        shm4j_store_plain(
            ring->records, shm4j_place(ring, position), shm4j_claimed(ring, position, length_with_header));
        /* The bytes were zeros until here. That this is the first of them to change lets a consumer find the record. */
        __atomic_thread_fence(__ATOMIC_RELEASE);
        SHM4J_STEP(mpsc, 5);
        producer->position = position;
        return 1;
    }
    return SHM4J_ECORRUPT;
}

/**
 * Claims room for a message, which the caller then fills, and commits or aborts. In a ring for many, the consumer waits for it:
 * do not take long.
 *
 * @param type what kind of message it is, greater than 0
 * @param length at most an eighth of the ring's capacity
 * @param bytes gets where the message is to be written
 * @return 1; 0 if there is no room; -EINVAL if the type is not greater than 0 or a claim is open; -EMSGSIZE; SHM4J_ELOST if
 *     somebody has taken the role over; SHM4J_ECORRUPT
 */
static inline int shm4j_producer_claim(struct shm4j_producer *producer, int32_t type, size_t length, void **bytes) {
    const struct shm4j_ring *ring = &producer->ring;
    *bytes = NULL;
    if (type <= 0 || producer->claimed_length != 0) {
        return -EINVAL;
    }
    if (length > ring->longest) {
        return -EMSGSIZE;
    }
    if (shm4j_has_lost_producer(producer)) {
        return shm4j_lose_producer(producer);
    }
    uint64_t length_with_header = length + SHM4J_RECORD_HEADER;
    int result = ring->kind == SHM4J_SPSC ? shm4j_make_room_spsc(producer, shm4j_record_length(length_with_header))
                                          : shm4j_claim_mpsc(producer, length_with_header);
    if (result == 1) {
        producer->claimed_length = length_with_header;
        producer->claimed_type = type;
        *bytes = ring->records + shm4j_place(ring, producer->position) + SHM4J_RECORD_HEADER;
    }
    return result;
}

/* Step 7 of a producer of many: the record becomes a message, or padding. */
static inline int shm4j_complete_mpsc(struct shm4j_producer *producer, int32_t type) {
    const struct shm4j_ring *ring = &producer->ring;
    uint64_t place = shm4j_place(ring, producer->position);
    uint64_t length = producer->claimed_length;
    producer->claimed_length = 0;
    if (shm4j_load(ring->records, place) != shm4j_claimed(ring, producer->position, length)) {
        /* The consumer waits until no slot names what may lie there now. */
        shm4j_store(ring->memory, producer->slot + SHM4J_SLOT_CLAIM, 0);
        return SHM4J_ELOST;
    }
    SHM4J_STEP(mpsc, 6);
    /* SYNC POINT record. */
    shm4j_store(ring->records, place, shm4j_complete(type, length));
    SHM4J_STEP(mpsc, 7);
    shm4j_wake(shm4j_half(ring->memory, SHM4J_CONSUMER_SLEEPS));
    return 0;
}

/**
 * Publishes the message that was claimed: from here on the consumer sees all of it.
 *
 * @return 0; -EINVAL if no claim is open; SHM4J_ELOST if another process has the role, or the record, by now
 */
static inline int shm4j_producer_commit(struct shm4j_producer *producer) {
    uint64_t length = producer->claimed_length;
    if (length == 0) {
        return -EINVAL;
    }
    if (producer->ring.kind == SHM4J_MPSC) {
        return shm4j_complete_mpsc(producer, producer->claimed_type);
    }
    producer->claimed_length = 0;
    if (shm4j_has_lost_producer(producer)) {
        return shm4j_lose_producer(producer);
    }
    SHM4J_STEP(spsc, 2);
    shm4j_append(producer, shm4j_complete(producer->claimed_type, length), shm4j_record_length(length));
    return 0;
}

/** Gives up the message that was claimed. The results are those of shm4j_producer_commit. */
static inline int shm4j_producer_abort(struct shm4j_producer *producer) {
    uint64_t length = producer->claimed_length;
    if (length == 0) {
        return -EINVAL;
    }
    if (producer->ring.kind == SHM4J_MPSC) {
        return shm4j_complete_mpsc(producer, -1);
    }
    producer->claimed_length = 0;
    /* Nothing has happened for the others. But what was written there must not be taken for a 0. */
    shm4j_leave_unpublished(producer, producer->position + shm4j_record_length(length));
    return 0;
}

/**
 * Writes a message. This never waits.
 *
 * @return 1; 0 if there is no room; what shm4j_producer_claim and shm4j_producer_commit return otherwise
 */
static inline int shm4j_producer_write(
    struct shm4j_producer *producer, int32_t type, const void *bytes, size_t length) {
    void *place;
    int result = shm4j_producer_claim(producer, type, length, &place);
    if (result != 1) {
        return result;
    }
    if (length > 0) {
        memcpy(place, bytes, length);
    }
    result = shm4j_producer_commit(producer);
    return result == 0 ? 1 : result;
}

/* In this order, what is free can only seem to be less. */
static inline int shm4j_has_room(const struct shm4j_producer *producer, uint64_t record) {
    const struct shm4j_ring *ring = &producer->ring;
    uint64_t free_position = shm4j_load(ring->memory, SHM4J_FREE_POSITION);
    uint64_t position = shm4j_load(ring->memory, SHM4J_PRODUCER_POSITION);
    return position - free_position <= ring->capacity - shm4j_needed(ring, position, record);
}

/**
 * Waits until a message can be written. Where there are several producers, another one may then be faster. A batch is published.
 *
 * @param length of the message
 * @param timeout in nanoseconds; 0 to look once; SHM4J_FOR_EVER
 * @return 1; 0 if the time is over; -EINTR if a signal was handled; -EMSGSIZE; SHM4J_ELOST if somebody has taken the role over
 */
static inline int shm4j_producer_await_room(struct shm4j_producer *producer, size_t length, int64_t timeout) {
    const struct shm4j_ring *ring = &producer->ring;
    uint32_t *word = shm4j_half(ring->memory, SHM4J_PRODUCERS_SLEEP);
    struct shm4j_pauses pauses;
    if (length > ring->longest) {
        return -EMSGSIZE;
    }
    uint64_t record = shm4j_record_length(length + SHM4J_RECORD_HEADER);
    int result = shm4j_producer_publish(producer);
    shm4j_pauses_begin(&pauses, timeout);
    while (result == 0) {
        if (shm4j_has_lost_producer(producer)) {
            result = shm4j_lose_producer(producer);
        } else if (shm4j_has_room(producer, record)) {
            result = 1;
        } else {
            int64_t sleep = shm4j_pauses_next(&pauses);
            if (sleep < 0) {
                return 0;
            }
            if (sleep > 0) {
                shm4j_prepare_to_sleep(word);
                /* Afterwards the word stays as it is: other producers may sleep there. */
                if (!shm4j_has_room(producer, record) && shm4j_sleep(word, sleep) != 0) {
                    result = -EINTR;
                }
            }
        }
    }
    return result;
}

/**
 * Gives the role, or the slot, back. A batch is published, and an open claim is aborted.
 *
 * @return 0; SHM4J_ELOST if the role is not this object's any more, in which case nothing is stored
 */
static inline int shm4j_producer_close(struct shm4j_producer *producer) {
    if (shm4j_has_lost_producer(producer)) {
        producer->role.held = 0;
        return shm4j_lose_producer(producer);
    }
    if (producer->claimed_length != 0) {
        shm4j_producer_abort(producer);
    }
    int result = shm4j_producer_end_batch(producer);
    shm4j_give_role_back(&producer->role);
    return result;
}

/* -------------------------------------------------------------------------------------------------------- latest value */

enum { SHM4J_NEWEST = 128, SHM4J_WRITER = 136, SHM4J_WRITER_SUCCESSIONS = 144, SHM4J_BUFFERS = 256 };
#define SHM4J_VALUE_MAGIC UINT64_C(0x73686d346a76616c)

/** A record of which readers get the newest whole one. For reading, a mapping will do that cannot be written. */
struct shm4j_value {
    unsigned char *memory;
    /** How many bytes the record has. */
    uint64_t size;
    /** How many buffers there are, a power of two, and how far they are apart. */
    uint64_t buffers;
    uint64_t stride;
    struct shm4j_identity identity;
    /** For the writer. */
    struct shm4j_role role;
};

/**
 * Opens the latest value in a mapping. If its creator is still at work, this waits for a second at most.
 *
 * @return 0, SHM4J_EFORMAT, SHM4J_EINCOMPLETE, SHM4J_ECORRUPT, or -EINVAL if the address is no multiple of 8
 */
static inline int shm4j_value_open(struct shm4j_value *value, void *memory, size_t size) {
    unsigned char *begin = (unsigned char *) memory;
    struct shm4j_header header;
    memset(value, 0, sizeof *value);
    int result = shm4j_open_header(&header, begin, size, SHM4J_BUFFERS, SHM4J_VALUE_MAGIC);
    if (result != 0) {
        return result;
    }
    if (header.number < 4 || header.number > 64 || (header.number & (header.number - 1)) != 0 || header.length < 1
        || header.length > (uint64_t) 1 << 48) {
        return SHM4J_ECORRUPT;
    }
    value->stride = (header.length + 127) & ~(uint64_t) 127;
    if (size < SHM4J_BUFFERS + header.number * value->stride) {
        return SHM4J_EFORMAT;
    }
    value->memory = begin;
    value->size = header.length;
    value->buffers = header.number;
    value->identity = shm4j_identify_by_header(begin);
    return 0;
}

/* Where the record of a version is, whatever the version. */
static inline uint64_t shm4j_buffer(const struct shm4j_value *value, uint64_t version) {
    return SHM4J_BUFFERS + (version & (value->buffers - 1)) * value->stride;
}

/*
 * Copies a record out of a buffer that may be written meanwhile: what was copied is thrown away then, but in the meantime each
 * access has to be one that may meet a store. A buffer is as long as a multiple of 8.
 */
static inline void shm4j_copy_out(unsigned char *memory, uint64_t offset, void *target, uint64_t size) {
    unsigned char *to = (unsigned char *) target;
    uint64_t done = 0;
    for (; size - done >= 8; done += 8) {
        uint64_t word = shm4j_load_plain(memory, offset + done);
        memcpy(to + done, &word, 8);
    }
    if (done < size) {
        uint64_t word = shm4j_load_plain(memory, offset + done);
        memcpy(to + done, &word, (size_t) (size - done));
    }
}

static inline void shm4j_copy_in(unsigned char *memory, uint64_t offset, const void *source, uint64_t size) {
    const unsigned char *from = (const unsigned char *) source;
    for (uint64_t done = 0; done < size; done += 8) {
        uint64_t word = 0;
        memcpy(&word, from + done, (size_t) (size - done < 8 ? size - done : 8));
        shm4j_store_plain(memory, offset + done, word);
    }
}

/**
 * Copies the newest record. No writer keeps this from going on, wherever it is stopped or killed.
 *
 * @param target where to copy it to; unless the result is 1, there can be anything in it
 * @param size how many bytes there is place for, at least value->size
 * @param version gets the version of the record, which grows by one with each; 0 if there is none yet. If it is the one that was
 *     read last, the record is the same: shm4j_value_version says so without copying
 * @return 1; 0 if there is no record yet; -EMSGSIZE; SHM4J_EOVERTAKEN; SHM4J_ECORRUPT
 */
static inline int shm4j_value_read(const struct shm4j_value *value, void *target, size_t size, uint64_t *version) {
    *version = 0;
    if (size < value->size) {
        return -EMSGSIZE;
    }
    for (int round = 0; round < 1000; round++) {
        /* a, SYNC POINT version: who sees the version sees all of its record. */
        uint64_t newest = shm4j_load(value->memory, SHM4J_NEWEST);
        if (newest > SHM4J_GREATEST_POSITION) {
            return SHM4J_ECORRUPT;
        }
        *version = newest;
        if (newest == 0) {
            return 0;
        }
        shm4j_copy_out(value->memory, shm4j_buffer(value, newest), target, value->size);
        /* c, SYNC POINT buffer: if anything of a later record was copied, d sees the version of the last one before it. */
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        uint64_t now = shm4j_load(value->memory, SHM4J_NEWEST);
        if (now < newest) {
            return SHM4J_ECORRUPT;
        }
        if (now - newest <= value->buffers - 2) {
            return 1;
        }
    }
    return SHM4J_EOVERTAKEN;
}

/** Returns the version of the newest record, 0 if there is none yet. */
static inline uint64_t shm4j_value_version(const struct shm4j_value *value) {
    return shm4j_load(value->memory, SHM4J_NEWEST);
}

/**
 * Waits until there is a newer record than one that is known. Nobody wakes a reader, who may not even write to the memory: it
 * looks again after pauses of up to a millisecond.
 *
 * @param version one that was seen before, or 0
 * @param timeout in nanoseconds; 0 to look once; SHM4J_FOR_EVER
 * @return 1; 0 if the time is over; -EINTR if a signal was handled
 */
static inline int shm4j_value_await_newer(const struct shm4j_value *value, uint64_t version, int64_t timeout) {
    struct shm4j_pauses pauses;
    shm4j_pauses_begin(&pauses, timeout);
    while (shm4j_value_version(value) <= version) {
        int64_t sleep = shm4j_pauses_next(&pauses);
        if (sleep < 0) {
            return 0;
        }
        if (sleep > 0 && shm4j_doze(sleep) != 0) {
            return -EINTR;
        }
    }
    return 1;
}

/**
 * Becomes the writer, in place of nobody, or of a process that has terminated. The mapping must be one that can be written.
 *
 * @return 0, SHM4J_EOCCUPIED or SHM4J_ECORRUPT
 */
static inline int shm4j_value_take_writer(struct shm4j_value *value) {
    return shm4j_take_role(
        &value->role, value->memory, SHM4J_WRITER, SHM4J_WRITER_SUCCESSIONS, &value->identity);
}

/**
 * Writes a record, for the writer. This never waits, and readers never wait for it.
 *
 * @param record of value->size bytes
 * @return 0; SHM4J_ELOST if this object is not the writer, or somebody has taken the role over; SHM4J_ECORRUPT
 */
static inline int shm4j_value_write(struct shm4j_value *value, const void *record) {
    uint64_t version = shm4j_load(value->memory, SHM4J_NEWEST) + 1;
    if (version > SHM4J_GREATEST_POSITION) {
        return SHM4J_ECORRUPT;
    }
    if (shm4j_has_lost_role(&value->role)) {
        return SHM4J_ELOST;
    }
    SHM4J_STEP(value, 1);
    /* 2, SYNC POINT buffer: nothing of this record is stored before the version of the last one. */
    __atomic_thread_fence(__ATOMIC_RELEASE);
    shm4j_copy_in(value->memory, shm4j_buffer(value, version), record, value->size);
    SHM4J_STEP(value, 3);
    /* Copying may have taken long. */
    if (shm4j_has_lost_role(&value->role)) {
        return SHM4J_ELOST;
    }
    /* SYNC POINT version. */
    shm4j_store(value->memory, SHM4J_NEWEST, version);
    SHM4J_STEP(value, 4);
    return 0;
}

/** Gives the role of the writer back. What was written stays. */
static inline void shm4j_value_give_writer_back(struct shm4j_value *value) {
    shm4j_give_role_back(&value->role);
}

/* ----------------------------------------------------------------------------------------------------------- broadcast */

enum {
    SHM4J_MESSAGES = 128,
    SHM4J_TRIMS = 256,
    SHM4J_READERS_SLEEP = 384,
    SHM4J_NEWEST_MARKS = 512,
    SHM4J_OLDEST_MARKS = 768,
    SHM4J_BROADCAST_RECORDS = 1024,
    SHM4J_MARKS = 8
};
#define SHM4J_BROADCAST_MAGIC UINT64_C(0x73686d346a626361)

/* A position between two records: how many messages lie before it, and how many bytes these have. */
struct shm4j_mark {
    uint64_t position;
    uint64_t messages;
    uint64_t bytes;
};

/**
 * One who reads the messages that a producer sends to everybody. It needs no permission to write, leaves no trace in the block,
 * and nobody waits for it: it is told if it was too slow.
 */
struct shm4j_reader {
    unsigned char *memory;
    uint64_t capacity;
    /** How many bytes a message can have. */
    uint64_t longest;
    /** Where it is: everything before is read or lost. */
    struct shm4j_mark at;
    /** The messages and the trims that it knows of. */
    uint64_t messages;
    uint64_t trims;
    /** How many messages and bytes it has lost in all. */
    uint64_t lost_messages;
    uint64_t lost_bytes;
};

/* Where a reader begins. */
enum {
    /** With the messages that are sent from now on. */
    SHM4J_FROM_NOW = 0,
    /** With the oldest message that is left. */
    SHM4J_FROM_OLDEST = 1
};

/*
 * Steps a to d: takes a mark, which the producer may be writing.
 *
 * @param number where the number of marks is
 * @param marks where the marks are
 * @param back how many marks to leave out
 */
static inline int shm4j_take_mark(
    unsigned char *memory, uint64_t number, uint64_t marks, uint64_t back, uint64_t *taken, struct shm4j_mark *mark) {
    for (int round = 0; round < 1000; round++) {
        /* SYNC POINT trim, or SYNC POINT message: who sees the number sees the mark. */
        uint64_t newest = shm4j_load(memory, number);
        uint64_t k = newest < back ? 0 : newest - back;
        uint64_t place = marks + 32 * (k % SHM4J_MARKS);
        mark->position = shm4j_load_plain(memory, place);
        mark->messages = shm4j_load_plain(memory, place + 8);
        mark->bytes = shm4j_load_plain(memory, place + 16);
        /* SYNC POINT mark: if anything of a later mark was copied, d sees that the number has gone on. */
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        uint64_t now = shm4j_load(memory, number);
        if (now > SHM4J_GREATEST_POSITION || now < newest) {
            return SHM4J_ECORRUPT;
        }
        if (now - k > SHM4J_MARKS - 2) {
            continue;
        }
        *taken = k;
        /* Each message takes 8 bytes at least besides its own. */
        int plausible = shm4j_is_position(mark->position) && mark->bytes <= mark->position
            && mark->messages <= (mark->position - mark->bytes) / 8;
        return plausible ? 0 : SHM4J_ECORRUPT;
    }
    return SHM4J_EOVERTAKEN;
}

/**
 * Begins to read the broadcast in a mapping, which may be one that cannot be written.
 *
 * @param begin SHM4J_FROM_NOW or SHM4J_FROM_OLDEST
 * @return 0, SHM4J_EFORMAT, SHM4J_EINCOMPLETE, SHM4J_ECORRUPT, SHM4J_EOVERTAKEN, or -EINVAL if the address is no multiple of 8
 */
static inline int shm4j_reader_open(struct shm4j_reader *reader, void *memory, size_t size, int begin) {
    unsigned char *first = (unsigned char *) memory;
    struct shm4j_header header;
    memset(reader, 0, sizeof *reader);
    int result = shm4j_open_header(&header, first, size, SHM4J_BROADCAST_RECORDS, SHM4J_BROADCAST_MAGIC);
    if (result != 0) {
        return result;
    }
    if (header.number != SHM4J_MARKS || !shm4j_is_capacity(header.length, 256)) {
        return SHM4J_ECORRUPT;
    }
    if (size < SHM4J_BROADCAST_RECORDS + header.length) {
        return SHM4J_EFORMAT;
    }
    reader->memory = first;
    reader->capacity = header.length;
    reader->longest = shm4j_longest_message(header.length);
    /* In this order, what is given up meanwhile is noticed. */
    reader->trims = shm4j_load(first, SHM4J_TRIMS);
    if (begin == SHM4J_FROM_OLDEST) {
        return shm4j_take_mark(first, SHM4J_TRIMS, SHM4J_OLDEST_MARKS, 0, &reader->trims, &reader->at);
    }
    result = shm4j_take_mark(first, SHM4J_MESSAGES, SHM4J_NEWEST_MARKS, 0, &reader->messages, &reader->at);
    return result == 0 && reader->messages != reader->at.messages ? SHM4J_ECORRUPT : result;
}

/* A message, or padding, that may be overwritten while it is looked at. */
struct shm4j_glance {
    uint64_t header;
    /** Where the record ends, and whether the header is one that can be there. */
    uint64_t end;
    int plausible;
};

/* Looks at the header at a position. */
static inline struct shm4j_glance shm4j_glance_at(const struct shm4j_reader *reader, uint64_t position) {
    struct shm4j_glance glance;
    uint64_t place = position & (reader->capacity - 1);
    uint64_t to_end = reader->capacity - place;
    glance.header = shm4j_load_plain(reader->memory, SHM4J_BROADCAST_RECORDS + place);
    int32_t type = shm4j_header_type(glance.header);
    int32_t length = shm4j_header_length(glance.header);
    uint64_t record = length < SHM4J_RECORD_HEADER ? 0 : shm4j_record_length((uint64_t) length);
    glance.end = position + record;
    glance.plausible = record != 0
        && (type > 0 ? record <= to_end && (uint64_t) length - SHM4J_RECORD_HEADER <= reader->longest
                     : type == -1 && record == to_end);
    return glance;
}

/* Step 4, where messages were given up. Returns 1 if this reader was overtaken, and is now at the oldest message. */
static inline int shm4j_catch_up(struct shm4j_reader *reader, uint64_t overtaken) {
    struct shm4j_mark mark;
    uint64_t trims;
    int result = shm4j_take_mark(reader->memory, SHM4J_TRIMS, SHM4J_OLDEST_MARKS, 0, &trims, &mark);
    if (result != 0) {
        return result;
    }
    if (trims < reader->trims) {
        return SHM4J_ECORRUPT;
    }
    reader->trims = trims;
    if (reader->at.position >= mark.position) {
        return 0;
    }
    if (overtaken > 0) {
        /* Again, and it has got nothing in between: the four newest messages give it more time. */
        struct shm4j_mark newest;
        uint64_t messages;
        result = shm4j_take_mark(reader->memory, SHM4J_MESSAGES, SHM4J_NEWEST_MARKS, 4, &messages, &newest);
        if (result != 0 || newest.messages != messages) {
            return result != 0 ? result : SHM4J_ECORRUPT;
        }
        mark = newest.position > mark.position ? newest : mark;
    }
    if (mark.messages < reader->at.messages || mark.bytes < reader->at.bytes) {
        return SHM4J_ECORRUPT;
    }
    reader->lost_messages += mark.messages - reader->at.messages;
    reader->lost_bytes += mark.bytes - reader->at.bytes;
    reader->at = mark;
    return 1;
}

/**
 * Copies the next message. This never waits.
 *
 * A reader that was too slow goes on at the oldest message that is left: reader->lost_messages and reader->lost_bytes have grown by
 * exactly what it has not got.
 *
 * @param type gets what kind of message it is
 * @param target where to copy it to
 * @param size how many bytes there is place for: reader->longest is always enough
 * @param length gets how long the message is, also if there is not enough place
 * @return 1; 0 if there is none now; -EMSGSIZE if there is not enough place, and then the message is still the next one;
 *     SHM4J_EOVERTAKEN if the producer is too fast, and then it may be called again; SHM4J_ECORRUPT
 */
static inline int shm4j_reader_read(
    struct shm4j_reader *reader, int32_t *type, void *target, size_t size, size_t *length) {
    *type = 0;
    *length = 0;
    for (uint64_t overtaken = 0; overtaken < 1000;) {
        uint64_t position = reader->at.position;
        if (reader->at.messages >= reader->messages) {
            /* 1, SYNC POINT message: who sees the number sees the message. */
            uint64_t messages = shm4j_load(reader->memory, SHM4J_MESSAGES);
            if (messages > SHM4J_GREATEST_POSITION || messages < reader->at.messages) {
                return SHM4J_ECORRUPT;
            }
            reader->messages = messages;
            if (messages == reader->at.messages) {
                return 0;
            }
        }
        /* 2. Behind padding, there is a message. */
        struct shm4j_glance glance = shm4j_glance_at(reader, position);
        if (glance.plausible && shm4j_header_type(glance.header) == -1) {
            position = glance.end;
            glance = shm4j_glance_at(reader, position);
        }
        int message = glance.plausible && shm4j_header_type(glance.header) > 0;
        uint64_t bytes = message ? (uint64_t) shm4j_header_length(glance.header) - SHM4J_RECORD_HEADER : 0;
        if (message && bytes <= size) {
            uint64_t place = position & (reader->capacity - 1);
            shm4j_copy_out(
                reader->memory, SHM4J_BROADCAST_RECORDS + place + SHM4J_RECORD_HEADER, target, bytes);
        }
        /* 3, SYNC POINT trim: if anything of a later message was copied, 4 sees that this one was given up. */
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (shm4j_load(reader->memory, SHM4J_TRIMS) != reader->trims) {
            int result = shm4j_catch_up(reader, overtaken);
            if (result < 0) {
                return result;
            }
            if (result > 0) {
                overtaken++;
                continue;
            }
        }
        /* Header and copy are what the producer has written. */
        if (!message) {
            return SHM4J_ECORRUPT;
        }
        *length = (size_t) bytes;
        *type = shm4j_header_type(glance.header);
        if (bytes > size) {
            return -EMSGSIZE;
        }
        /* 5. */
        reader->at.position = glance.end;
        reader->at.messages++;
        reader->at.bytes += bytes;
        return 1;
    }
    return SHM4J_EOVERTAKEN;
}

/**
 * Waits until there is a message to read, or to be told of as lost.
 *
 * @param may_write whether the mapping can be written: this sleeps in the kernel then. Otherwise nobody can know of this reader,
 *     and it looks again after pauses of up to a millisecond
 * @param timeout in nanoseconds; 0 to look once; SHM4J_FOR_EVER
 * @return 1; 0 if the time is over; -EINTR if a signal was handled
 */
static inline int shm4j_reader_await(const struct shm4j_reader *reader, int may_write, int64_t timeout) {
    uint32_t *word = shm4j_half(reader->memory, SHM4J_READERS_SLEEP);
    struct shm4j_pauses pauses;
    shm4j_pauses_begin(&pauses, timeout);
    while (shm4j_load(reader->memory, SHM4J_MESSAGES) == reader->at.messages) {
        int64_t sleep = shm4j_pauses_next(&pauses);
        if (sleep < 0) {
            return 0;
        }
        if (sleep > 0 && may_write) {
            shm4j_prepare_to_sleep(word);
            /* Afterwards the word stays as it is: other readers may sleep there. */
            if (shm4j_load(reader->memory, SHM4J_MESSAGES) == reader->at.messages && shm4j_sleep(word, sleep) != 0) {
                return -EINTR;
            }
        } else if (sleep > 0 && shm4j_doze(sleep) != 0) {
            return -EINTR;
        }
    }
    return 1;
}

/* ---------------------------------------------------------------------------------------------------------------- lock */

enum {
    SHM4J_LOCK_MARK = 0,
    SHM4J_LOCK_IDENTITY = 8,
    SHM4J_LOCK_NAMESPACES = 16,
    SHM4J_LOCK_OWNER = 24,
    SHM4J_LOCK_SLEEPERS = 32,
    /** How many bytes a lock has. */
    SHM4J_LOCK_BYTES = 64
};

#define SHM4J_LOCK_MARK_VALUE UINT64_C(0x73686d346a6c6b01)
/* In place of an owner: the lock is free, and the data may be what an owner that terminated has left half changed. */
#define SHM4J_INCONSISTENT ((uint64_t) 1)

/**
 * A lock between processes. The word in memory names a process: if several threads of this one want the lock, they agree among
 * themselves first, by a mutex of their own around acquire and release.
 */
struct shm4j_lock {
    unsigned char *memory;
    struct shm4j_identity identity;
    /** Whether this process holds the lock, and the data may be inconsistent. */
    int inconsistent;
};

/* Any word without a pid but these two, and one of these namespaces without a start time, is no process. */
static inline int shm4j_is_lock_owner(uint64_t owner) {
    return owner == SHM4J_NOBODY || owner == SHM4J_INCONSISTENT
        || ((owner >> SHM4J_PID_SHIFT & SHM4J_PID_MASK) != 0
            && ((owner & SHM4J_FOREIGN) != 0 || (owner & SHM4J_START_MASK) != 0));
}

/**
 * Begins to use the lock at some place of a mapping that can be written. New memory is zeros, and zeros are a lock that is
 * free: whoever comes first completes it, and nobody waits for anybody.
 *
 * @param memory 64 bytes at an address that is a multiple of 8
 * @return 0; SHM4J_ECORRUPT if there is something else than a lock; -EINVAL if the address is wrong
 */
static inline int shm4j_lock_open(struct shm4j_lock *lock, void *memory) {
    unsigned char *begin = (unsigned char *) memory;
    memset(lock, 0, sizeof *lock);
    if ((uintptr_t) memory % 8 != 0) {
        return -EINVAL;
    }
    if (shm4j_load_plain(begin, SHM4J_LOCK_MARK) == 0) {
        /* Whoever else sees the 0 stores the same. */
        shm4j_store_plain(begin, SHM4J_LOCK_MARK, SHM4J_LOCK_MARK_VALUE);
    }
    if (shm4j_load_plain(begin, SHM4J_LOCK_MARK) != SHM4J_LOCK_MARK_VALUE
        || !shm4j_is_lock_owner(shm4j_load(begin, SHM4J_LOCK_OWNER))
        || __atomic_load_n(shm4j_half(begin, SHM4J_LOCK_SLEEPERS), __ATOMIC_RELAXED) > SHM4J_ASLEEP) {
        return SHM4J_ECORRUPT;
    }
    uint64_t own = shm4j_namespace("/proc/self/ns/pid") << 32 | shm4j_namespace("/proc/self/ns/time");
    /* The identity tells a process in Java whether two mappings are the same lock. It is any number that no other lock has. */
    uint64_t identity = (shm4j_identify(own >> 32, own & UINT32_MAX).self ^ (uint64_t) shm4j_now()
                         ^ (uintptr_t) memory << 20) * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t nothing = 0;
    shm4j_compare_and_set(begin, SHM4J_LOCK_IDENTITY, &nothing, identity | 1);
    nothing = 0;
    shm4j_compare_and_set(begin, SHM4J_LOCK_NAMESPACES, &nothing, own);
    /* Those of whoever came first. */
    uint64_t namespaces = shm4j_load(begin, SHM4J_LOCK_NAMESPACES);
    lock->memory = begin;
    lock->identity = shm4j_identify(namespaces >> 32, namespaces & UINT32_MAX);
    return 0;
}

/*
 * Steps 1 to 3: one attempt. Returns 1 if this process has the lock now, 0 if another one has.
 *
 * @param judge whether to ask if the owner has terminated, which takes microseconds
 */
static inline int shm4j_lock_attempt(struct shm4j_lock *lock, int judge) {
    uint64_t found = SHM4J_NOBODY;
    /* SYNC POINT owner. */
    if (shm4j_compare_and_set(lock->memory, SHM4J_LOCK_OWNER, &found, lock->identity.self)) {
        SHM4J_STEP(lock, 1);
        lock->inconsistent = 0;
        return 1;
    }
    if (!shm4j_is_lock_owner(found)) {
        return SHM4J_ECORRUPT;
    }
    if (found == lock->identity.self) {
        /* This process would wait for itself. */
        return -EDEADLK;
    }
    if (found != SHM4J_INCONSISTENT && !(judge && shm4j_has_terminated(found, lock->identity.shares_namespaces))) {
        return 0;
    }
    if (!shm4j_compare_and_set(lock->memory, SHM4J_LOCK_OWNER, &found, lock->identity.self)) {
        return 0;
    }
    SHM4J_STEP(lock, 3);
    lock->inconsistent = 1;
    return 1;
}

/**
 * Acquires the lock. Behind it, this process sees all that earlier owners have stored before they released it or terminated.
 *
 * If the owner before was killed, the caller has the lock, and lock->inconsistent says that what it guards may be half changed:
 * it repairs that, and then calls shm4j_lock_mark_consistent. Otherwise, when it releases the lock, the next one is told as well.
 *
 * @param timeout in nanoseconds; 0 for one attempt; SHM4J_FOR_EVER
 * @return 1; 0 if another process has the lock until the time is over; -EDEADLK if this process has it; -EINTR if a signal was
 *     handled; SHM4J_ECORRUPT
 */
static inline int shm4j_lock_acquire(struct shm4j_lock *lock, int64_t timeout) {
    uint32_t *word = shm4j_half(lock->memory, SHM4J_LOCK_SLEEPERS);
    struct shm4j_pauses pauses;
    int result = shm4j_lock_attempt(lock, timeout == 0);
    if (result != 0 || timeout == 0) {
        return result;
    }
    shm4j_pauses_begin(&pauses, timeout);
    while (result == 0) {
        int64_t sleep = shm4j_pauses_next(&pauses);
        if (sleep < 0) {
            return shm4j_lock_attempt(lock, 1);
        }
        if (sleep > 0) {
            int interrupted = 0;
            shm4j_prepare_to_sleep(word);
            /* s3. */
            if (shm4j_load(lock->memory, SHM4J_LOCK_OWNER) > SHM4J_INCONSISTENT) {
                interrupted = shm4j_sleep(word, sleep);
            }
            /* s5: a release wakes one. Others may be asleep still, whether or not this process is going to have the lock. */
            __atomic_store_n(word, (uint32_t) SHM4J_ASLEEP, __ATOMIC_SEQ_CST);
            if (interrupted != 0) {
                /* This may be the only one that was woken, so it looks before it goes. */
                result = shm4j_lock_attempt(lock, 1);
                return result != 0 ? result : -EINTR;
            }
        }
        result = shm4j_lock_attempt(lock, sleep > 0);
    }
    return result;
}

/** Says that the data is consistent again, for the owner that was told that it may not be. */
static inline void shm4j_lock_mark_consistent(struct shm4j_lock *lock) {
    lock->inconsistent = 0;
}

/**
 * Releases the lock, for its owner. What it has stored is seen by the next one.
 *
 * @return 0; SHM4J_ELOST if this process does not have it, as somebody has taken it over, in which case nothing is stored
 */
static inline int shm4j_lock_release(struct shm4j_lock *lock) {
    uint32_t *word = shm4j_half(lock->memory, SHM4J_LOCK_SLEEPERS);
    uint64_t owner = lock->identity.self;
    SHM4J_STEP(lock, 4);
    /*
     * SYNC POINT owner, and sleep: sequentially consistent, so that this comes before the look for sleepers. Somebody may take the
     * lock over at this instant.
     */
    if (!shm4j_compare_and_set(
            lock->memory, SHM4J_LOCK_OWNER, &owner, lock->inconsistent ? SHM4J_INCONSISTENT : SHM4J_NOBODY)) {
        return SHM4J_ELOST;
    }
    SHM4J_STEP(lock, 5);
    lock->inconsistent = 0;
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == SHM4J_ASLEEP) {
        shm4j_wake_sleepers(word, 1);
    }
    SHM4J_STEP(lock, 6);
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif
