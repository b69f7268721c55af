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
import org.openjdk.jcstress.infra.results.IIII_Result;

/** Two producers and the consumer. They share an object, a mapping or only the memory. */
@JCStressTest
@Description("Two producers write one message each while one is read; the arbiter reads what is left")
@Outcome(id = "0, 1, 2, 0", expect = ACCEPTABLE, desc = "read before anything was written, first was first")
@Outcome(id = "0, 2, 1, 0", expect = ACCEPTABLE, desc = "read before anything was written, second was first")
@Outcome(id = "1, 2, 0, 0", expect = ACCEPTABLE, desc = "read the first one's")
@Outcome(id = "2, 1, 0, 0", expect = ACCEPTABLE, desc = "read the second one's")
@Outcome(expect = FORBIDDEN, desc = "torn, lost or doubled")
@State
public class MpscTwoWritersAndRead {

    private final Rings rings = new Rings(RingKind.MPSC);
    private final RingBuffer first = rings.ring();
    private final RingBuffer second = rings.another(first);
    private final Rings.Reader consumer = new Rings.Reader(rings.another(first));

    @Actor
    public void writeFirst() {
        Rings.write(rings.producer(first), 1);
    }

    @Actor
    public void writeSecond() {
        Rings.write(rings.producer(second), 2);
    }

    @Actor
    public void read(IIII_Result result) {
        result.r1 = consumer.read();
    }

    @Arbiter
    public void readRest(IIII_Result result) {
        result.r2 = consumer.read();
        result.r3 = consumer.read();
        result.r4 = consumer.read();
    }
}
