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

/** A producer that publishes a batch in two parts, and the consumer, through one mapping or two. */
@JCStressTest
@Description("Two messages are published together, then a third one, while all is read; the arbiter reads what is left")
@Outcome(id = "0, 3", expect = ACCEPTABLE, desc = "read before anything was published")
@Outcome(id = "2, 1", expect = ACCEPTABLE, desc = "read the first two")
@Outcome(id = "3, 0", expect = ACCEPTABLE, desc = "read all")
@Outcome(expect = FORBIDDEN, desc = "torn, lost, doubled or out of order, or a part of what was published together")
@State
public class SpscBatch {

    private final Rings rings = new Rings(RingKind.SPSC);
    private final SpscRingBuffer producing = rings.spsc();
    private final Rings.Reader consumer = new Rings.Reader(rings.another(producing));

    @Actor
    public void write() {
        SpscProducer producer = producing.producer();
        try (SpscProducer.Batch batch = producer.beginBatch()) {
            Rings.write(producer, 1);
            Rings.write(producer, 2);
            batch.publish();
            Rings.write(producer, 3);
        }
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
