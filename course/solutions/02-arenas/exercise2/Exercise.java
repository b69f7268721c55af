import java.lang.foreign.Arena;

/** The same memory for four callers. Each returns the arena that fits best. */
class Exercise {

    /** A method needs a buffer until it returns. */
    static Arena forOneCall() {
        // TODO one
        return Arena.ofConfined();
        // END TODO
    }

    /** Several workers fill a table. You wait for all of them, and then free it. */
    static Arena forWorkers() {
        // TODO two
        return Arena.ofShared();
        // END TODO
    }

    /** Segments are handed to other code, and nobody knows who uses them last. */
    static Arena forWhoeverIsLast() {
        // TODO three
        return Arena.ofAuto();
        // END TODO
    }

    /** A table of constants is used as long as the JVM runs. */
    static Arena forEver() {
        // TODO four
        return Arena.global();
        // END TODO
    }
}
