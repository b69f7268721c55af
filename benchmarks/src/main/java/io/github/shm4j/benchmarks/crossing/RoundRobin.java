package io.github.shm4j.benchmarks.crossing;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which competitor is measured next, in a round with messages of one size.
 *
 * <p>The competitors take turns in their order. A competitor that was not measured with the cores near each other has another
 * turn after the others. Cores that move far from each other stay there for some seconds, long enough for a few measurements.
 * Then the competitors that all are compared with come first, unless they have been measured with the cores far already.
 *
 * @param <T> a competitor
 */
public final class RoundRobin<T> {

    private final List<Turn<T>> all;
    private final List<Turn<T>> compared;
    private final int attempts;
    private final RepeatBudget repeats;
    private Distance last = Distance.NEAR;

    /**
     * Makes the turns of a round and size.
     *
     * @param all the competitors, in order
     * @param compared those of them that the others are compared with, the most important one first
     * @param attempts how often a competitor is measured at most
     * @param repeats how many measurements of the whole run may be made again
     */
    public RoundRobin(List<T> all, List<T> compared, int attempts, RepeatBudget repeats) {
        this.all = all.stream().map(Turn::new).toList();
        this.compared = compared.stream()
                .flatMap(competitor -> this.all.stream().filter(turn -> turn.competitor.equals(competitor)))
                .toList();
        this.attempts = attempts;
        this.repeats = repeats;
    }

    /** How a competitor has been measured so far. */
    private static final class Turn<T> {

        private final T competitor;
        private final Set<Distance> distances = EnumSet.noneOf(Distance.class);
        private int count;

        Turn(T competitor) {
            this.competitor = competitor;
        }

        boolean lacks(Distance distance) {
            return !distances.contains(distance);
        }
    }

    /** {@return the competitor to measure next, or nothing if all have been} The caller reports it by {@link #measured}. */
    public Optional<T> next() {
        return chosen().map(turn -> {
            if (turn.count == 0) {
                repeats.countFirst();
            } else if (turn.lacks(Distance.NEAR)) {
                repeats.countAgain();
            } else {
                repeats.countFar();
            }
            turn.count++;
            return turn.competitor;
        });
    }

    private Optional<Turn<T>> chosen() {
        if (last == Distance.FAR) {
            Optional<Turn<T>> far = compared.stream()
                    .filter(turn -> turn.lacks(Distance.FAR) && (mayBeNear(turn) || mayBeFar(turn)))
                    .findFirst();
            if (far.isPresent()) {
                return far;
            }
        }
        Optional<Turn<T>> fewest = Optional.empty();
        for (Turn<T> turn : all) {
            if (mayBeNear(turn) && (fewest.isEmpty() || turn.count < fewest.get().count)) {
                fewest = Optional.of(turn);
            }
        }
        return fewest;
    }

    private boolean mayBeNear(Turn<T> turn) {
        return turn.count == 0 || turn.lacks(Distance.NEAR) && turn.count < attempts && repeats.again();
    }

    private boolean mayBeFar(Turn<T> turn) {
        return turn.count < attempts && repeats.far();
    }

    /** Notes how far apart the cores were when a competitor was measured. */
    public void measured(T competitor, Distance distance) {
        all.stream().filter(turn -> turn.competitor.equals(competitor)).forEach(turn -> turn.distances.add(distance));
        last = distance;
    }
}
