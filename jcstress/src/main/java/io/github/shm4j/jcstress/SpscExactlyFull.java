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
import org.openjdk.jcstress.infra.results.ZII_Result;

/** A producer that fills the ring to the last byte and goes on when it can, through one mapping or two. */
@JCStressTest
@Description("The ring is filled, and one more is tried, while all is read; the arbiter reads what is left")
@Outcome(id = "false, 7, 1", expect = ACCEPTABLE, desc = "read before the last one, tried before there was room")
@Outcome(id = "false, 8, 0", expect = ACCEPTABLE, desc = "read with the last one, tried before there was room")
@Outcome(id = "true, 7, 2", expect = ACCEPTABLE, desc = "read before the last one, which another one followed")
@Outcome(id = "true, 8, 1", expect = ACCEPTABLE, desc = "read with the last one, which another one followed")
@Outcome(id = "true, 9, 0", expect = ACCEPTABLE, desc = "read both")
@Outcome(expect = FORBIDDEN, desc = "torn, lost, doubled or out of order, or the first one was met again")
@State
public class SpscExactlyFull {

    private final Rings rings = new Rings(RingKind.SPSC);
    private final RingBuffer ring = rings.ring();
    private final RingProducer producer = ring.producer();
    private final Rings.Reader consumer = new Rings.Reader(rings.another(ring));

    public SpscExactlyFull() {
        for (int i = 1; i < Rings.CAPACITY / 32; i++) {
            Rings.write(producer, i);
        }
    }

    @Actor
    public void write(ZII_Result result) {
        Rings.write(producer, 8);
        result.r1 = producer.write(9, Rings.message(9));
    }

    @Actor
    public void read(ZII_Result result) {
        result.r2 = consumer.readFrom(1);
    }

    @Arbiter
    public void readRest(ZII_Result result) {
        result.r3 = consumer.readFrom(1 + result.r2);
    }
}
