package io.github.shm4j.benchmarks.suite;

/** One of the things that can be measured alone. */
public interface Question {

    /** {@return the name on the command line and in the results} */
    String name();

    /** {@return whether the JVMs that it measures touch their heaps before they start} */
    default boolean touchesHeap() {
        return true;
    }

    /** Measures it. */
    void measure(Plan plan, Peers peers, Results results) throws Exception;
}
