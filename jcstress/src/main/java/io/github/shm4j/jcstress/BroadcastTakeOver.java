package io.github.shm4j.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.shm4j.broadcast.BroadcastHandler;
import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastReader;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.broadcast.BroadcastRoleLostException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** A producer of a broadcast ring takes the role from another one that writes. */
@JCStressTest
@Description("Three messages are written, while another producer takes the role over and writes one; the arbiter reads all")
@Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "robbed before the first message")
@Outcome(id = "1, 2, 2", expect = ACCEPTABLE, desc = "robbed behind one message")
@Outcome(id = "2, 3, 3", expect = ACCEPTABLE, desc = "robbed behind two messages")
@Outcome(id = "3, 4, 4", expect = ACCEPTABLE, desc = "robbed behind all messages")
@Outcome(expect = FORBIDDEN, desc = "both have written the same message, or one that was told as written is not there")
@State
public class BroadcastTakeOver implements BroadcastHandler {

    private static final int LENGTH = 24;
    private static final int OF_TAKER = 9;

    private final Robbery robbery = new Robbery();
    private final BroadcastProducer robbed;
    private final BroadcastRing other;
    private final BroadcastReader reader;
    private int read;

    public BroadcastTakeOver() {
        robbed = BroadcastRing.create(robbery.memory, Robbery.CAPACITY).producer();
        robbery.enterOtherNamespace();
        other = BroadcastRing.open(robbery.memory);
        reader = other.readerFromOldest();
    }

    private static MemorySegment message(int content) {
        byte[] bytes = new byte[LENGTH];
        Arrays.fill(bytes, (byte) content);
        return MemorySegment.ofArray(bytes);
    }

    @Actor
    public void write(III_Result result) {
        for (int i = 1; i <= 3; i++) {
            robbery.begin();
            try {
                result.r1 = (int) robbed.write(i, message(i));
            } catch (BroadcastRoleLostException lost) {
                return;
            } finally {
                robbery.end();
            }
        }
    }

    @Actor
    public void takeOver(III_Result result) {
        result.r2 = (int) robbery.take(other::takeOverProducer).write(OF_TAKER, message(OF_TAKER));
    }

    @Override
    public void onMessage(int type, MemorySegment memory, long offset, int length) {
        boolean whole = length == LENGTH && (type == read + 1 || type == OF_TAKER && reader.backlog() == 0);
        for (int i = 0; i < length; i++) {
            whole &= memory.get(ValueLayout.JAVA_BYTE, offset + i) == type;
        }
        read = whole && read >= 0 ? read + 1 : -1;
    }

    @Arbiter
    public void read(III_Result result) {
        reader.read(this, 99);
        result.r3 = read;
    }
}
