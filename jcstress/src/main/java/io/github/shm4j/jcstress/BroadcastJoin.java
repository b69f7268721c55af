package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A reader begins with the next message while the producer writes, so that marks are overwritten that it looks at. */
@JCStressTest
@Description("A reader begins and reads one message while others are written; the arbiter reads the rest")
@Outcome(id = "\\d+, 19", expect = ACCEPTABLE, desc = "whole messages, each accounted for")
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "it has begun behind the last one")
@Outcome(expect = FORBIDDEN, desc = "torn, doubled, or lost without notice")
@State
public class BroadcastJoin {

    private final Broadcasts broadcast = new Broadcasts(9);

    @Actor
    public void write() {
        broadcast.write(10);
    }

    @Actor
    public void read(II_Result result) {
        broadcast.begin(false);
        result.r1 = broadcast.read(1);
    }

    @Arbiter
    public void readRest(II_Result result) {
        result.r2 = broadcast.read(100);
    }
}
