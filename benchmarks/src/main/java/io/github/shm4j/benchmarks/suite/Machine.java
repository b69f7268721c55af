package io.github.shm4j.benchmarks.suite;

import io.github.shm4j.benchmarks.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * Where and how something was measured.
 *
 * @param date when it began, in UTC
 * @param commit the commit that was measured, with a mark if files had been changed since
 * @param plan the name of the plan
 * @param cpu the processor's model
 * @param cores how many of its cores the operating system shows
 * @param memory the memory in bytes
 * @param virtual the hypervisor, or "none"
 * @param kernel the kernel's release
 * @param libc the C library
 * @param jdk the JVM
 * @param compiler the C compiler
 * @param php PHP's version
 * @param disk the file system of the "disk" variants
 * @param tmpfs the file system of the "tmpfs" variants
 * @param clock the kernel's clock source
 * @param transparentHugePages the kernel's settings, for anonymous and for shared memory
 * @param hugePages how many huge pages the administrator has set aside
 * @param load the load average of the last minute when it began: what else ran on the machine
 * @param nice the priority of the run, 0 unless somebody changed it, -20 to keep others away
 * @param others the share of the processors' time, from 0 to 1, that other programs used while it was measured
 * @param stolen the share that the host gave to other machines
 * @param heapTouched whether the heap of measured JVMs had been touched before; not so in older results
 * @param missing what could not be measured, and why
 */
public record Machine(
        String date,
        String commit,
        String plan,
        String cpu,
        int cores,
        long memory,
        String virtual,
        String kernel,
        String libc,
        String jdk,
        String compiler,
        String php,
        String disk,
        String tmpfs,
        String clock,
        String transparentHugePages,
        String hugePages,
        String load,
        int nice,
        double others,
        double stolen,
        boolean heapTouched,
        Map<String, String> missing) {

    static Machine describe(Plan plan, Path home, Peers peers, boolean heapTouched)
            throws IOException, InterruptedException {
        String cpuinfo = Files.readString(Path.of("/proc/cpuinfo"));
        return new Machine(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                commit(home),
                plan.name(),
                field(cpuinfo, "model name"),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(field(Files.readString(Path.of("/proc/meminfo")), "MemTotal").replaceAll("\\D", ""))
                        * 1024,
                firstLine("systemd-detect-virt", "--vm"),
                firstLine("uname", "-r"),
                firstLine("getconf", "GNU_LIBC_VERSION"),
                System.getProperty("java.vendor.version") + ", " + System.getProperty("java.vm.name") + " "
                        + System.getProperty("java.runtime.version"),
                firstLine("cc", "--version"),
                firstLine("php", "--version"),
                Directories.fileSystem(Directories.DISK),
                Directories.fileSystem(Directories.TMPFS),
                contents("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
                contents("/sys/kernel/mm/transparent_hugepage/enabled") + ", shared memory "
                        + contents("/sys/kernel/mm/transparent_hugepage/shmem_enabled"),
                contents("/proc/sys/vm/nr_hugepages"),
                contents("/proc/loadavg").split(" ")[0],
                Disturbance.nice(),
                0,
                0,
                heapTouched,
                peers.missing());
    }

    /** The same, once it is known how much it was disturbed. */
    Machine disturbed(Disturbance.Shares shares) {
        return new Machine(
                date,
                commit,
                plan,
                cpu,
                cores,
                memory,
                virtual,
                kernel,
                libc,
                jdk,
                compiler,
                php,
                disk,
                tmpfs,
                clock,
                transparentHugePages,
                hugePages,
                load,
                nice,
                shares.others(),
                shares.stolen(),
                heapTouched,
                missing);
    }

    private static String commit(Path home) throws InterruptedException {
        String commit = firstLine("git", "-C", home.toString(), "rev-parse", "--short=12", "HEAD");
        // Results and documents are what a run changes; anything else makes it another program.
        String changed = firstLine(
                "git", "-C", home.toString(), "status", "--porcelain", "--", "..", ":!results", ":!../docs");
        return changed.equals("unknown") ? commit : commit + " and local changes";
    }

    private static String firstLine(String... command) throws InterruptedException {
        try {
            return Program.run(command[0], List.of(command)).lines().findFirst().orElse("unknown");
        } catch (IOException | IllegalStateException absent) {
            return "unknown";
        }
    }

    private static String contents(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException absent) {
            return "unknown";
        }
    }

    private static String field(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
