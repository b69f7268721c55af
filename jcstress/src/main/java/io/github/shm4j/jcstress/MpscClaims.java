package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** One producer commits a claim, another one aborts. */
public abstract class MpscClaims {

    private final Rings rings = new Rings(RingKind.MPSC);
    private final RingBuffer first = rings.ring();
    private final RingBuffer second = rings.another(first);

    final Rings.Reader consumer = new Rings.Reader(rings.another(first));

    MpscClaims() {}

    void commit() {
        try (Claim claim = new Claim()) {
            if (rings.producer(first).tryClaim(1, 24, claim)) {
                claim.segment().copyFrom(Rings.message(1));
                claim.commit();
            }
        }
    }

    void abort() {
        try (Claim claim = new Claim()) {
            if (rings.producer(second).tryClaim(2, 24, claim)) {
                claim.segment().copyFrom(Rings.message(2));
            }
        }
    }

    // jcstress finds what a test declares itself, and not what it inherits.

    /** The consumer reads afterwards. */
    @JCStressTest
    @Description("A claim is committed and one is aborted, in any order; the arbiter reads")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "the committed one was delivered")
    @Outcome(expect = FORBIDDEN, desc = "torn, lost or doubled, or the aborted one was delivered")
    @State
    public static class ReadAfterwards extends MpscClaims {

        @Actor
        @Override
        public void commit() {
            super.commit();
        }

        @Actor
        @Override
        public void abort() {
            super.abort();
        }

        @Arbiter
        public void read(III_Result result) {
            result.r1 = consumer.read();
            result.r2 = consumer.read();
            result.r3 = consumer.read();
        }
    }

    /** The consumer reads meanwhile. */
    @JCStressTest
    @Description("A claim is committed and one is aborted while one message is read; the arbiter reads what is left")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE,
            desc = "read before the commit, or while the aborted claim was in the way")
    @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "read after the commit")
    @Outcome(expect = FORBIDDEN, desc = "torn, lost or doubled, or the aborted one was delivered")
    @State
    public static class ReadMeanwhile extends MpscClaims {

        @Actor
        @Override
        public void commit() {
            super.commit();
        }

        @Actor
        @Override
        public void abort() {
            super.abort();
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
}
