package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A way to pass messages.
 *
 * @param name what it is called in the results
 * @param program the command that runs one end, without its arguments
 * @param kind how that program is told what lies between the ends
 * @param ring what lies between the ends; the program in C makes its own of a block that is all zeros
 * @param kinds what it is measured for
 */
record Competitor(String name, List<String> program, String kind, Optional<Ring> ring, Set<Kind> kinds) {

    /** What the libraries need of the JDK's internals; all JVMs get the same options. */
    static final List<String> OPTIONS = List.of(
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--sun-misc-unsafe-memory-access=allow",
            // Agrona and Aeron
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            // Chronicle Queue
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");

    /** What the rings in C are called. */
    static final String C = "C";

    private static final String C_VECTORS = "C, vectors only";
    private static final String C_CLEARING = "C, clearing";
    private static final String C_BATCHES = "C, batches of 256";

    private static final int BATCHES_IN_RING = 4;

    /** {@return all that can be measured here} */
    static List<Competitor> all(Peers peers) {
        List<Competitor> all = new ArrayList<>();
        for (Ring ring : Ring.values()) {
            all.add(of(ring));
        }
        c(peers, C, "message", Kind.FLOW, Kind.COPIED_OUT, Kind.SMALLER_RING, Kind.ROUND_TRIPS, Kind.CAPACITIES,
                Kind.WAKE_UPS).ifPresent(all::add);
        c(peers, C_VECTORS, "message", Kind.FLOW)
                .map(c -> new Competitor(c.name(), Peers.vectors(c.program()), c.kind(), c.ring(), c.kinds()))
                .ifPresent(all::add);
        c(peers, C_CLEARING, "clear", Kind.FLOW).ifPresent(all::add);
        c(peers, C_BATCHES, "batch", Kind.FLOW).ifPresent(all::add);
        return all;
    }

    /** {@return the names of all, in the same order} */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Ring ring : Ring.values()) {
            names.add(ring.label());
        }
        names.addAll(List.of(C, C_VECTORS, C_CLEARING, C_BATCHES));
        return names;
    }

    static Competitor of(Ring ring) {
        return new Competitor(ring.label(), Program.measured(RingProcess.class, OPTIONS), ring.name(),
                Optional.of(ring),
                ring.kinds());
    }

    private static Optional<Competitor> c(Peers peers, String name, String kind, Kind... kinds) {
        return peers.c("ring").map(program -> new Competitor(name, program, kind, Optional.empty(), Set.of(kinds)));
    }

    /** {@return the same, in a JVM with the collector G1} */
    Competitor withG1() {
        return new Competitor(name, Program.withG1(program), kind, ring, kinds);
    }

    /** {@return whether it can be measured with messages of a size: a batch must not fill the ring} */
    boolean fits(int size, long capacity) {
        return !name.contains("batches") || (long) BATCHES_IN_RING * Ring.BATCH * size <= capacity;
    }
}
