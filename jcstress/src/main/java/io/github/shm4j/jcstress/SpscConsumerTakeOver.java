package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingRoleLostException;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A consumer takes the role from another one that reads. */
@JCStressTest
@Description("Three messages are read one by one, while another consumer takes the role over and reads the rest")
@Outcome(id = "0, 1, 3", expect = ACCEPTABLE, desc = "robbed before the first message")
@Outcome(id = "1, 2, 3", expect = ACCEPTABLE, desc = "robbed behind one message")
@Outcome(id = "2, 3, 3", expect = ACCEPTABLE, desc = "robbed behind two messages")
@Outcome(id = "3, 0, 0", expect = ACCEPTABLE, desc = "robbed behind all messages")
@Outcome(id = "([1-3]), \\1, 3", expect = ACCEPTABLE, desc = "robbed while it handled one, which comes again")
@Outcome(expect = FORBIDDEN, desc = "a message came to none, an older one came again, or one was torn")
@State
public class SpscConsumerTakeOver {

    private final Robbery robbery = new Robbery();
    private final RingConsumer robbed;
    private final SpscRingBuffer other;

    public SpscConsumerTakeOver() {
        SpscRingBuffer ring = SpscRingBuffer.create(robbery.memory, Robbery.CAPACITY);
        try (SpscProducer producer = ring.producer()) {
            for (int i = 1; i <= 3; i++) {
                Rings.write(producer, i);
            }
        }
        robbed = ring.consumer();
        robbery.enterOtherNamespace();
        other = SpscRingBuffer.open(robbery.memory);
    }

    @Actor
    public void read(III_Result result) {
        for (int i = 1; i <= 3; i++) {
            robbery.begin();
            try {
                // What the handler got counts, also if the call says then that it was robbed.
                robbed.read((type, memory, offset, length) -> result.r1 = Rings.isMessage(type, memory, offset, length)
                        && type == result.r1 + 1 ? type : -9, 1);
            } catch (RingRoleLostException lost) {
                return;
            } finally {
                robbery.end();
            }
        }
    }

    @Actor
    public void takeOver(III_Result result) {
        robbery.take(other::takeOverConsumer).read((type, memory, offset, length) -> {
            boolean next = result.r2 == 0 || type == result.r3 + 1;
            result.r3 = Rings.isMessage(type, memory, offset, length) && next ? type : -9;
            result.r2 = result.r2 == 0 ? type : result.r2;
        }, 99);
    }
}
