package io.github.shm4j.broadcast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.ring.InstrumentedClasses;
import io.github.shm4j.ring.SimulatedProcess;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * One ring, a process that is observed, and readers.
 *
 * <p>The ring is as small as it can be, so that few messages go around it.
 */
final class BroadcastSubject {

    static final int CAPACITY = (int) BroadcastFormat.LEAST_CAPACITY;

    /** A reader as everybody has it. */
    static final class Reading {

        final BroadcastReader reader;
        final BroadcastScript.Account account;

        Reading(BroadcastRing ring, BroadcastReader reader) {
            this.reader = reader;
            this.account = new BroadcastScript.Account(ring.maxMessageLength(), reader);
        }

        /** Reads all there is, and returns how many messages were written before that. */
        long readAll() {
            while (reader.read(account, 100) != 0) {
                account.compareWith(reader);
            }
            account.compareWith(reader);
            return account.passed;
        }
    }

    final MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(CAPACITY), 128);
    final List<String> notes = new ArrayList<>();
    final BroadcastRing ring;
    final SimulatedProcess process;
    final Consumer<String> end;
    final long written;
    final List<Reading> readers = new ArrayList<>();

    BroadcastSubject(long written, long owner, boolean descending) {
        this.written = written;
        BroadcastRing.create(memory, CAPACITY);
        ring = BroadcastRing.open(memory.asReadOnly(), Duration.ZERO);
        BroadcastRing writable = BroadcastRing.open(memory, Duration.ZERO);
        readers.add(new Reading(ring, ring.readerFromNow()));
        try (BroadcastProducer producer = writable.producer()) {
            BroadcastScript.write(ring, producer, written);
        }
        readers.add(new Reading(ring, ring.readerFromOldest()));
        readers.add(new Reading(ring, ring.readerFromNow()));
        process = new SimulatedProcess(memory, owner, descending);
        end = InstrumentedClasses.end(BroadcastScript.class, memory, notes);
    }

    /** Writes some messages, as a producer that comes and goes. */
    void write(long count) {
        try (BroadcastProducer producer = BroadcastRing.open(memory, Duration.ZERO).producer()) {
            BroadcastScript.write(ring, producer, count);
        }
    }

    /** Lets all readers read, and such that begin only now. */
    void requireAllReadUpTo(long messages, String when) {
        assertEquals(messages, ring.messages(), when);
        for (Reading reading : readers) {
            assertEquals(messages, reading.readAll(), when);
        }
        assertEquals(messages, new Reading(ring, ring.readerFromOldest()).readAll(), when);
        assertEquals(messages, new Reading(ring, ring.readerFromNow()).readAll(), when);
    }

    /** What the observed process has made visible. */
    long published() {
        return written
                + process.made().stream()
                        .filter(access -> access.how().equals("setRelease")
                                && access.offset() == BroadcastFormat.MESSAGES_OFFSET)
                        .count();
    }
}
