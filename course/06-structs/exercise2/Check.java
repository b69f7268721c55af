import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/*
 * Hint 1: IPC_STAT copies the struct to you. What you change in it is your copy, until IPC_SET copies it back.
 * Hint 2: Calls.shmctl(id, Calls.IPC_SET, status). The owner is taken from it, too, so leave the rest as IPC_STAT wrote it.
 */
class Check {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0640);
        if (Judge.Block.withId(id).orElseThrow().uid() == 0) {
            giveAway(id); // So that an owner who is forgotten shows, even if you are root.
        }
        long owner = Judge.Block.withId(id).orElseThrow().uid();
        Exercise.setMode(id, 0600);
        Judge.Block block = Judge.Block.withId(id).orElseThrow();
        Judge.that(!block.permissions().endsWith("640"),
                "the block's permissions are still 640: you have changed your copy of the struct only");
        Judge.that(block.permissions().endsWith("600"), "the block's permissions are " + block.permissions());
        Judge.that(block.uid() == owner, "the owner was " + owner + " and is " + block.uid()
                + " now: IPC_SET takes the owner, too, so ask for it first");
        Exercise.setMode(id, 0604);
        block = Judge.Block.withId(id).orElseThrow();
        Judge.that(block.permissions().endsWith("604"), "asked for 604, they are " + block.permissions());
        Judge.passed("the permissions are changed, and nothing else is");
    }

    static void giveAway(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(Calls.STATUS_SIZE, 8);
            Calls.shmctl(id, Calls.IPC_STAT, status);
            status.set(ValueLayout.JAVA_INT, 4, 12_345);
            Calls.shmctl(id, Calls.IPC_SET, status);
        } catch (IllegalStateException nobodyElse) {
            // Such a root has a user namespace of its own, in which there may be no other user.
        }
    }
}
