package io.github.shm4j.cli.command;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Finds the known words that somebody who typed an unknown one may have meant. */
public final class NearMisses {

    /** A word may have one mistake for so many letters, and one in any case. */
    private static final int LETTERS_PER_MISTAKE = 3;

    private NearMisses() {}

    /** {@return those of the known words that are nearest to a word, in their order; none if all are far} */
    public static List<String> of(String word, Collection<String> known) {
        List<String> nearest = new ArrayList<>();
        int least = Math.max(1, word.length() / LETTERS_PER_MISTAKE);
        for (String each : known) {
            // So many are missing or too much at the least, which is quick to see of a word of any length.
            int mistakes = Math.abs(word.length() - each.length());
            if (mistakes <= least || each.startsWith(word)) {
                mistakes = mistakes(word, each);
            }
            if (mistakes < least) {
                least = mistakes;
                nearest.clear();
            }
            if (mistakes == least) {
                nearest.add(each);
            }
        }
        return nearest;
    }

    /**
     * {@return how many letters are missing, too much, wrong, or exchanged with the next one} A word that was not typed to its
     * end counts as one mistake.
     */
    private static int mistakes(String word, String meant) {
        if (word.length() > 1 && meant.startsWith(word)) {
            return 1;
        }
        int[][] mistakes = new int[word.length() + 1][meant.length() + 1];
        for (int i = 0; i <= word.length(); i++) {
            for (int j = 0; j <= meant.length(); j++) {
                if (i == 0 || j == 0) {
                    mistakes[i][j] = i + j;
                    continue;
                }
                boolean same = word.charAt(i - 1) == meant.charAt(j - 1);
                int least = Math.min(mistakes[i - 1][j], mistakes[i][j - 1]) + 1;
                least = Math.min(least, mistakes[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && word.charAt(i - 1) == meant.charAt(j - 2)
                        && word.charAt(i - 2) == meant.charAt(j - 1)) {
                    least = Math.min(least, mistakes[i - 2][j - 2] + 1);
                }
                mistakes[i][j] = least;
            }
        }
        return mistakes[word.length()][meant.length()];
    }
}
