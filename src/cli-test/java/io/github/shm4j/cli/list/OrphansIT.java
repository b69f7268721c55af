package io.github.shm4j.cli.list;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.cli.Cli;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Surroundings;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code list} and {@code remove} take for orphans, wherever they run. */
class OrphansIT {

    @ParameterizedTest
    @EnumSource
    void shouldLeaveABlockAloneWhoseCreatorLives(Surroundings surroundings) {
        assertEquals("orphan: left: ID", listAndRemove(surroundings, false));
    }

    @ParameterizedTest
    @EnumSource
    void shouldRemoveTheBlockOfACreatorThatWasKilled(Surroundings surroundings) {
        assertEquals("orphan: ID left:", listAndRemove(surroundings, true));
    }

    private static String listAndRemove(Surroundings surroundings, boolean killed) {
        Peers.perl();
        surroundings.require();
        Child script = Child.command("sh", "-c", """
                shm4j() {
                    %s "$@"
                }
                orphans=$(shm4j list --orphans --noheadings --output id) || exit 8
                shm4j remove --orphans --yes >/dev/null || exit 8
                echo "orphan:" $orphans "left:" $(shm4j list --noheadings --output id) "id:" $1
                """.formatted(quoted(Cli.words())), "sh");
        String[] words = surroundings.beside(script, Surroundings.CREATOR, killed).run().ok().split(" id: ");
        return words[0].replaceAll("id:" + words[1] + "\\b", "ID");
    }

    private static String quoted(List<String> words) {
        return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }
}
