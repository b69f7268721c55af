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

/** The writer makes two records while the newest is read twice, through one mapping or two. */
@JCStressTest
@Description("Two records are written while two are read; the arbiter reads the last one")
@Outcome(id = {"0, 0, 2", "0, 1, 2", "0, 2, 2", "1, 1, 2", "1, 2, 2", "2, 2, 2"}, expect = ACCEPTABLE,
        desc = "whole records, in order")
@Outcome(expect = FORBIDDEN, desc = "torn, or older than before")
@State
public class LatestValueReads {

    private final LatestValues values = new LatestValues(0);

    @Actor
    public void write() {
        values.write(1);
        values.write(2);
    }

    @Actor
    public void read(III_Result result) {
        result.r1 = values.read();
        result.r2 = values.read();
    }

    @Arbiter
    public void readLast(III_Result result) {
        result.r3 = values.read();
    }
}
