package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RingSignaturesTest {

    @ParameterizedTest
    @EnumSource
    void shouldSayWhoHasSigned(Rings kind) {
        MemorySegment memory = kind.memory(1024);
        kind.create(memory, 1024).close();
        RingBuffer ring = RingBuffer.open(memory);
        RingSignatures before = RingSignatures.of(ring);
        assertNotEquals(0, before.self());
        assertEquals(before.self(), before.creator());
        assertEquals(0, before.consumer());
        assertEquals(List.of(), before.producers());
        try (RingConsumer consumer = ring.consumer(); RingProducer producer = ring.producer()) {
            producer.write(1, Rings.message("x"));
            assertEquals(1, consumer.read((type, message, offset, length) -> {
            }, 1));
            RingSignatures during = RingSignatures.of(RingBuffer.open(memory.asReadOnly()));
            assertEquals(new RingSignatures(before.self(), before.self(), before.self(), List.of(before.self())),
                    during);
        }
        assertEquals(before, RingSignatures.of(ring));
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner());
        Rings.setLong(memory, RingLayout.CREATOR_OFFSET, Rings.terminatedOwner());
        assertEquals(
                new RingSignatures(before.self(), Rings.terminatedOwner(), Rings.terminatedOwner(), List.of()),
                RingSignatures.of(ring));
    }
}
