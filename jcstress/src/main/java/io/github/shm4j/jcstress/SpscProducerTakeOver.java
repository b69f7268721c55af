package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.RingRoleLostException;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A producer of a ring for one producer takes the role from another one that writes. */
@JCStressTest
@Description("Three messages are written, while another producer takes the role over and writes one; the arbiter reads all")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "robbed before the first message")
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "robbed behind one message")
@Outcome(id = "2, 3", expect = ACCEPTABLE, desc = "robbed behind two messages")
@Outcome(id = "3, 4", expect = ACCEPTABLE, desc = "robbed behind all messages")
@Outcome(expect = FORBIDDEN, desc = "both have written the same message, or one that was told as written is not there")
@State
public class SpscProducerTakeOver {

    private static final int OF_TAKER = 9;

    private final Robbery robbery = new Robbery();
    private final SpscProducer robbed;
    private final SpscRingBuffer other;

    public SpscProducerTakeOver() {
        robbed = SpscRingBuffer.create(robbery.memory, Robbery.CAPACITY).producer();
        robbery.enterOtherNamespace();
        other = SpscRingBuffer.open(robbery.memory);
    }

    @Actor
    public void write(II_Result result) {
        for (int i = 1; i <= 3; i++) {
            robbery.begin();
            try {
                Rings.write(robbed, i);
                result.r1 = i;
            } catch (RingRoleLostException lost) {
                return;
            } finally {
                robbery.end();
            }
        }
    }

    @Actor
    public void takeOver() {
        Rings.write(robbery.take(other::takeOverProducer), OF_TAKER);
    }

    @Arbiter
    public void read(II_Result result) {
        Rings.Reader reader = new Rings.Reader(other);
        int last = 0;
        for (int read = reader.read(); read != 0; read = reader.read()) {
            boolean next = read == last + 1 || read == OF_TAKER && last == result.r1;
            result.r2 = next && result.r2 >= 0 ? result.r2 + 1 : -1;
            last = read;
        }
    }
}
