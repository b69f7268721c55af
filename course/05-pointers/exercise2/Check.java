import java.lang.foreign.MemorySegment;

/*
 * Hint 1: A field has to remember that it is done.
 * Hint 2: AtomicBoolean.compareAndSet(false, true) is true for one caller only, even if two threads call at the same time.
 */
class Check {

    public static void main(String[] arguments) throws InterruptedException {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        Exercise detaching;
        do {
            MemorySegment first = Calls.shmat(id, MemorySegment.NULL, 0);
            detaching = new Exercise(first);
            detaching.run();
            Judge.that(attached(id) == 0, "still attached after the first run: nattch is " + attached(id));
            attachAt(id, first);
        } while (attached(id) == 0);
        Thread other = new Thread(detaching);
        other.start();
        other.join();
        Judge.that(attached(id) == 1, "the second run took away what was mapped later at the same address: nattch is "
                + attached(id) + ", and should be 1");
        detaching.run();
        Judge.that(attached(id) == 1, "the third run took away what was mapped later: nattch is " + attached(id));
        Judge.passed("it detaches exactly once, whoever calls");
    }

    /** Attaches at an address, unless the JVM has mapped something there in the meantime. */
    static void attachAt(int id, MemorySegment address) {
        try {
            Calls.shmat(id, address, 0);
        } catch (IllegalStateException taken) {
            // The loop tries once more, elsewhere.
        }
    }

    static long attached(int id) {
        return Judge.Block.withId(id).orElseThrow().attached();
    }
}
