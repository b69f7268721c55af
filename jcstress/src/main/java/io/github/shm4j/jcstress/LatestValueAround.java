package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** The writer goes around all buffers while the newest record is read: the reader copies from a buffer that is written. */
@JCStressTest
@Description("Six records are written into four buffers while one is read")
@Outcome(id = {"2", "3", "4", "5", "6", "7", "8"}, expect = ACCEPTABLE, desc = "a whole record")
@Outcome(expect = FORBIDDEN, desc = "a torn one, or one from before")
@State
public class LatestValueAround {

    private final LatestValues values = new LatestValues(2);

    @Actor
    public void write() {
        for (int version = 3; version <= 8; version++) {
            values.write(version);
        }
    }

    @Actor
    public void read(I_Result result) {
        result.r1 = values.read();
    }
}
