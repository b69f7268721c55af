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
import org.openjdk.jcstress.infra.results.III_Result;

/** The producer, or one of many, and the consumer. They share a mapping or only the memory, and that of many also an object. */
@Description("Two messages are written while one is read; the arbiter reads what is left")
@Outcome(id = "0, 1, 2", expect = ACCEPTABLE, desc = "read before anything was written")
@Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "read the first one")
@Outcome(expect = FORBIDDEN, desc = "torn, lost, doubled or out of order")
public abstract class WriteAndRead {

    private final Rings rings;
    private final RingBuffer producing;
    private final Rings.Reader consumer;

    WriteAndRead(RingKind kind) {
        rings = new Rings(kind);
        producing = rings.ring();
        consumer = new Rings.Reader(rings.another(producing));
    }

    void write() {
        RingProducer producer = rings.producer(producing);
        Rings.write(producer, 1);
        Rings.write(producer, 2);
    }

    void read(III_Result result) {
        result.r1 = consumer.read();
    }

    void readRest(III_Result result) {
        result.r2 = consumer.read();
        result.r3 = consumer.read();
    }

    // jcstress finds what a test declares itself, and not what it inherits.

    @JCStressTest
    @JCStressMeta(WriteAndRead.class)
    @State
    public static class Spsc extends WriteAndRead {

        public Spsc() {
            super(RingKind.SPSC);
        }

        @Actor
        @Override
        public void write() {
            super.write();
        }

        @Actor
        @Override
        public void read(III_Result result) {
            super.read(result);
        }

        @Arbiter
        @Override
        public void readRest(III_Result result) {
            super.readRest(result);
        }
    }

    @JCStressTest
    @JCStressMeta(WriteAndRead.class)
    @State
    public static class Mpsc extends WriteAndRead {

        public Mpsc() {
            super(RingKind.MPSC);
        }

        @Actor
        @Override
        public void write() {
            super.write();
        }

        @Actor
        @Override
        public void read(III_Result result) {
            super.read(result);
        }

        @Arbiter
        @Override
        public void readRest(III_Result result) {
            super.readRest(result);
        }
    }
}
