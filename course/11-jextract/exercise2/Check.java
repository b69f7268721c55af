/*
 * Hint 1: SysVShm.shmget$address() and SysVShm.shmget$descriptor() are all that downcallHandle needs besides its option.
 * Hint 2: Link them with Linker.Option.captureCallState("errno"), and go on as in lesson 4.
 */
class Check {

    public static void main(String[] arguments) throws Throwable {
        int errno = Exercise.errnoOfShmget((int) System.nanoTime() | 1, 0);
        Judge.that(errno == 2, "errno is " + errno + ", not 2 (ENOENT)");
        errno = Exercise.errnoOfShmget(0, 0);
        Judge.that(errno == 22, "for a size of 0, errno is " + errno + ", not 22 (EINVAL)");
        Judge.passed("the descriptor is generated, and errno is captured");
    }
}
