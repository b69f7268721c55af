package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.state.SharedLock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/** Two threads that do not wait. */
@JCStressTest
@Description("Two threads try to acquire the lock and read and change a plain counter; the arbiter reads it")
@Outcome(id = "0, 1, 11", expect = ACCEPTABLE, desc = "the first one was first")
@Outcome(id = "10, 0, 11", expect = ACCEPTABLE, desc = "the second one was first")
@Outcome(id = "0, -1, 1", expect = ACCEPTABLE, desc = "the first one alone")
@Outcome(id = "-1, 0, 10", expect = ACCEPTABLE, desc = "the second one alone")
@Outcome(expect = FORBIDDEN, desc = "both at once, or none")
@State
public class LockAttempts {

    private final Locks locks = new Locks();

    /** {@return what the counter was, or -1 if the lock was held} */
    private long attempt(SharedLock lock, long amount) {
        try (SharedLock.Held held = lock.tryAcquire()) {
            if (held == null) {
                return -1;
            }
            long before = locks.counter();
            locks.add(amount);
            return before;
        }
    }

    @Actor
    public void addOne(JJJ_Result result) {
        result.r1 = attempt(locks.first, 1);
    }

    @Actor
    public void addTen(JJJ_Result result) {
        result.r2 = attempt(locks.second, 10);
    }

    @Arbiter
    public void read(JJJ_Result result) {
        result.r3 = locks.counter();
    }
}
