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

/** A producer that reuses the room which the consumer is about to free. */
@JCStressTest
@Description("The ring is full; one message is read while another one is tried to be written in its place")
@Outcome(id = "false, 1, 2", expect = ACCEPTABLE, desc = "written before there was room")
@Outcome(id = "true, 1, 2", expect = ACCEPTABLE, desc = "written into the room of the one that was read")
@Outcome(expect = FORBIDDEN, desc = "torn, lost, or overwritten before it was read")
@State
public class FullRing {

    private final Rings rings = new Rings(RingKind.SPSC);
    private final RingBuffer ring = rings.ring();
    private final RingProducer producer = ring.producer();
    private final Rings.Reader consumer = new Rings.Reader(rings.another(ring));

    public FullRing() {
        for (int i = 1; i <= Rings.CAPACITY / 32; i++) {
            Rings.write(producer, i);
        }
    }

    @Actor
    public void write(ZII_Result result) {
        result.r1 = producer.write(9, Rings.message(9));
    }

    @Actor
    public void read(ZII_Result result) {
        result.r2 = consumer.read();
    }

    @Arbiter
    public void readRest(ZII_Result result) {
        result.r3 = consumer.read();
        for (int i = 3; i <= Rings.CAPACITY / 32; i++) {
            if (consumer.read() != i) {
                result.r3 = -2;
            }
        }
        if (consumer.read() != (result.r1 ? 9 : 0)) {
            result.r3 = -3;
        }
    }
}
