package io.github.shm4j.support;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * How tests wait: for as long as something happens, however busy the machine is.
 *
 * <p>A timeout would not do: on a machine with enough other work, a good test takes ten times as long as elsewhere. Patience
 * watches processes with all their descendants instead. It ends in two cases, both counted from the last
 * {@linkplain #renew() sign of life}:
 *
 * <ul>
 *   <li>The test hangs: the processes have been idle for {@value #IDLE_SECONDS} seconds. None of their threads had a
 *       processor, wanted one, or waited for a disk.
 *   <li>The test loops: the processes have used {@value #BUSY_SECONDS} seconds of processor time.
 * </ul>
 *
 * <p>The property {@code shm4j.test.patience} multiplies both.
 *
 * <p>A process that hangs may still poll now and then, so a little processor time is no sign of life: each second of it
 * makes up for {@value #WORTH} idle ones.
 *
 * <p>A loop that waits looks like this:
 *
 * <pre>{@code
 * Patience patience = Patience.with(child);
 * while (!isDone()) {
 *     patience.pause(() -> "not done: " + state());
 * }
 * }</pre>
 *
 * <p>For the usual cases there are methods: {@link #await(String, Callable)}, {@link #await(CountDownLatch, String)},
 * {@link #join}, {@link #get}. Processes that {@link Child} starts are waited for in this way, and tests with
 * {@link Patient} are watched in this way.
 *
 * <p>An instance belongs to the thread that waits.
 */
public final class Patience {

    private static final int IDLE_SECONDS = 60;
    private static final int BUSY_SECONDS = 600;
    private static final int WORTH = 5;

    /**
     * How many times as patient to be on an emulated machine. Its kernel takes for processor time also the time in which the
     * emulator itself waits for a processor.
     */
    static final int FACTOR = Integer.getInteger("shm4j.test.patience", 1);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long MAX_PAUSE_MILLIS = 20;

    private final Supplier<? extends Collection<Long>> processes;
    private final long idleMillis;
    private final long busyMillis;
    private final Activity activity = new Activity();
    private Object last;
    private long idleNanos;
    private long usedBefore;
    private long looked = System.nanoTime();
    private long pauseMillis = 1;

    private Patience(Supplier<? extends Collection<Long>> processes) {
        this(processes, TimeUnit.SECONDS.toMillis(FACTOR * IDLE_SECONDS),
                TimeUnit.SECONDS.toMillis(FACTOR * BUSY_SECONDS));
    }

    Patience(Supplier<? extends Collection<Long>> processes, long idleMillis, long busyMillis) {
        this.processes = processes;
        this.idleMillis = idleMillis;
        this.busyMillis = busyMillis;
    }

    /** Watches this process and all that it has started. */
    public static Patience withAll() {
        List<Long> self = List.of(ProcessHandle.current().pid());
        return new Patience(() -> self);
    }

    /** Watches a process, and the others that the calling thread has started and that still run. */
    public static Patience with(Child.Running child) {
        return new Patience(child::family);
    }

    /** Watches processes that this one may not have started. */
    public static Patience with(Long... pids) {
        List<Long> processes = List.of(pids);
        return new Patience(() -> processes);
    }

    /** Starts anew, after a sign of life. */
    public void renew() {
        idleNanos = 0;
        usedBefore = activity.usedMillis();
    }

    /** Starts anew if a value, such as a count of results, is not the one of the last call. */
    public void renewIfChanged(Object value) {
        if (!Objects.equals(value, last)) {
            last = value;
            renew();
        }
    }

    /** Pauses for some milliseconds, or fails if patience is at its end. */
    public void pause(Supplier<String> otherwise) {
        try {
            Thread.sleep(pauseMillis);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(otherwise.get(), interrupted);
        }
        pauseMillis = Math.min(pauseMillis + 1, MAX_PAUSE_MILLIS);
        check(otherwise);
    }

    /** Fails if patience is at its end; for loops that must not pause. */
    public void check(Supplier<String> otherwise) {
        String end = end();
        if (end != null) {
            throw new AssertionError(otherwise.get() + " (" + end + ")");
        }
    }

    /** Says why patience is at its end; {@code null} if it is not. */
    String end() {
        long now = System.nanoTime();
        if (now - looked < LOOK_NANOS) {
            return null;
        }
        // If the last look is longer ago, this process itself could not run.
        long since = Math.min(now - looked, 2 * LOOK_NANOS);
        looked = now;
        long used = activity.usedMillis();
        boolean active = activity.look(processes.get());
        long worth = WORTH * TimeUnit.MILLISECONDS.toNanos(activity.usedMillis() - used);
        idleNanos = Math.max(0, idleNanos + (active ? 0 : since) - worth);
        if (idleNanos > TimeUnit.MILLISECONDS.toNanos(idleMillis)) {
            return "idle for " + idleMillis + " ms";
        }
        return activity.usedMillis() - usedBefore > busyMillis
                ? "busy for " + busyMillis + " ms of processor time"
                : null;
    }

    /** Waits until something that this process or its children do has come true. */
    public static void await(String what, Callable<Boolean> condition) throws Exception {
        Patience patience = withAll();
        while (!condition.call()) {
            patience.pause(() -> "waited in vain until " + what);
        }
    }

    /** Waits until a latch is open. */
    public static void await(CountDownLatch latch, String what) throws InterruptedException {
        Patience patience = withAll();
        while (!latch.await(LOOK_NANOS, TimeUnit.NANOSECONDS)) {
            patience.check(() -> "waited in vain until " + what);
        }
    }

    /** Waits until a thread has terminated. */
    public static void join(Thread thread) throws InterruptedException {
        Patience patience = withAll();
        while (!thread.join(Duration.ofNanos(LOOK_NANOS))) {
            patience.check(() -> thread + " hangs:\n" + stack(thread));
        }
    }

    /** Waits for a result. */
    public static <T> T get(Future<T> future) throws InterruptedException, ExecutionException {
        Patience patience = withAll();
        return get(future, () -> patience.check(() -> "there is no result"));
    }

    static <T> T get(Future<T> future, Runnable check) throws InterruptedException, ExecutionException {
        while (true) {
            try {
                return future.get(LOOK_NANOS, TimeUnit.NANOSECONDS);
            } catch (TimeoutException notYet) {
                check.run();
            }
        }
    }

    static String stack(Thread thread) {
        StringBuilder text = new StringBuilder();
        for (StackTraceElement element : thread.getStackTrace()) {
            text.append("\tat ").append(element).append('\n');
        }
        return text.toString();
    }
}
