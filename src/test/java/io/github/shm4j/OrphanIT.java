package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Report;
import io.github.shm4j.support.Surroundings;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which blocks are orphans, wherever the question is asked. */
class OrphanIT {

    @ParameterizedTest
    @EnumSource
    void shouldCallNoBlockAnOrphanWhoseCreatorLives(Surroundings surroundings) {
        assertEquals(List.of("one: false", "of a list: false"), judge(surroundings, Child::readableByAll, false));
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindTheBlockOfACreatorThatWasKilled(Surroundings surroundings) {
        assertEquals(List.of("one: true", "of a list: true"), judge(surroundings, Child::readableByAll, true));
    }

    @ParameterizedTest
    @EnumSource(names = {"USUAL", "HIDEPID_1", "HIDEPID_2"})
    void shouldJudgeTheBlocksOfOtherUsersInTheSameWay(Surroundings surroundings) {
        Peers.requireOtherUser();
        assertEquals(
                List.of("one: false", "of a list: false"),
                judge(surroundings, Child::asNobody, false));
        assertEquals(
                List.of("one: true", "of a list: true"),
                judge(surroundings, Child::asNobody, true));
    }

    private static List<String> judge(Surroundings surroundings, UnaryOperator<Child> user, boolean killed) {
        Peers.perl();
        surroundings.require();
        return user.apply(surroundings.beside(Child.java(Judge.class), Surroundings.CREATOR, killed))
                .run()
                .ok()
                .lines()
                .toList();
    }

    /** Says of one block whether it is an orphan. */
    static class Judge {
        public static void main(String... arguments) throws Exception {
            int id = Integer.parseInt(arguments[0]);
            List<ShmStatus> blocks = SharedMemory.list();
            ShmCreators creators = ShmCreators.of(blocks);
            ShmStatus block = blocks.stream().filter(each -> each.id() == id).findFirst().orElseThrow();
            Report.tell("one", block.isOrphaned());
            Report.tell("of a list", creators.isOrphaned(block));
        }
    }
}
