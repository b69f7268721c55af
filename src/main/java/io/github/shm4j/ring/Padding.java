package io.github.shm4j.ring;

/**
 * Keeps the fields of its subclasses away from the objects before them, so that a thread that writes these does not take
 * the cache line of those.
 *
 * <p>The fields of a superclass come first in an object. 128 bytes are two cache lines, which processors fetch in pairs.
 */
abstract class Padding {

    // Fills the gap behind the object's head, where the JVM would put a field of a subclass.
    int gap;
    long before0;
    long before1;
    long before2;
    long before3;
    long before4;
    long before5;
    long before6;
    long before7;
    long before8;
    long before9;
    long before10;
    long before11;
    long before12;
    long before13;
    long before14;
    long before15;

    Padding() {}
}
