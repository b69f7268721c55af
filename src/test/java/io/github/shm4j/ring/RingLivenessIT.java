package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Surroundings;
import java.lang.foreign.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who can follow a consumer, wherever the question is asked. */
class RingLivenessIT {

    @ParameterizedTest
    @EnumSource
    void shouldFollowAConsumerThatWasKilled(Surroundings surroundings) {
        assertEquals("consumer", follow(surroundings, true));
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTakeThePartOfAConsumerThatLives(Surroundings surroundings) {
        assertEquals("occupied", follow(surroundings, false));
    }

    private static String follow(Surroundings surroundings, boolean killed) {
        surroundings.require();
        return surroundings.beside(Child.java(Consumer.class), "\"$@\"", killed).run().ok();
    }

    /** Without arguments, creates a ring and is its consumer; with a key, tries to follow that one. */
    static final class Consumer {
        public static void main(String... arguments) throws Exception {
            ShmKey key = ShmKey.of(0x5214);
            if (arguments.length == 0) {
                RingBuffer ring = MpscRingBuffer.create(key, 1024, Arena.global());
                ring.consumer();
                System.out.println(key + " " + ProcessHandle.current().pid());
                Thread.sleep(Long.MAX_VALUE);
            }
            try {
                MpscRingBuffer.open(ShmKey.parse(arguments[0]), Arena.global()).consumer();
                System.out.println("consumer");
            } catch (RingOccupiedException refused) {
                System.out.println("occupied");
            }
        }
    }
}
