package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** A producer that reuses the room which the consumer is about to free, and to clear in a ring for many producers. */
@Description("The ring is full; one message is read while another one is tried to be written in its place")
@Outcome(id = "false, 1, 2", expect = ACCEPTABLE, desc = "written before there was room")
@Outcome(id = "true, 1, 2", expect = ACCEPTABLE, desc = "written into the room of the one that was read")
@Outcome(expect = FORBIDDEN, desc = "torn, lost, overwritten before it was read, or cleared after it was written")
public abstract class FullRing {

    private final RingProducer producer;
    private final Rings.Reader consumer;

    FullRing(RingKind kind) {
        Rings rings = new Rings(kind);
        RingBuffer ring = rings.ring();
        producer = ring.producer();
        consumer = new Rings.Reader(rings.another(ring));
        for (int i = 1; i <= Rings.CAPACITY / 32; i++) {
            Rings.write(producer, i);
        }
    }

    void write(ZII_Result result) {
        result.r1 = producer.write(9, Rings.message(9));
    }

    void read(ZII_Result result) {
        result.r2 = consumer.read();
    }

    void readRest(ZII_Result result) {
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

    // jcstress finds what a test declares itself, and not what it inherits.

    @JCStressTest
    @JCStressMeta(FullRing.class)
    @State
    public static class Spsc extends FullRing {

        public Spsc() {
            super(RingKind.SPSC);
        }

        @Actor
        @Override
        public void write(ZII_Result result) {
            super.write(result);
        }

        @Actor
        @Override
        public void read(ZII_Result result) {
            super.read(result);
        }

        @Arbiter
        @Override
        public void readRest(ZII_Result result) {
            super.readRest(result);
        }
    }

    @JCStressTest
    @JCStressMeta(FullRing.class)
    @State
    public static class Mpsc extends FullRing {

        public Mpsc() {
            super(RingKind.MPSC);
        }

        @Actor
        @Override
        public void write(ZII_Result result) {
            super.write(result);
        }

        @Actor
        @Override
        public void read(ZII_Result result) {
            super.read(result);
        }

        @Arbiter
        @Override
        public void readRest(ZII_Result result) {
            super.readRest(result);
        }
    }
}
