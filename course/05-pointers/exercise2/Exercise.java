import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** Detaches a mapping when it is run for the first time, and does nothing afterwards. Any threads may run it. */
class Exercise implements Runnable {

    private final MemorySegment mapped;
    private final AtomicBoolean done = new AtomicBoolean();

    Exercise(MemorySegment mapped) {
        this.mapped = mapped;
    }

    @Override
    public void run() {
        // TODO What if this runs twice, and something else has been mapped there meanwhile?
        Calls.shmdt(mapped);
        // END TODO
    }
}
