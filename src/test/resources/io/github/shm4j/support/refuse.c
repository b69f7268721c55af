/* Runs a command to which the kernel answers SHM_STAT_ANY with EACCES, as a security module may have it do. */

#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHM_STAT_ANY_NUMBER 15

/* The C library of some architectures adds this flag. */
#define IPC_64 0x100

int main(int argc, char **argv)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_shmctl, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[1]) + (BYTE_ORDER == BIG_ENDIAN ? 4 : 0)),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~IPC_64),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SHM_STAT_ANY_NUMBER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        perror("no filter");
        return 77;
    }
    execvp(argv[1], argv + 1);
    perror(argv[1]);
    return 78;
}
