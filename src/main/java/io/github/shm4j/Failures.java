package io.github.shm4j;

import io.github.shm4j.internal.Credentials;
import io.github.shm4j.internal.Errno;
import io.github.shm4j.internal.KernelSettings;
import io.github.shm4j.internal.sysv.SysVShm;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Turns the {@code errno} of a failed call into the exception that says what happened and what to do.
 *
 * <p>The same number means different things to different calls ({@code EINVAL} is a bad size to {@code shmget} and a
 * removed block to {@code shmat}), so there is one method for each call.
 */
final class Failures {

    /** What to say of an error that only a filter or a security module sets. */
    private static final String FILTERED =
            "The kernel itself does not refuse this. A filter of system calls (seccomp) of a container runtime or a service"
                    + " manager does, or a security module: allow System V shared memory there";

    private static final String MISSING =
            "The kernel was built without System V IPC (CONFIG_SYSVIPC), or a sandbox such as"
                    + " gVisor or a filter of system calls (seccomp) does not offer it";

    private Failures() {}

    static ShmException ftok(Path file, int projectId, int errno) {
        String call = "ftok(\"" + file + "\", " + projectId + ")";
        String advice =
                switch (Errno.of(errno)) {
                    case ENOENT -> "The file does not exist: create it first, or name one that does";
                    case ENOTDIR -> "A part of the path is not a directory";
                    case ENAMETOOLONG -> "The path or one of its names is too long: link the file to a shorter one";
                    case ELOOP -> "The path has a cycle of symbolic links";
                    case EACCES -> "A directory of the path may not be searched by this user";
                    default -> "The file's status cannot be read";
                };
        String message = message(call, errno, advice);
        return Errno.of(errno) == Errno.EACCES
                ? new ShmAccessDeniedException("ftok", errno, Errno.nameOf(errno), message)
                : new ShmException("ftok", errno, Errno.nameOf(errno), message);
    }

    static ShmException create(ShmKey key, long size, int flags, int errno) {
        String call = "shmget(" + key + ", " + size + ", " + createFlags(flags) + ")";
        switch (Errno.of(errno)) {
            case EEXIST:
                return new ShmAlreadyExistsException("shmget", errno, Errno.nameOf(errno),
                        message(call, errno, inTheWay(key)));
            case ENOSPC:
                return limit("shmget", call, errno, "The system allows no more blocks or no more memory for them ("
                        + limits() + "): remove blocks that nobody uses, or raise kernel.shmmni or kernel.shmall");
            case ENOMEM:
                return limit("shmget", call, errno, (flags & SysVShm.SHM_HUGETLB()) != 0
                        ? "There are not enough free huge pages of this size: raise /proc/sys/vm/nr_hugepages"
                        : "There is not enough memory for a block of this size: ask for less, or create it with"
                                + " CreateOption.NO_RESERVE if most of it will stay unused");
            case EINVAL:
                if ((flags & SysVShm.SHM_HUGETLB()) != 0 && size > 0) {
                    return new ShmException("shmget", errno, Errno.nameOf(errno), message(call, errno,
                            "The system has no huge pages of this size (see /sys/kernel/mm/hugepages), or the block's"
                                    + " size is above SHMMAX (" + limits() + ")"));
                }
                if (size > 0) {
                    return limit("shmget", call, errno, "The size is above SHMMAX (" + limits()
                            + "): ask for less, or raise kernel.shmmax");
                }
                return new ShmException("shmget", errno, Errno.nameOf(errno), message(call, errno,
                        "The size must be at least 1 byte"));
            case EPERM:
                return new ShmNotPermittedException("shmget", errno, Errno.nameOf(errno), message(call, errno,
                        (flags & SysVShm.SHM_HUGETLB()) != 0
                                ? "Huge pages need the capability CAP_IPC_LOCK or membership of the group in"
                                        + " /proc/sys/vm/hugetlb_shm_group"
                                : FILTERED));
            default:
                return other("shmget", call, errno, "The block was not created");
        }
    }

    static ShmException open(ShmKey key, long minimumSize, int errno) {
        String call = "shmget(" + key + ", " + minimumSize + ", 0)";
        switch (Errno.of(errno)) {
            case ENOENT:
                return new ShmNotFoundException("shmget", errno, Errno.nameOf(errno), message(call, errno,
                        "No block in this IPC namespace has the key (containers have a namespace of their own): create it"
                                + " first, or check the key, which changes when the file given to ftok is made anew"
                                + rmidForced()));
            case EINVAL:
                ShmStatus small = find(status -> status.key().equals(key));
                return tooSmall(key, minimumSize, small == null ? -1 : small.size());
            case EACCES:
                return new ShmAccessDeniedException("shmget", errno, Errno.nameOf(errno), message(call, errno,
                        "The block's permissions do not allow this user to open it"
                                + whoseBits(find(status -> status.key().equals(key)), "")));
            default:
                return other("shmget", call, errno, "The block was not opened");
        }
    }

