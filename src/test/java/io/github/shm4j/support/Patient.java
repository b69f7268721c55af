package io.github.shm4j.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Lets each test of a class fail, instead of running for ever, when nothing happens any more or when it goes round in
 * circles: see {@link Patience}. A test that takes long is all right.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Watchdog.class)
public @interface Patient {

    /** How many seconds of processor time the thread of one test may use. */
    int busySeconds() default 300;
}
