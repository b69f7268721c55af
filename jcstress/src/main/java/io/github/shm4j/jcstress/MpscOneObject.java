package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.MpscRingBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Two producing threads and the consumer, which share one object. */
@JCStressTest
@Description("Two threads write one message each through the same object while one is read")
@Outcome(id = "0, 1, 2, 0", expect = ACCEPTABLE, desc = "read before anything was written, first was first")
@Outcome(id = "0, 2, 1, 0", expect = ACCEPTABLE, desc = "read before anything was written, second was first")
@Outcome(id = "1, 2, 0, 0", expect = ACCEPTABLE, desc = "read the first one's")
@Outcome(id = "2, 1, 0, 0", expect = ACCEPTABLE, desc = "read the second one's")
@Outcome(expect = FORBIDDEN, desc = "torn, lost or doubled")
@State
public class MpscOneObject {

    private final MpscRingBuffer ring = new Rings(true).mpsc();

    @Actor
    public void writeFirst() {
        Rings.write(ring, 1);
    }

    @Actor
    public void writeSecond() {
        Rings.write(ring, 2);
    }

    @Actor
    public void read(IIII_Result result) {
        result.r1 = Rings.read(ring);
    }

    @Arbiter
    public void readRest(IIII_Result result) {
        result.r2 = Rings.read(ring);
        result.r3 = Rings.read(ring);
        result.r4 = Rings.read(ring);
    }
}
