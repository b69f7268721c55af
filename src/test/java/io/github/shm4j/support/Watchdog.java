package io.github.shm4j.support;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Interrupts tests that hang.
 *
 * <p>If a test ignores the interrupt, the watchdog halts the JVM, because the build would never end otherwise.
 */
final class Watchdog implements InvocationInterceptor {

    private static final Set<Watch> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Thread.ofPlatform().daemon().name("watchdog").start(Watchdog::watch);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        run(invocation, context);
    }

    private static void run(Invocation<Void> invocation, ExtensionContext context) throws Throwable {
        int busySeconds = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Patient.class)
                .orElseThrow()
                .busySeconds();
        Watch watch = new Watch(context.getUniqueId(), busySeconds);
        RUNNING.add(watch);
        try {
            invocation.proceed();
        } catch (Throwable failure) {
            watch.failIfInterrupted(failure);
            throw failure;
        } finally {
            RUNNING.remove(watch);
        }
        watch.failIfInterrupted(null);
    }

    private static void watch() {
        while (true) {
            try {
                TimeUnit.SECONDS.sleep(1);
            } catch (InterruptedException nobodyDoes) {
                return;
            }
            RUNNING.forEach(Watch::look);
        }
    }

    /** One test. */
    private static final class Watch {

        private final String test;
        private final long busyMillis;
        private final Thread thread = Thread.currentThread();
        private final String task = Activity.ownThread();
        private final long usedBefore = Activity.millisOfThread(task);
        private Patience patience = Patience.withAll();
        private long busyUntil;
        private String verdict;

        Watch(String test, int busySeconds) {
            this.test = test;
            busyMillis = TimeUnit.SECONDS.toMillis(Patience.FACTOR * busySeconds);
            busyUntil = usedBefore + busyMillis;
        }

        /** In the watchdog's thread. */
        synchronized void look() {
            long used = Activity.millisOfThread(task);
            String end = patience.end();
            if (used > busyUntil) {
                end = "busy for " + (used - usedBefore) / 1000 + " s of processor time";
            } else if (end != null && end.startsWith("busy")) {
                // Other threads may be busy. Each test has a watch of its own.
                patience.renew();
                return;
            }
            if (end == null) {
                return;
            }
            if (verdict != null) {
                System.err.println(test + " cannot be interrupted: " + verdict);
                Runtime.getRuntime().halt(1);
            }
            verdict = end + ":\n" + Patience.stack(thread);
            patience = Patience.withAll();
            busyUntil = used + busyMillis;
            thread.interrupt();
        }

        synchronized void failIfInterrupted(Throwable failure) {
            if (verdict != null) {
                Thread.interrupted();
                throw new AssertionError(verdict, failure);
            }
        }
    }
}