    /** @param size the size of the block, or -1 if it is not known */
    static ShmException tooSmall(ShmKey key, long minimumSize, long size) {
        int errno = Errno.EINVAL.number();
        return new ShmException("shmget", errno, Errno.nameOf(errno), message(
                "shmget(" + key + ", " + minimumSize + ", 0)",
                errno,
                "The block " + (size < 0 ? "is smaller than " : "has " + size + " bytes, fewer than ") + minimumSize
                        + ": open it with its own size, or remove it and create it anew"));
    }

    static ShmException attach(int id, AttachMode mode, int errno) {
        String call = "shmat(" + id + ", NULL, " + (mode == AttachMode.READ_ONLY ? "SHM_RDONLY" : "0") + ")";
        switch (Errno.of(errno)) {
            case EINVAL:
            case EIDRM:
                return removed("shmat", call, errno);
            case EACCES:
                return new ShmAccessDeniedException("shmat", errno, Errno.nameOf(errno), message(call, errno,
                        "The block's permissions do not allow this user to "
                                + (mode == AttachMode.READ_ONLY ? "read it" : "read and write it")
                                + whoseBits(
                                        find(status -> status.id() == id),
                                        mode == AttachMode.READ_ONLY ? "" : "attach it read-only, or ")));
            case ENOMEM:
                return limit("shmat", call, errno, "The address space of this process has no room for the block, or the"
                        + " process has as many mappings as it may: close arenas of blocks no longer needed, or raise the"
                        + " limit on the address space (ulimit -v) or vm.max_map_count");
            case ENFILE:
            case EMFILE:
                return limit("shmat", call, errno,
                        "Too many files are open: close some, or raise the limit (ulimit -n or"
                                + " fs.file-max)");
            default:
                return other("shmat", call, errno, "The block was not attached");
        }
    }

    static ShmException detach(int id, long address, int errno) {
        String call = "shmdt(0x" + Long.toHexString(address) + ")";
        return other("shmdt", call, errno, "Block " + id
                + " is no longer attached there: something else in this process"
                + " has unmapped it");
    }

    static ShmException touch(int id, boolean readOnly, int errno) {
        String call = "madvise(block " + id + ", MADV_POPULATE_" + (readOnly ? "READ)" : "WRITE)");
        if (Errno.of(errno) != Errno.ENOMEM && Errno.of(errno) != Errno.EFAULT) {
            return other("madvise", call, errno, "The block was not attached");
        }
        return limit("madvise", call, errno, "The system cannot back the whole block with memory: free some, ask for a"
                + " smaller block, or create it without CreateOption.NO_RESERVE so that creation says so");
    }

    static ShmException control(int id, String command, int errno) {
        String call = "shmctl(" + id + ", " + command + ")";
        switch (Errno.of(errno)) {
            case EINVAL:
                if (command.equals("IPC_SET") && find(status -> status.id() == id) != null) {
                    return other("shmctl", call, errno,
                            "The owner's user or group id has no meaning in this user namespace: choose one that"
                                    + " /proc/self/uid_map and gid_map contain");
                }
                return removed("shmctl", call, errno);
            case EIDRM:
                return removed("shmctl", call, errno);
            case EACCES:
                return new ShmAccessDeniedException("shmctl", errno, Errno.nameOf(errno), message(call, errno,
                        "The block's permissions do not allow this user to read it, nor then its status, which"
                                + " SharedMemory.list() shows of everybody's blocks"
                                + whoseBits(find(status -> status.id() == id), "")));
            case EPERM:
                if (command.equals("IPC_STAT")) {
                    return new ShmNotPermittedException("shmctl", errno, Errno.nameOf(errno),
                            message(call, errno, FILTERED));
                }
                return new ShmNotPermittedException("shmctl", errno, Errno.nameOf(errno), message(call, errno,
                        "Only the block's owner, its creator or a privileged process may do this"
                                + (command.equals("SHM_LOCK")
                                        ? ", and only if the limit on locked memory is not 0 (ulimit -l)"
                                        : "")));
            case ENOMEM:
                return limit("shmctl", call, errno, "The limit on locked memory is reached: raise it (ulimit -l)");
            case EOVERFLOW:
                return other("shmctl", call, errno, "A value does not fit the structure");
            default:
                return other("shmctl", call, errno, "The call had no effect");
        }
    }

    /**
     * Of the list of all blocks, which the kernel was asked for one by one, as its own list could not be read.
     *
     * <p>Nothing is looked up in the list here: that would fail in the same way.
     */
    static ShmException list(int index, int errno) {
        String call = "shmctl(" + index + ", SHM_STAT_ANY)";
        String advice =
                "The blocks cannot be listed, neither in this way nor from /proc/sysvipc/shm, which cannot be read";
        return other("shmctl", call, errno, Errno.of(errno) == Errno.EINVAL
                ? advice + ": mount /proc, or use a kernel from 4.17 on, which knows the call"
                : advice);
    }

