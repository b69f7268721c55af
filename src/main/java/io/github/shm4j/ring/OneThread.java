package io.github.shm4j.ring;

/**
 * The thread that uses an object which is for one only: the first that does, until it has terminated.
 *
 * <p>Asked in assertions, which cost nothing where they are disabled.
 */
final class OneThread {

    private Thread user;
    private boolean handedOver;

    /** {@return whether the calling thread may use the object} */
    boolean isThis() {
        Thread caller = Thread.currentThread();
        if (user != caller && !handedOver) {
            // What a thread did that has terminated can be seen by who asks that.
            if (user != null && user.isAlive()) {
                return false;
            }
            user = caller;
        }
        return true;
    }

    /** Lets several threads use the object, one after the other, each of which sees what the last one did. */
    void handOver() {
        handedOver = true;
    }

    /** {@return what to say where it may not} */
    String isAnother(String role) {
        return "a " + role + " is for one thread, and this one is used by " + user + ": close it, and let "
                + Thread.currentThread() + " take the role";
    }
}
