package io.github.shm4j.benchmarks.startup;

/** A program that prints a byte and has no shared memory: what the JVM itself needs. */
final class FirstByteOnly {

    private FirstByteOnly() {}

    public static void main(String[] arguments) {
        System.out.write('!');
        System.out.flush();
    }
}
