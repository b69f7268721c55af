package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two producers that share an object, a mapping or only the memory. */
@JCStressTest
@Description("Two producers write one message each; the arbiter reads both")
@Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "the first one was first")
@Outcome(id = "2, 1, 0", expect = ACCEPTABLE, desc = "the second one was first")
@Outcome(expect = FORBIDDEN, desc = "torn, lost or doubled")
@State
public class MpscTwoWriters {

    private final Rings rings = new Rings(RingKind.MPSC);
    private final RingBuffer first = rings.ring();
    private final RingBuffer second = rings.another(first);
    private final Rings.Reader consumer = new Rings.Reader(rings.ring());

    @Actor
    public void writeFirst() {
        Rings.write(rings.producer(first), 1);
    }

    @Actor
    public void writeSecond() {
        Rings.write(rings.producer(second), 2);
    }

    @Arbiter
    public void read(III_Result result) {
        result.r1 = consumer.read();
        result.r2 = consumer.read();
        result.r3 = consumer.read();
    }
}
