package io.github.shm4j.internal;

/**
 * Stands in the tests for the library's class of this name, which waits for half a second until a process that runs has finished
 * what it began before it could see that it was robbed. Here whoever takes a role over knows when that is so, to the access.
 */
public final class TakeOver {

    /** What a thread that takes a role over waits for. */
    public static final ThreadLocal<Runnable> NOTICE = new ThreadLocal<>();

    private TakeOver() {}

    /** Initializes this class now. */
    public static void prepare() {}

    /** Waits until the thread that is robbed has finished its call. */
    public static void awaitNotice() {
        NOTICE.get().run();
    }
}
