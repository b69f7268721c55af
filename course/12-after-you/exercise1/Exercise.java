import java.util.List;

class Exercise {

    /** Returns the ids of the blocks that this user has left: nobody uses them any more, and nobody will miss them. */
    static List<Integer> orphans(List<Judge.Block> blocks, long uid) {
        return blocks.stream()
                // TODO Which are they? ProcessHandle.of(pid) is empty if there is no such process.
                .filter(block -> true)
                // END TODO
                .map(Judge.Block::id)
                .toList();
    }
}
