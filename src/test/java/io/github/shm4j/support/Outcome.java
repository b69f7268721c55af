package io.github.shm4j.support;

import io.github.shm4j.ShmException;

/** Says in one line how a call ended, for processes that report to the test which started them. */
public final class Outcome {

    private Outcome() {}

    /** A call that may fail. */
    @FunctionalInterface
    public interface Call {
        /** Makes the call. */
        Object run() throws Exception;
    }

    /** Returns "ok", or the class of the exception and the name of the errno: "ShmAccessDeniedException EACCES". */
    public static String of(Call call) {
        try {
            call.run();
            return "ok";
        } catch (ShmException refused) {
            return (refused.getClass().getSimpleName() + " " + refused.errnoName()).strip();
        } catch (Exception failed) {
            return failed.getClass().getSimpleName();
        }
    }

    /** Prints {@link #of}. */
    public static void print(Call call) {
        System.out.println(of(call));
    }
}
