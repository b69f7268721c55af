package io.github.shm4j.ring;

/** What a consumer knows of the stream that it follows, in lines that no other thread writes to. */
abstract class StreamState extends Padding {

    /** Whether messages come faster than one can look for each of them. */
    boolean streaming;

    /** Whether that is not known yet. */
    boolean trying;

    /** From which message on it may be tried again, and for how many it was left then. */
    long nextTrial;

    long betweenTrials = ReadAhead.FEWEST_FOR_TRIAL;

    /** In a stream, up to where there seem to be messages. */
    long seen;

    /** How far ahead that was. */
    long ahead;

    /** How many messages had been read then, or when there was none. */
    long readWhenSeen;
}
