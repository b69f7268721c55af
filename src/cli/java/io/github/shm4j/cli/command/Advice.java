package io.github.shm4j.cli.command;

import io.github.shm4j.ShmException;
import io.github.shm4j.ShmNotFoundException;

/**
 * Advice about a refused call that names commands and options. The library's own advice names classes and methods, which a
 * user of the command line does not have.
 */
public final class Advice {

    private static final String FILTERED =
            "the kernel does not refuse this, but a filter of system calls (seccomp) of a container or service, or a security"
                    + " module, does: allow System V shared memory there";

    private Advice() {}

    /** {@return what is wrong and what to do, or {@code null} if the library's own message serves} */
    static String of(ShmException failure) {
        String advice =
                switch (failure.call() + " " + failure.errnoName()) {
                    case "shmat EINVAL", "shmat EIDRM", "shmctl EIDRM" -> gone(failure);
                    case "shmctl EINVAL" -> failure instanceof ShmNotFoundException ? gone(failure) : null;
                    // Only the message tells whether the kernel or a filter of system calls has refused.
                    case "shmctl EPERM" ->
                        failure.getMessage().contains("Only the block's owner")
                                ? "only the block's owner, its creator or root may do this; \"shm4j status\" shows who that is"
                                : FILTERED;
                    case "shmat EACCES", "shmctl EACCES" ->
                        failure.getMessage().contains("The block's permissions")
                                ? "the block's permissions do not let this user use it so; its"
                                        + " owner, also if that is this user, can change them with \"shm4j permissions\", and \"shm4j status\" shows what everybody"
                                        + " may know"
                                : FILTERED;
                    case "shmat ENOMEM" ->
                        "the address space of this process has no room for the block, or the process has as many"
                                + " mappings as it may; raise the limit on the address space (ulimit -v), if there is one,"
                                + " or vm.max_map_count";
                    case "madvise ENOMEM", "madvise EFAULT" ->
                        "the system cannot back the whole block with memory; free"
                                + " some, or ask for a smaller block";
                    // The kernel was not asked.
                    case "shmctl " ->
                        "this user namespace does not map the block's owner (/proc/self/uid_map, gid_map), so setting the"
                                + " permissions would change the owner: do it from outside, or give --owner too";
                    default -> null;
                };
        return advice == null ? null : with(advice, failure);
    }

    /** {@return a message that no block has the id} */
    private static String gone(ShmException failure) {
        return "no block has this id, or not any more; \"shm4j list\" shows those that there are, and containers have blocks"
                + " of their own"
                + (failure.getMessage().contains("kernel.shm_rmid_forced")
                        ? "; kernel.shm_rmid_forced is set here, which removes a block when the last process detaches from it"
                        : "");
    }

    /** {@return the message of a creation that failed, with advice that names options} */
    public static String creating(ShmException failure, boolean hugePages) {
        String advice =
                switch (failure.errnoName()) {
                    case "ENOSPC" ->
                        "there are as many blocks, or there is as much memory in them, as the system allows; \"shm4j limits\""
                                + " shows how many, and \"shm4j list --orphans\" those that nobody may need any more";
                    case "EINVAL" ->
                        (hugePages ? "the system has no huge pages of this size (see /sys/kernel/mm/hugepages), or"
                                : "")
                                + (hugePages ? " the size" : "the size")
                                + " is more than a block may have, which \"shm4j limits\" shows as SHMMAX; ask for less, or"
                                + " raise kernel.shmmax";
                    case "ENOMEM" ->
                        hugePages
                                ? "there are not enough free huge pages of this size; raise vm.nr_hugepages, or do without"
                                        + " --huge-pages"
                                : "there is not enough memory for a block of this size; ask for less, or say --no-reserve if"
                                        + " most of it will stay unused";
                    case "EPERM" ->
                        hugePages
                                ? "this user may not use huge pages; that takes the capability CAP_IPC_LOCK, or the group"
                                        + " whose number is vm.hugetlb_shm_group"
                                : FILTERED;
                    default -> null;
                };
        return advice == null ? Failure.message(failure) : with(advice, failure);
    }

    /** {@return a message followed by the call and the errno} */
    public static String with(String message, ShmException failure) {
        return message + " (" + failure.call()
                + (failure.errno() == 0 ? "" : ": " + failure.errnoName() + ", " + failure.errno()) + ")";
    }
}
