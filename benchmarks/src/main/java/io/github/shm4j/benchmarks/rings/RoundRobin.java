package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whose turn it is, of all who are measured in a round with messages of one size.
 *
 * <p>They take turns in their order. Who was not measured with the cores near each other has another turn after the others.
 * The cores stay far from each other for some seconds, and that is enough for a few measurements: so when they have been found
 * far, those come first whom everybody is compared with, unless they have been measured like that already.
 *
 * @param <T> who is measured
 */
final class RoundRobin<T> {

    private final List<Turn<T>> all;
    private final List<Turn<T>> compared;
    private final int attempts;
    private final RepeatBudget repeats;
    private Distance last = Distance.NEAR;

    /**
     * Makes the turns of a round and size.
     *
     * @param all who is measured, in order
     * @param compared those of them whom the others are compared with, the most important one first
     * @param attempts how often one is measured at most
     * @param repeats how many measurements of the whole run may be made again
     */
    RoundRobin(List<T> all, List<T> compared, int attempts, RepeatBudget repeats) {
        this.all = all.stream().map(Turn::new).toList();
        this.compared = compared.stream()
                .flatMap(who -> this.all.stream().filter(turn -> turn.who.equals(who)))
                .toList();
        this.attempts = attempts;
        this.repeats = repeats;
    }

    /** How one has been measured so far. */
    private static final class Turn<T> {

        private final T who;
        private final Set<Distance> distances = EnumSet.noneOf(Distance.class);
        private int count;

        Turn(T who) {
            this.who = who;
        }

        boolean lacks(Distance distance) {
            return !distances.contains(distance);
        }
    }

    /** {@return who is measured next, or nothing if all have been} Whoever it is has to be {@linkplain #measured measured}. */
    Optional<T> next() {
        return chosen().map(turn -> {
            if (turn.count == 0) {
                repeats.countFirst();
            } else if (turn.lacks(Distance.NEAR)) {
                repeats.countAgain();
            } else {
                repeats.countFar();
            }
            turn.count++;
            return turn.who;
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

    /** Says how far apart the cores were when somebody was measured. */
    void measured(T who, Distance distance) {
        all.stream().filter(turn -> turn.who.equals(who)).forEach(turn -> turn.distances.add(distance));
        last = distance;
    }
}
