package io.github.shm4j.internal;

import java.io.File;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The processes there are at one moment, to judge thousands of them as {@link ProcessIdentity#mayBeAlive} does.
 *
 * <p>Where {@code /proc} shows every process, the list of its directories is enough to find those that are gone, and no
 * native function is linked. Elsewhere the kernel is asked about each. No process is looked at twice.
 */
public final class ProcessTable {

    /** The numbers in use, or {@code null} if {@code /proc} does not show all of them. */
    private final Set<Long> numbers;

    private final Map<Long, Boolean> answers = new HashMap<>();

    private ProcessTable(Set<Long> numbers) {
        this.numbers = numbers;
    }

    /** {@return the processes there are now} */
    public static ProcessTable read() {
        String[] entries = new File("/proc").list();
        if (entries == null || !ProcessIdentity.showsAll()) {
            return new ProcessTable(null);
        }
        Set<Long> numbers = HashSet.newHashSet(entries.length);
        for (String entry : entries) {
            if (entry.charAt(0) >= '1' && entry.charAt(0) <= '9') {
                numbers.add(Long.parseLong(entry));
            }
        }
        return new ProcessTable(numbers);
    }

    /**
     * {@return what {@link ProcessIdentity#mayBeAlive} says}
     *
     * @param pid the number of a process that was started before this was read, or 0
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
        if (numbers == null) {
            return ProcessIdentity.mayBeAlive(pid);
        }
        return numbers.contains(pid) && !ProcessIdentity.isZombie(pid);
    }
}
