/*
 * Hint 1: Linker.Option.captureCallState("errno") is a third argument of downcallHandle. The handle then has one parameter
 * more, the first: a segment with room for Linker.Option.captureStateLayout().
 * Hint 2: Allocate the segment in an arena, pass it to invokeExact before key, and read the JAVA_INT at ERRNO after
 * the call. It does not matter how long after.
 */
class Check {

    public static void main(String[] arguments) throws Throwable {
        int key = (int) System.nanoTime() | 1;
        int errno = Exercise.errnoOfShmget(key, 0);
        Judge.that(errno != 20, "errno is 20 (ENOTDIR), not 2: something ran between the call and the reading");
        Judge.that(errno != 0, "errno is 0: where is the segment into which it was captured?");
        Judge.that(errno == 2, "errno is " + errno + ", not 2 (ENOENT): was it read of the right call, and captured?");
        errno = Exercise.errnoOfShmget(0, 0);
        Judge.that(errno == 22, "for a size of 0, errno is " + errno + ", not 22 (EINVAL)");
        Judge.passed("errno is the call's own, whatever runs afterwards");
    }
}
