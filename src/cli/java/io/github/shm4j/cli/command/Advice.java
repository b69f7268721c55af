package io.github.shm4j.cli.command;

import io.github.shm4j.ShmException;

/**
 * Says what to do about a refused call in the words of this program, where the library's own advice names what only those can
 * use who write programs with it.
 */
public final class Advice {

    private Advice() {}

    /** {@return what is wrong and what to do, or {@code null} if the library's message says it to anybody} */
    static String of(ShmException failure) {
        String advice =
                switch (failure.call() + " " + failure.errnoName()) {
                    case "shmat EACCES", "shmctl EACCES" ->
                        "the block's permissions do not let this user use it so; its"
                                + " owner, also if that is this user, can change them with \"shm4j permissions\", and \"shm4j status\" shows what everybody"
                                + " may know";
                    case "shmat ENOMEM" ->
                        "the address space of this process has no room for the block, or the process has as many"
                                + " mappings as it may; raise the limit on the address space (ulimit -v), if there is one,"
                                + " or vm.max_map_count";
                    case "madvise ENOMEM", "madvise EFAULT" ->
                        "the system cannot back the whole block with memory; free"
                                + " some, or ask for a smaller block";
                    // The kernel was not asked.
                    case "shmctl " ->
                        "the block's owner has no number in this user namespace (/proc/self/uid_map, gid_map),"
                                + " so that its permissions cannot be set without changing the owner: do it from outside, or"
                                + " give --owner too";
                    default -> null;
                };
        return advice == null ? null : with(advice, failure);
    }

    /** {@return that a block could not be created, in words that fit the options} */
    public static String creating(ShmException failure, boolean hugePages) {
        return !hugePages && failure.errnoName().equals("ENOMEM")
                ? with("there is not enough memory for a block of this size; ask for less, or say --no-reserve if most of it"
                        + " will stay unused", failure)
                : Failure.message(failure);
    }

    /** {@return a message that also names the call and the error, for those who look them up} */
    public static String with(String message, ShmException failure) {
        return message + " (" + failure.call()
                + (failure.errno() == 0 ? "" : ": " + failure.errnoName() + ", " + failure.errno()) + ")";
    }
}
