package io.github.shm4j.benchmarks.startup;

import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import io.github.shm4j.benchmarks.suite.Question;
import io.github.shm4j.benchmarks.suite.Results;
import io.github.shm4j.benchmarks.suite.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How long does a new process need to its first byte?
 *
 * <p>Each program makes a block, attaches it, writes a byte, reads it back and prints it, and removes the block. Measured
 * is the time from before the process is started until the byte arrives here, and until the process has ended. The
 * programs are started in turns.
 */
public final class StartupQuestion implements Question {

    /** What the JVM makes when it is told to. */
    private static final List<String> CACHES = List.of("app.jsa", "app.aot", "app.aot.config");

    private final Path target;

    /**
     * @param target the directory that has the jars
     */
    public StartupQuestion(Path target) {
        this.target = target;
    }

    @Override
    public String name() {
        return "startup";
    }

    /** {@return no, as that takes a part of the time that is measured} */
    @Override
    public boolean touchesHeap() {
        return false;
    }

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        Path caches = Files.createTempDirectory("shm4j-benchmark");
        caches.toFile().deleteOnExit();
        CACHES.forEach(file -> caches.resolve(file).toFile().deleteOnExit());
        try {
            Map<String, List<String>> programs = programs(peers, caches);
            Map<String, List<Double>> firstBytes = new LinkedHashMap<>();
            Map<String, List<Double>> ends = new LinkedHashMap<>();
            for (int start = 0; start < plan.starts(); start++) {
                Log.say("startup: %d of %d", start + 1, plan.starts());
                for (Map.Entry<String, List<String>> program : programs.entrySet()) {
                    double[] millis = millis(program.getKey(), program.getValue());
                    firstBytes.computeIfAbsent(program.getKey(), unused -> new ArrayList<>()).add(millis[0]);
                    ends.computeIfAbsent(program.getKey(), unused -> new ArrayList<>()).add(millis[1]);
                }
            }
            List<Row> rows = new ArrayList<>();
            firstBytes.forEach((name, values) -> rows.add(new Row(name, "firstByte", 0, "ms", values)));
            ends.forEach((name, values) -> rows.add(new Row(name, "end", 0, "ms", values)));
            results.write("starts", rows);
        } finally {
            for (String file : CACHES) {
                Files.deleteIfExists(caches.resolve(file));
            }
            Files.delete(caches);
        }
    }

    private Map<String, List<String>> programs(Peers peers, Path caches) throws IOException, InterruptedException {
        Map<String, List<String>> programs = new LinkedHashMap<>();
        put(programs, "C", peers.c("firstbyte"));
        put(programs, "PHP shmop", peers.php("firstbyte"));
        String jar = target.resolve("firstbyte-program.jar").toString();
        programs.put("a JVM that only prints", Program.java("-cp", jar, FirstByteOnly.class.getName()));
        programs.put("shm4j", Program.java("-jar", jar));

        String jsa = caches.resolve("app.jsa").toString();
        Program.run("AppCDS", Program.java("-XX:ArchiveClassesAtExit=" + jsa, "-Xlog:cds=off", "-Xlog:cds+dynamic=off",
                "-jar", jar));
        programs.put("shm4j, AppCDS", Program.java("-XX:SharedArchiveFile=" + jsa, "-jar", jar));

        if (Runtime.version().feature() >= 25) {
            String aot = caches.resolve("app.aot").toString();
            Program.run("AOT cache", Program.java("-XX:AOTCacheOutput=" + aot, "-jar", jar));
            programs.put("shm4j, AOT cache", Program.java("-XX:AOTCache=" + aot, "-jar", jar));
        } else {
            peers.missing().put("AOT cache", "needs JDK 25");
        }
        return programs;
    }

    private static void put(Map<String, List<String>> programs, String name, Optional<List<String>> command) {
        command.ifPresent(present -> programs.put(name, present));
    }

    /** Returns the milliseconds to the first byte and to the end. */
    private static double[] millis(String name, List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (Program program = Program.start(name, command)) {
            int first = program.process().getInputStream().read();
            long arrived = System.nanoTime();
            int status = program.process().waitFor();
            long ended = System.nanoTime();
            if (first != '!' || status != 0) {
                throw program.failure("did not print its byte");
            }
            return new double[] {(arrived - start) / 1e6, (ended - start) / 1e6};
        }
    }
}
