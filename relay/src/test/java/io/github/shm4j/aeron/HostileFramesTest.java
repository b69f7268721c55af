package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.aeron.World.Frame;
import io.github.shm4j.aeron.World.Weather;
import io.github.shm4j.ring.RingKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sends both sides frames that were overwritten. What comes out is a message or a {@link RelayException}, and nothing else. */
class HostileFramesTest {

    private static final int MUTATIONS = Integer.getInteger("shm4j.fuzz.mutations", 20_000);
    private static final long SEED = Long.getLong("shm4j.fuzz.seed", System.nanoTime());

    private final Random random = new Random(SEED);
    private int refused;
    private int survived;

    @Test
    void shouldRefuseWhatIsNoFrame() {
        World world = null;
        for (int i = 0; i < MUTATIONS; i++) {
            try {
                if (world == null) {
                    world = new World(random.nextLong(), random.nextBoolean() ? RingKind.SPSC : RingKind.MPSC, 512, 512,
                            Weather.FINE);
                    world.takesNewSources = true;
                }
                disturb(world);
                world = survived > 40 ? renew() : world;
                survived++;
            } catch (RelayException asItShould) {
                refused++;
                world = renew();
            } catch (Throwable failure) {
                throw new AssertionError("shm4j.fuzz.seed=" + SEED + ", mutation " + i, failure);
            }
        }
        assertTrue(refused > MUTATIONS / 1000, "refused " + refused);
    }

    private World renew() {
        survived = 0;
        return null;
    }

    private void disturb(World world) {
        world.now += 50_000_000;
        world.write(2, Long.MAX_VALUE);
        world.pollSender();
        mutate(world.toReceiver);
        world.pollReceiver();
        mutate(world.toSender);
        // Whatever it is: the ring itself is in order.
        world.consumer.read((type, memory, offset, length) -> {
            assertTrue(type > 0 && length >= 0 && length <= 64, type + ", " + length);
        }, 10);
    }

    private void mutate(List<Frame> wire) {
        if (wire.isEmpty()) {
            return;
        }
        int which = random.nextInt(wire.size());
        Frame frame = wire.get(which);
        MemorySegment bytes = MemorySegment.ofArray(frame.bytes().clone());
        int length = frame.length();
        switch (random.nextInt(4)) {
            case 0 -> length = random.nextInt(length + 1);
            case 1 -> bytes.set(ValueLayout.JAVA_BYTE, random.nextInt(length), (byte) random.nextInt());
            case 2 -> bytes.set(ValueLayout.JAVA_INT, 4L * random.nextInt(length / 4), number());
            default -> bytes.set(ValueLayout.JAVA_LONG, 8L * random.nextInt(length / 8), longNumber());
        }
        Frame mutated = new Frame(frame.session(), bytes.toArray(ValueLayout.JAVA_LONG), length);
        if (random.nextBoolean()) {
            wire.set(which, mutated);
        } else {
            wire.add(mutated);
        }
    }

    private int number() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(100) - 10;
            case 1 -> Integer.MAX_VALUE - random.nextInt(20);
            case 2 -> Integer.MIN_VALUE + random.nextInt(20);
            default -> random.nextInt();
        };
    }

    private long longNumber() {
        return switch (random.nextInt(4)) {
            case 0 -> 8L * (random.nextInt(200) - 10);
            case 1 -> Long.MAX_VALUE - random.nextInt(20);
            case 2 -> Long.MIN_VALUE + random.nextInt(20);
            default -> random.nextLong();
        };
    }
}
