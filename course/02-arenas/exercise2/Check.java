import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/*
 * Hint 1: Two questions decide: may other threads use it, and who says when it ends?
 * Hint 2: One thread and you: confined. Many threads and you: shared. Many threads and the collector: automatic. Nobody:
 * global.
 */
class Check {

    public static void main(String[] arguments) throws InterruptedException {
        Arena arena = Exercise.forOneCall();
        Judge.that(!canClose(Exercise.forOneCall()) || !otherThreadCanUse(arena),
                "one call on one thread: a shared arena works, but closing it costs a hundred times as much");
        Judge.that(canClose(arena), "one call on one thread: the memory has to be free after the call");

        arena = Exercise.forWorkers();
        Judge.that(otherThreadCanUse(arena), "workers: other threads cannot use the memory");
        Judge.that(canClose(arena), "workers: you cannot free the memory when the workers are done");

        arena = Exercise.forWhoeverIsLast();
        Judge.that(otherThreadCanUse(arena), "whoever is last: other threads cannot use the memory");
        Judge.that(!canClose(arena), "whoever is last: somebody would have to know when to close it, and nobody does");
        Judge.that(arena.scope() != Arena.global().scope(), "whoever is last: the memory is never freed");

        arena = Exercise.forEver();
        Judge.that(arena.scope().equals(Arena.global().scope()), "for ever: that is another arena's lifetime");
        Judge.passed("each caller has the arena that fits");
    }

    static boolean otherThreadCanUse(Arena arena) throws InterruptedException {
        MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
        boolean[] failed = {false};
        Thread other = new Thread(() -> number.get(ValueLayout.JAVA_INT, 0));
        other.setUncaughtExceptionHandler((thread, exception) -> failed[0] = true);
        other.start();
        other.join();
        return !failed[0];
    }

    static boolean canClose(Arena arena) {
        try {
            arena.close();
            return true;
        } catch (UnsupportedOperationException never) {
            return false;
        }
    }
}
