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
import org.openjdk.jcstress.infra.results.J_Result;

/** Two threads that wait for each other. */
@JCStressTest
@Description("Two threads add to a plain counter, each while it holds the lock, through two mappings")
@Outcome(id = "11", expect = ACCEPTABLE, desc = "both")
@Outcome(expect = FORBIDDEN, desc = "one was lost")
@State
public class LockCounter {

    private final Locks locks = new Locks();

    /** Waits for the lock, and adds to the counter. */
    private void add(SharedLock lock, long amount) {
        try (SharedLock.Held _ = lock.acquire()) {
            locks.add(amount);
        } catch (InterruptedException ended) {
            throw new IllegalStateException(ended);
        }
    }

    @Actor
    public void addOne() {
        add(locks.first, 1);
    }

    @Actor
    public void addTen() {
        add(locks.second, 10);
    }

    @Arbiter
    public void read(J_Result result) {
        result.r1 = locks.counter();
    }
}
