package io.github.shm4j.support;

import java.lang.ref.WeakReference;

/** What the garbage collector does, in tests of what depends on it. */
public final class Garbage {

    private Garbage() {}

    /** Returns once objects that nobody can reach have been collected. */
    public static void collect() {
        WeakReference<Object> unreachable = new WeakReference<>(new Object());
        Patience patience = Patience.withAll();
        while (unreachable.get() != null) {
            System.gc();
            patience.check(() -> "nothing is collected");
        }
    }
}
