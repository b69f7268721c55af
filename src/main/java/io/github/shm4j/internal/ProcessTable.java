package io.github.shm4j.internal;

import java.io.File;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A snapshot of all processes, to answer {@link ProcessIdentity#mayBeAlive} for thousands of them.
 *
 * <p>Where {@code /proc} shows every process, a list of its directories answers for those that are gone, and no native
 * function is linked. Elsewhere each pid costs a system call. No process is looked at twice.
 */
public final class ProcessTable {

    /** The pids in use, or {@code null} if {@code /proc} does not show all of them. */
    private final Set<Long> pids;

    private final Map<Long, Boolean> answers = new HashMap<>();

    ProcessTable(Set<Long> pids) {
        this.pids = pids;
    }

    /** {@return a snapshot of now} */
    public static ProcessTable read() {
        String[] entries = new File("/proc").list();
        if (entries == null || !ProcessIdentity.showsAll()) {
            return new ProcessTable(null);
        }
        return new ProcessTable(pids(entries));
    }

    static Set<Long> pids(String... entries) {
        Set<Long> pids = HashSet.newHashSet(entries.length);
        for (String entry : entries) {
            if (entry.charAt(0) >= '1' && entry.charAt(0) <= '9') {
                pids.add(Long.parseLong(entry));
            }
        }
        return pids;
    }

    /**
     * {@return what {@link ProcessIdentity#mayBeAlive} says}
     *
     * @param pid the pid of a process that was started before this snapshot was taken, or 0
     */
    public boolean mayBeAlive(long pid) {
        if (pid <= 0) {
            return true;
        }
        Boolean known = answers.get(pid);
        if (known == null) {
            known = judge(pid);
            answers.put(pid, known);
        }
        return known;
    }

    private boolean judge(long pid) {
        if (pids == null) {
            return ProcessIdentity.mayBeAlive(pid);
        }
        return pids.contains(pid) && !ProcessIdentity.isZombie(pid);
    }
}
