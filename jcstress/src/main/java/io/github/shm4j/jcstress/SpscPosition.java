package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A producer, and an observer that looks at its position and then at the records, through one mapping or two. */
@JCStressTest
@Description("Two messages are written; the position is looked at, and then which messages are complete")
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "neither")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "one header without its position, or after it")
@Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "two headers without their positions, or after them")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the first one")
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "the first one and the header of the second, or after it")
@Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "both")
@Outcome(expect = FORBIDDEN, desc = "torn, or the position was ahead of a header, or one more was seen than there is")
@State
public class SpscPosition {

    private final Rings rings = new Rings(RingKind.SPSC);
    private final RingBuffer producing = rings.ring();
    private final RingBuffer observer = rings.another(producing);

    @Actor
    public void write() {
        RingProducer producer = producing.producer();
        Rings.write(producer, 1);
        Rings.write(producer, 2);
    }

    @Actor
    public void look(II_Result result) {
        result.r1 = (int) observer.producerPosition() / 32;
        result.r2 = rings.countMessages();
    }
}
