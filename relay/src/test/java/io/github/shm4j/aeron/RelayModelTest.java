package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.aeron.World.Weather;
import io.github.shm4j.ring.RingKind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills either side at each step, and runs both over a network that loses, doubles and reorders frames. */
class RelayModelTest {

    private static final long SEED = Long.getLong("shm4j.relay.seed", System.nanoTime());
    private static final int RUNS = Integer.getInteger("shm4j.relay.runs", 300);
    private static final int MESSAGES = 30;

    @ParameterizedTest
    @EnumSource
    void shouldCarryEachMessageOnceWhereverASideIsKilled(RingKind kind) {
        World undisturbed = world(1, kind, Weather.FINE);
        undisturbed.runUntil(MESSAGES);
        long steps = undisturbed.steps;
        assertTrue(steps > 200, "steps " + steps);
        for (long killed = 0; killed < steps; killed++) {
            World world = world(1, kind, Weather.FINE);
            world.killAt = killed;
            run(world, MESSAGES, "killed at step " + killed);
            assertEquals(1, world.kills, "killed at step " + killed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryEachMessageOnceInAnyWeather(RingKind kind) {
        for (int i = 0; i < RUNS; i++) {
            long seed = SEED + i;
            World world = world(seed, kind, new Weather(world(seed).random.nextInt(150), 50, 80));
            String name = "shm4j.relay.seed=" + seed;
            for (long some = 20; some <= 100; some += 20) {
                world.killAt = world.random.nextInt(3) == 0 ? -1 : world.steps + world.random.nextInt(300);
                run(world, some, name);
                switch (world.random.nextInt(4)) {
                    case 0 -> world.closeReceiver();
                    case 1 -> world.closeSender();
                    default -> {
                    }
                }
            }
        }
    }

    private static World world(long seed) {
        return world(seed, RingKind.SPSC, Weather.FINE);
    }

    private static World world(long seed, RingKind kind, Weather weather) {
        return new World(seed, kind, 512, 512, weather);
    }

    private static void run(World world, long last, String name) {
        try {
            world.runUntil(last);
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError(name + ": " + failure, failure);
        }
    }
}
