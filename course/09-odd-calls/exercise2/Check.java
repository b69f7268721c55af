import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/*
 * Hint 1: The prototype ends with "...". With SETVAL there is a fourth argument, the value; it is the first that the prototype
 * does not name.
 * Hint 2: FunctionDescriptor.of(INT, INT, INT, INT, INT), Linker.Option.firstVariadicArg(3), and invokeExact(semaphore, 0,
 * SETVAL, value).
 */
@SuppressWarnings("restricted")
class Check {

    static final int IPC_RMID = 0;
    static final int GETVAL = 12;

    public static void main(String[] arguments) throws Throwable {
        MethodHandle semget = link("semget", 3);
        MethodHandle semctl = link("semctl", 3); // Without a fourth argument, so with nothing that varies.
        int semaphore = (int) semget.invokeExact(0, 1, 0600);
        Judge.that(semaphore != -1, "semget returns -1: a limit is reached, look at ipcs -s");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(semctl, semaphore)));
        Judge.that(Exercise.set(semaphore, 7) == 0, "semctl returns -1");
        int value = (int) semctl.invokeExact(semaphore, 0, GETVAL);
        Judge.that(value == 7, "the semaphore has the value " + value + ", not 7: did the fourth argument get there?");
        Judge.that(Exercise.set(semaphore, 9) == 0, "the second time, semctl returns -1");
        value = (int) semctl.invokeExact(semaphore, 0, GETVAL);
        Judge.that(value == 9, "the semaphore has the value " + value + ", not 9: is the value a fixed one?");
        Judge.passed("the semaphore has the value that you have passed");
    }

    static void remove(MethodHandle semctl, int semaphore) {
        try {
            int result = (int) semctl.invokeExact(semaphore, 0, IPC_RMID);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static MethodHandle link(String function, int parameters) {
        ValueLayout.OfInt[] ints = new ValueLayout.OfInt[parameters];
        java.util.Arrays.fill(ints, ValueLayout.JAVA_INT);
        return Linker.nativeLinker().downcallHandle(Linker.nativeLinker().defaultLookup().find(function).orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ints));
    }
}
