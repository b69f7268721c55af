package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The producer overwrites what the reader is about to read, through one mapping or two. */
@JCStressTest
@Description("A reader reads two messages, which the producer overwrites meanwhile; the arbiter reads the rest")
@Outcome(id = "[1-9]\\d*, [1-9]\\d*, 13", expect = ACCEPTABLE, desc = "whole messages, each accounted for")
@Outcome(expect = FORBIDDEN, desc = "torn, doubled, or lost without notice")
@State
public class BroadcastReads {

    private final Broadcasts broadcast = new Broadcasts(7);

    public BroadcastReads() {
        broadcast.begin(true);
        if (broadcast.read(1) != 1) {
            throw new AssertionError("the first message");
        }
    }

    @Actor
    public void write() {
        broadcast.write(6);
    }

    @Actor
    public void read(III_Result result) {
        result.r1 = broadcast.read(1);
        result.r2 = broadcast.read(1);
    }

    @Arbiter
    public void readRest(III_Result result) {
        result.r3 = broadcast.read(100);
    }
}
