import java.lang.foreign.MemorySegment;

/*
 * Hint 1: What is the address of the segment, if shmat fails? Print it.
 * Hint 2: Compare mapped.address() with -1, and call name(errno) for the message.
 */
class Check {

    public static void main(String[] arguments) throws Throwable {
        try {
            MemorySegment mapped = Exercise.attach(-1);
            Judge.notYet("shmat failed, and attach returned the address 0x%x: failure is (void *) -1, not NULL"
                    .formatted(mapped.address()));
        } catch (IllegalStateException failure) {
            Judge.that("shmat(-1): EINVAL (22)".equals(failure.getMessage()),
                    "the message is \"" + failure.getMessage() + "\", and should be \"shmat(-1): EINVAL (22)\"");
        }
        int vast;
        try {
            vast = Calls.shmget(Calls.IPC_PRIVATE, 1L << 60, Calls.SHM_NORESERVE | 0600);
        } catch (IllegalStateException notHere) {
            // Blocks have to be smaller on this machine.
            vast = -1;
        }
        if (vast != -1) {
            String because = "shmat(" + vast + "): ENOMEM (12)";
            try {
                Exercise.attach(vast);
                Judge.notYet("attach returned something for a block that is larger than any address space");
            } catch (IllegalStateException failure) {
                Judge.that(because.equals(failure.getMessage()), "the message is \"" + failure.getMessage()
                        + "\", and should be \"" + because + "\": errno says each time why it failed");
            } finally {
                Calls.remove(vast);
            }
        }
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        Judge.that(Exercise.attach(id).address() != 0, "a block that is there cannot be attached");
        Judge.that(Judge.Block.withId(id).orElseThrow().attached() == 1, "the kernel knows of no attachment");
        Judge.passed("failure has a name, and success is none");
    }
}
