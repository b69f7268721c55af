/*
 * Answers to commands, one in a line, all in hexadecimal:
 *
 *   ftok ID PATH            the key
 *   get KEY SIZE FLAGS      the id; the flags in octal
 *   write ID OFFSET BYTES   "ok"; the bytes in hexadecimal
 *   read ID OFFSET COUNT    the bytes in hexadecimal
 *   fill ID FACTOR          the block's size; sets byte i to (i * FACTOR) % 251
 *   check ID FACTOR         the first offset at which "fill" would have stored something else, or the block's size
 *   stat ID                 size, mode in octal, uid, cuid and number of attachments
 *   remove ID               "ok"
 *
 * A call that fails is answered with its name and the name of the error.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static void answer(const char *text) {
    for (; *text != 0; text++) {
        printf("%02x", (unsigned char) *text);
    }
    printf("\n");
    fflush(stdout);
}

static size_t unhex(const char *hex, unsigned char *bytes) {
    size_t count = 0;
    unsigned byte;
    for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        bytes[count++] = (unsigned char) byte;
    }
    return count;
}

static size_t size_of(int id) {
    struct shmid_ds ds;
    return shmctl(id, IPC_STAT, &ds) == 0 ? ds.shm_segsz : 0;
}

/* Runs a command and puts what to answer into out. */
static void run(char *command, char *out) {
    int id, used = 0;
    unsigned flags, factor;
    unsigned long offset, count;
    const char *call = "unknown command";

    if (sscanf(command, "ftok %i %n", &id, &used) == 1 && used > 0) {
        call = "ftok";
        errno = 0;
        key_t key = ftok(command + used, id);
        if (key != -1 || errno == 0) {
            sprintf(out, "%d", key);
            return;
        }
    } else if (sscanf(command, "get %i %lu %o", &id, &count, &flags) == 3) {
        call = "shmget";
        int found = shmget(id, count, (int) flags);
        if (found != -1) {
            sprintf(out, "%d", found);
            return;
        }
    } else if (sscanf(command, "write %i %lu %n", &id, &offset, &used) == 2 && used > 0) {
        call = "shmat";
        char *block = shmat(id, NULL, 0);
        if (block != (void *) -1) {
            unhex(command + used, (unsigned char *) block + offset);
            shmdt(block);
            strcpy(out, "ok");
            return;
        }
    } else if (sscanf(command, "read %i %lu %lu", &id, &offset, &count) == 3) {
        call = "shmat";
        unsigned char *block = shmat(id, NULL, SHM_RDONLY);
        if (block != (void *) -1) {
            for (size_t i = 0; i < count; i++) {
                sprintf(out + 2 * i, "%02x", block[offset + i]);
            }
            shmdt(block);
            return;
        }
    } else if (sscanf(command, "fill %i %u", &id, &factor) == 2) {
        call = "shmat";
        unsigned char *block = shmat(id, NULL, 0);
        if (block != (void *) -1) {
            size_t size = size_of(id);
            for (size_t i = 0; i < size; i++) {
                block[i] = (unsigned char) (i * factor % 251);
            }
            shmdt(block);
            sprintf(out, "%zu", size);
            return;
        }
    } else if (sscanf(command, "check %i %u", &id, &factor) == 2) {
        call = "shmat";
        unsigned char *block = shmat(id, NULL, SHM_RDONLY);
        if (block != (void *) -1) {
            size_t size = size_of(id);
            size_t i = 0;
            while (i < size && block[i] == (unsigned char) (i * factor % 251)) {
                i++;
            }
            shmdt(block);
            sprintf(out, "%zu", i);
            return;
        }
    } else if (sscanf(command, "stat %i", &id) == 1) {
        call = "shmctl";
        struct shmid_ds ds;
        if (shmctl(id, IPC_STAT, &ds) == 0) {
            sprintf(out, "%zu %04o %u %u %lu", ds.shm_segsz, ds.shm_perm.mode, ds.shm_perm.uid, ds.shm_perm.cuid,
                    (unsigned long) ds.shm_nattch);
            return;
        }
    } else if (sscanf(command, "remove %i", &id) == 1) {
        call = "shmctl";
        if (shmctl(id, IPC_RMID, NULL) == 0) {
            strcpy(out, "ok");
            return;
        }
    }
    sprintf(out, "%s: %s", call, strerrorname_np(errno));
}

int main(void) {
    static char line[1 << 18];
    static unsigned char command[1 << 17];
    static char out[1 << 18];
    while (fgets(line, sizeof line, stdin) != NULL) {
        command[unhex(line, command)] = 0;
        out[0] = 0;
        run((char *) command, out);
        answer(out);
    }
    return EXIT_SUCCESS;
}
