package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** One producer and the consumer, through one mapping or two. */
@JCStressTest
@Description("Two messages are written while one is read; the arbiter reads what is left")
@Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "read before anything was written")
@Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "read the first one")
@Outcome(expect = FORBIDDEN, desc = "torn, lost, doubled or out of order")
@State
public class WriteAndRead {

    private final Rings rings = new Rings(RingKind.SPSC);
    private final RingBuffer producing = rings.ring();
    private final Rings.Reader consumer = new Rings.Reader(rings.another(producing));

    @Actor
    public void write() {
        RingProducer producer = rings.producer(producing);
        Rings.write(producer, 1);
        Rings.write(producer, 2);
    }

    @Actor
    public void read(III_Result result) {
        result.r1 = consumer.read();
    }

    @Arbiter
    public void readRest(III_Result result) {
        result.r2 = consumer.read();
        result.r3 = consumer.read();
    }
}