    static ShmException system(String command, int errno) {
        return other("shmctl", "shmctl(0, " + command + ")", errno, "The system's figures cannot be read");
    }

    private static ShmException removed(String function, String call, int errno) {
        return new ShmNotFoundException(function, errno, Errno.nameOf(errno), message(call, errno,
                "No block in this IPC namespace has the id, or not any more: it has been removed, and a new one gets a new"
                        + " id" + rmidForced()));
    }

    private static ShmException limit(String function, String call, int errno, String advice) {
        return new ShmLimitException(function, errno, Errno.nameOf(errno), message(call, errno, advice));
    }

    private static ShmException other(String function, String call, int errno, String advice) {
        return switch (Errno.of(errno)) {
            case ENOSYS ->
                new ShmException(function, errno, Errno.nameOf(errno), message(call, errno, advice + ". " + MISSING));
            case EPERM ->
                new ShmNotPermittedException(function, errno, Errno.nameOf(errno), message(call, errno, advice + ". "
                        + FILTERED));
            case EACCES ->
                new ShmAccessDeniedException(function, errno, Errno.nameOf(errno), message(call, errno, advice + ". "
                        + FILTERED));
            default -> new ShmException(function, errno, Errno.nameOf(errno), message(call, errno, advice));
        };
    }

    static ShmException unmappedOwner(int id) {
        return new ShmException("shmctl", 0, "", "shmctl(" + id
                + ", IPC_SET): not called. This user namespace does not map the owner's user or group"
                + " (/proc/self/uid_map, gid_map), and setting the permissions would replace it: set them from the owner's"
                + " namespace, or give the block an owner with setOwner first.");
    }

    /** {@return the block that matches, or {@code null} if there is none or the list cannot be read} */
    private static ShmStatus find(Predicate<ShmStatus> which) {
        try {
            for (ShmStatus status : SharedMemory.list()) {
                if (which.test(status)) {
                    return status;
                }
            }
        } catch (ShmException unreadable) {
            // The advice then lacks the details.
        }
        return null;
    }

    /**
     * {@return what to do about permission bits that refuse}
     *
     * @param otherwise what a user who does not own the block can do, besides asking the owner
     */
    private static String whoseBits(ShmStatus block, String otherwise) {
        if (block != null
                && (block.ownerUid() == Credentials.effectiveUid()
                        || block.creatorUid() == Credentials.effectiveUid())) {
            return ". The block is this user's own, and it is its permissions (" + block.permissions()
                    + ") that refuse:"
                    + " set others, with SharedMemory.setPermissions or the command shm4j permissions";
        }
        return ": " + otherwise + "ask its owner for the permission";
    }

    private static String rmidForced() {
        return KernelSettings.isRmidForced()
                ? ". kernel.shm_rmid_forced is set here: the kernel removes a block when the last process detaches from it, or"
                        + " when its creator terminates before anybody has attached"
                : "";
    }

    private static String inTheWay(ShmKey key) {
        ShmStatus status = find(each -> each.key().equals(key));
        String block = status == null ? "A block" : "Block " + status.id() + " of " + status.size()
                + " bytes, owned by user " + status.ownerUid()
                + (status.creatorPid() == 0 ? "" : " and created by process " + status.creatorPid()) + ",";
        return block
                + " has the key already: open it if you trust its owner, choose another key, or, if nobody needs it"
                + " any more, remove it (ipcrm -M " + key + ")";
    }

    private static String limits() {
        try {
            ShmLimits limits = ShmLimits.current();
            ShmUsage usage = ShmUsage.current();
            return "SHMMNI: " + usage.blocks() + " of " + limits.maxBlocks() + " blocks; SHMALL: " + usage.totalPages()
                    + " of " + limits.maxPages() + " pages; SHMMAX: " + limits.maxSize() + " bytes";
        } catch (ShmException unreadable) {
            return "see /proc/sys/kernel/shmmni, shmall and shmmax";
        }
    }

    private static String createFlags(int flags) {
        StringBuilder text = new StringBuilder("IPC_CREAT|IPC_EXCL");
        if ((flags & SysVShm.SHM_HUGETLB()) != 0) {
            text.append("|SHM_HUGETLB");
            int log2 = flags >>> SysVShm.HUGETLB_FLAG_ENCODE_SHIFT();
            if (log2 != 0) {
                text.append('|').append(log2).append("<<SHM_HUGE_SHIFT");
            }
        }
        if ((flags & SysVShm.SHM_NORESERVE()) != 0) {
            text.append("|SHM_NORESERVE");
        }
        return text.append('|').append(ShmPermissions.ofWorldWritable(flags & 0777)).toString();
    }

    private static String message(String call, int errno, String advice) {
        return call + ": " + Errno.describe(errno) + ". " + advice + ".";
    }
}
