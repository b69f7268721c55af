package io.github.shm4j.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails each test of a class that hangs or loops, as {@link Patience} judges it. A slow test does not fail.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Watchdog.class)
public @interface Patient {

    /** How many seconds of processor time the thread of one test may use. */
    int busySeconds() default 300;
}
