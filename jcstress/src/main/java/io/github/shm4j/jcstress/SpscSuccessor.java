package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The successor of a producer that was killed before it stored its position, through one mapping or two. */
@JCStressTest
@Description("A fourth message is written behind three, while all is read and cleared; the arbiter reads what is left")
@Outcome(id = "3, 1", expect = ACCEPTABLE, desc = "read before the successor")
@Outcome(id = "4, 0", expect = ACCEPTABLE, desc = "read with the message of the successor")
@Outcome(expect = FORBIDDEN, desc = "torn, lost, doubled or out of order, or begun at a wrong place")
@State
public class SpscSuccessor {

    private final Rings rings = new Rings(RingKind.SPSC);
    private final SpscRingBuffer successor = rings.spsc();
    private final Rings.Reader consumer = new Rings.Reader(rings.another(successor));

    public SpscSuccessor() {
        try (SpscProducer killed = rings.spsc().producer()) {
            killed.beginBatch();
            Rings.write(killed, 1);
            Rings.write(killed, 2);
            Rings.write(killed, 3);
        }
        rings.forgetPosition();
    }

    @Actor
    public void write() {
        Rings.write(successor.producer(), 4);
    }

    @Actor
    public void read(II_Result result) {
        result.r1 = consumer.readFrom(1);
    }

    @Arbiter
    public void readRest(II_Result result) {
        result.r2 = consumer.readFrom(1 + result.r1);
    }
}
