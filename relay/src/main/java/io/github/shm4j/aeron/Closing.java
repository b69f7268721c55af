package io.github.shm4j.aeron;

import org.agrona.CloseHelper;

/** Closes several things, of which each is closed whatever another one throws. */
final class Closing {

    private Closing() {}

    /**
     * Closes all in their order, and then throws what the first one has thrown that could not be.
     *
     * @param all any of which may be null
     */
    static void all(AutoCloseable... all) {
        CloseHelper.closeAll(all);
    }

    /**
     * Closes all in their order after something has failed, which is what is to be thrown. What they throw goes with it.
     *
     * @param all any of which may be null
     */
    static void after(Throwable failed, AutoCloseable... all) {
        for (AutoCloseable each : all) {
            try {
                CloseHelper.close(each);
            } catch (Throwable further) {
                if (further != failed) {
                    failed.addSuppressed(further);
                }
            }
        }
    }
}
