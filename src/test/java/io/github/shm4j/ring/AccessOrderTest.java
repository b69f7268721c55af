package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.shm4j.internal.FutexWaiters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The accesses to the shared memory of each operation, in their order and with their strength, as {@code
 * docs/ring-protocol.md} says that they have to be.
 *
 * <p>Numbers of records are their places in the ring. A test that fails shows what has changed; whether that is right is to be
 * argued in the document first.
 */
class AccessOrderTest {

    private static final int CAPACITY = 512;
    private static final int SLOTS = 2;

    private final List<String> delivered = new ArrayList<>();
    private int capacity;
    private MemorySegment memory;
    private SimulatedProcess accesses;
    private Consumer<String> end;

    private void open(Rings kind) {
        open(kind, CAPACITY);
    }

    private void open(Rings kind, int capacity) {
        this.capacity = capacity;
        int slots = kind == Rings.SPSC ? 1 : SLOTS;
        memory = Arena.ofAuto().allocate(RingLayout.dataOffset(slots) + capacity, 128);
        Simulation.create(kind, slots, capacity, memory);
        accesses = new SimulatedProcess(memory, Rings.livingOwner(), false);
        end = InstrumentedClasses.end(memory, delivered);
        unseen("open");
    }

    private void unseen(String commands) {
        accesses.run(() -> end.accept(commands));
    }

    private void assertAccesses(String expected, String commands) {
        assertAccesses(expected, commands, all -> all);
    }

    private void assertAccesses(String expected, String commands, UnaryOperator<List<String>> part) {
        accesses.run(() -> end.accept(commands));
        List<String> made = part.apply(accesses.made().stream().map(this::describe).toList());
        assertEquals(expected, made.isEmpty() ? "" : String.join("\n", made) + "\n", commands);
    }

    /** As assertAccesses, from where the process announces its sleep for the first time, and no further. */
    private void assertSleep(String expected, String commands) {
        long lines = expected.lines().count();
        List<String> made = new ArrayList<>();
        try {
            accesses.run(() -> end.accept(commands), number -> {
                made.clear();
                accesses.made().stream().map(this::describe).dropWhile(access -> !access.endsWith("asleep")).forEach(
                        made::add);
                if (made.size() == lines) {
                    throw new SimulatedProcess.Killed();
                }
            });
        } catch (SimulatedProcess.Killed seenEnough) {
            assertEquals(expected, String.join("\n", made) + "\n", commands);
            return;
        }
        fail("the process does not sleep");
    }

    private String describe(SimulatedProcess.Access access) {
        String how = access.how();
        if (access.offset() < 0) {
            return how;
        }
        String place = place(access.offset());
        return how + " " + place + switch (how) {
            case "copy", "clear" -> ", " + access.values().get(0) + " bytes";
            default -> {
                if (how.startsWith("set")) {
                    yield " := " + value(access.offset(), access.values().get(0));
                }
                if (how.startsWith("compare")) {
                    yield ": " + value(access.offset(), access.values().get(0)) + " -> "
                            + value(access.offset(), access.values().get(1));
                }
                yield how.startsWith("getAnd") ? " += " + access.values().get(0) : "";
            }
        };
    }

    private String value(long offset, Object value) {
        if (offset == RingLayout.CONSUMER_SLEEP_OFFSET || offset == RingLayout.PRODUCER_SLEEP_OFFSET) {
            return value.equals(FutexWaiters.ASLEEP) ? "asleep" : "awake";
        }
        if (offset == RingLayout.PID_NAMESPACE_OFFSET || offset == RingLayout.TIME_NAMESPACE_OFFSET) {
            return "own";
        }
        long number = ((Number) value).longValue();
        if (number == Rings.livingOwner()) {
            return "self";
        }
        if (number == Rings.terminatedOwner()) {
            return "terminated";
        }
        if (number == RingLayout.MAGIC) {
            return "shm4jrng";
        }
        if (offset < memory.byteSize() - capacity || number == 0) {
            return Long.toString(number);
        }
        int length = (int) number;
        int type = (int) (number >> 32);
        return length < 0
                ? "claim of " + -length + ", lap " + type
                : (type == RingLayout.PADDING_TYPE ? "padding of " : "message of ") + length;
    }

    private String place(long offset) {
        long data = memory.byteSize() - capacity;
        if (offset >= data) {
            return "record " + (offset - data);
        }
        if (offset >= RingLayout.SLOTS_BEGIN) {
            long slot = (offset - RingLayout.SLOTS_BEGIN) / RingLayout.SLOT_LENGTH;
            return "slot " + slot + switch ((int) (offset % RingLayout.SLOT_LENGTH)) {
                case (int) RingLayout.SLOT_OWNER -> " producer";
                case (int) RingLayout.SLOT_CLAIM -> " claim";
                case (int) RingLayout.SLOT_SUCCESSIONS -> " successions";
                default -> " failed claims";
            };
        }
        return switch ((int) offset) {
            case (int) RingLayout.MAGIC_OFFSET -> "magic";
            case (int) RingLayout.VERSION_OFFSET -> "version";
            case (int) RingLayout.KIND_OFFSET -> "kind";
            case (int) RingLayout.CAPACITY_OFFSET -> "capacity";
            case (int) RingLayout.SLOTS_OFFSET -> "slots";
            case (int) RingLayout.PID_NAMESPACE_OFFSET -> "pid namespace";
            case (int) RingLayout.TIME_NAMESPACE_OFFSET -> "time namespace";
            case (int) RingLayout.CREATOR_OFFSET -> "creator";
            case (int) RingLayout.PRODUCER_POSITION_OFFSET -> "producer position";
            case (int) RingLayout.FREE_POSITION_OFFSET -> "free position";
            case (int) RingLayout.CLEARED_FROM_OFFSET -> "cleared from";
            case (int) RingLayout.CONSUMER_OFFSET -> "consumer";
            case (int) RingLayout.CONSUMER_POSITION_OFFSET -> "consumer position";
            case (int) RingLayout.MESSAGES_READ_OFFSET -> "messages read";
            case (int) RingLayout.BYTES_READ_OFFSET -> "bytes read";
            case (int) RingLayout.RECORDS_SKIPPED_OFFSET -> "records skipped";
            case (int) RingLayout.BYTES_SKIPPED_OFFSET -> "bytes skipped";
            case (int) RingLayout.LONGEST_BACKLOG_OFFSET -> "longest backlog";
            case (int) RingLayout.CONSUMER_SUCCESSIONS_OFFSET -> "consumer successions";
            case (int) RingLayout.CONSUMER_SLEEP_OFFSET -> "consumer sleeps";
            case (int) RingLayout.PRODUCER_SLEEP_OFFSET -> "producers sleep";
            default -> "byte " + offset;
        };
    }

    /** Brings the ring to where a message of more than 8 bytes does not fit before its end. */
    private void goToTheBend() {
        for (int i = 0; i < CAPACITY / 16 - 1; i++) {
            unseen("write a/8; read 9");
        }
    }

    /** Brings the ring to where no message fits into it. */
    private void fill() {
        for (int i = 0; i < CAPACITY / 16; i++) {
            unseen("write a/8");
        }
    }

    /** Lets a process that then is killed claim a record, and get as far as a number of accesses. */
    private void abandon(int last) {
        SimulatedProcess killed = new SimulatedProcess(memory, Rings.terminatedOwner(), false);
        Consumer<String> producer = InstrumentedClasses.end(memory, new ArrayList<>());
        killed.run(() -> producer.accept("open; write a/8"));
        killed.runAndKill(() -> producer.accept("write n/21"), last);
        assertTrue(killed.count() > last);
    }

    @Test
    void shouldCompleteTheHeaderBeforeTheVersion() {
        open(Rings.SPSC);
        memory.fill((byte) 0);
        // That everything is zero is looked at in between.
        assertAccesses("""
                getAcquire creator
                compareAndExchange creator: 0 -> self
                set magic := shm4jrng
                set kind := 1
                set capacity := 512
                set slots := 1
                set pid namespace := own
                set time namespace := own
                setRelease version := 1
                getAcquire version
                get magic
                get kind
                get capacity
                get slots
                get pid namespace
                get time namespace
                """, "create SPSC-" + CAPACITY, all -> {
            List<String> withoutZeros = new ArrayList<>(all);
            withoutZeros.subList(2, 2 + (int) memory.byteSize() / 8).clear();
            return withoutZeros;
        });
    }

    @Test
    void shouldSignAsTheProducerBeforeItsPositionIsRead() {
        open(Rings.SPSC);
        assertAccesses("""
                getAcquire slot 0 producer
                compareAndExchange slot 0 producer: 0 -> self
                getAcquire slot 0 successions
                getAcquire slot 0 producer
                getAcquire producer position
                getAcquire free position
                getAcquire consumer position
                getAcquire record 0
                getAcquire consumer position
                getOpaque slot 0 failed claims
                get slot 0 successions
                copy record 8, 21 bytes
                set record 32 := 0
                get consumer sleeps
                setRelease record 0 := message of 29
                setRelease producer position := 32
                """, "write v/21");
        assertAccesses("""
                fullFence
                get slot 0 successions
                getAcquire slot 0 successions
                compareAndExchangeRelease slot 0 producer: self -> 0
                """, "close");
    }

    @Test
    void shouldEndTheRecordsBeforeOneMoreIsShown() {
        open(Rings.SPSC);
        unseen("write a/5");
        assertAccesses("""
                get slot 0 successions
                copy record 24, 21 bytes
                set record 48 := 0
                get consumer sleeps
                setRelease record 16 := message of 29
                setRelease producer position := 48
                """, "write v/21");
        assertAccesses("""
                get slot 0 successions
                """, "claim v/21");
        assertAccesses("""
                getAcquire slot 0 producer
                get slot 0 successions
                set record 80 := 0
                get consumer sleeps
                setRelease record 48 := message of 29
                setRelease producer position := 80
                """, "commit v/21");
        assertAccesses("""
                get slot 0 successions
                """, "claim v/21; abort v/21");
    }

    @Test
    void shouldShowABatchWithTheHeaderOfItsFirstRecord() {
        open(Rings.SPSC);
        unseen("write a/5");
        assertAccesses("""
                get slot 0 successions
                copy record 24, 21 bytes
                set record 48 := 0
                get slot 0 successions
                copy record 56, 5 bytes
                set record 64 := 0
                set record 48 := message of 13
                """, "batch; write v/21; write w/5");
        assertAccesses("""
                get consumer sleeps
                get slot 0 successions
                setRelease record 16 := message of 29
                setRelease producer position := 64
                """, "publish");
        assertAccesses("""
                get slot 0 successions
                copy record 72, 5 bytes
                set record 80 := 0
                get consumer sleeps
                get slot 0 successions
                setRelease record 64 := message of 13
                setRelease producer position := 80
                """, "publish; write v/5; end");
    }

    @Test
    void shouldShowABatchThatFindsNoRoom() {
        open(Rings.SPSC);
        for (int i = 0; i < CAPACITY / 16 - 1; i++) {
            unseen("write a/8");
        }
        // With this the ring is full, and begins where it ends.
        assertAccesses("""
                get slot 0 successions
                copy record 504, 8 bytes
                """, "batch; write a/8");
        assertAccesses("""
                get slot 0 successions
                getAcquire free position
                get cleared from
                get consumer sleeps
                get slot 0 successions
                setRelease record 496 := message of 16
                setRelease producer position := 512
                setOpaque slot 0 failed claims := 1
                """, "write v/21");
    }

    @Test
    void shouldEndTheRecordsUnlessTheRingIsFullAsFarAsTheProducerKnows() {
        open(Rings.SPSC);
        for (int i = 0; i < CAPACITY / 16 - 1; i++) {
            unseen("write a/8");
        }
        assertAccesses("""
                get slot 0 successions
                copy record 504, 8 bytes
                get consumer sleeps
                setRelease record 496 := message of 16
                setRelease producer position := 512
                """, "write v/8");
        unseen("read 2");
        assertAccesses("""
                get slot 0 successions
                getAcquire free position
                get cleared from
                fullFence
                copy record 8, 8 bytes
                get consumer sleeps
                setRelease record 0 := message of 16
                setRelease producer position := 528
                """, "write v/8");
        // What is freed now does not count before the producer knows of it.
        unseen("read 2");
        assertAccesses("""
                get slot 0 successions
                copy record 24, 8 bytes
                get consumer sleeps
                setRelease record 16 := message of 16
                setRelease producer position := 544
                """, "write v/8");
        assertAccesses("""
                get slot 0 successions
                getAcquire free position
                get cleared from
                fullFence
                copy record 40, 8 bytes
                get consumer sleeps
                setRelease record 32 := message of 16
                setRelease producer position := 560
                """, "write v/8");
    }

    @Test
    void shouldShowPaddingBeforeTheRecordIsWritten() {
        open(Rings.SPSC);
        goToTheBend();
        assertAccesses("""
                get slot 0 successions
                getAcquire free position
                get cleared from
                get consumer sleeps
                setRelease record 496 := padding of 16
                setRelease producer position := 512
                fullFence
                copy record 8, 21 bytes
                get consumer sleeps
                setRelease record 0 := message of 29
                setRelease producer position := 544
                """, "write v/21");
    }

    @Test
    void shouldShowPaddingWithTheBatchThatItBegins() {
        open(Rings.SPSC);
        goToTheBend();
        assertAccesses("""
                get slot 0 successions
                getAcquire free position
                get cleared from
                fullFence
                copy record 8, 21 bytes
                set record 0 := message of 29
                """, "batch; write v/21");
        assertAccesses("""
                get consumer sleeps
                get slot 0 successions
                setRelease record 496 := padding of 16
                setRelease producer position := 544
                """, "end");
    }

    @Test
    void shouldLookForTheEndOfTheRecordsOfAProducerThatWasKilled() {
        open(Rings.SPSC);
        unseen("write a/8; write b/21; write d/5; close; open");
        // The position of the first one is all that was stored.
        Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, 16);
        Rings.setLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER, Rings.terminatedOwner());
        assertAccesses("""
                getAcquire slot 0 producer
                ask for a process
                getAcquire slot 0 producer
                compareAndExchange slot 0 producer: terminated -> self
                getAndAdd slot 0 successions += 1
                getAcquire slot 0 successions
                getAcquire slot 0 producer
                getAcquire producer position
                getAcquire free position
                getAcquire consumer position
                getAcquire record 16
                getAcquire consumer position
                getAcquire record 48
                getAcquire consumer position
                getAcquire record 64
                getAcquire consumer position
                get slot 0 successions
                setRelease producer position := 64
                getOpaque slot 0 failed claims
                get slot 0 successions
                copy record 72, 21 bytes
                set record 96 := 0
                get consumer sleeps
                setRelease record 64 := message of 29
                setRelease producer position := 96
                """, "write v/21");
    }

    @Test
    void shouldOnlyLookAtTheFreePositionWhereThereIsNoRoom() {
        open(Rings.SPSC);
        fill();
        assertAccesses("""
                get slot 0 successions
                getAcquire free position
                get cleared from
                setOpaque slot 0 failed claims := 1
                """, "write v/21");
    }

    @Test
    void shouldEndTheRecordsWhereAnAbortedClaimHasLeftSomething() {
        open(Rings.SPSC);
        goToTheBend();
        unseen("write a/21");
        assertAccesses("""
                get slot 0 successions
                get slot 0 successions
                copy record 40, 8 bytes
                set record 48 := 0
                get consumer sleeps
                setRelease record 32 := message of 16
                setRelease producer position := 560
                """, "claim n/64; abort n/64; write v/8");
        assertAccesses("""
                get slot 0 successions
                copy record 56, 48 bytes
                get consumer sleeps
                setRelease record 48 := message of 56
                setRelease producer position := 616
                """, "write v/48");
    }

    /** A consumer says so before it advances the free position, and may be killed in between. */
    @Test
    void shouldNotEndAFullRingWhateverTheConsumerIsAboutToFree() {
        open(Rings.SPSC);
        fill();
        unseen("read 1");
        Rings.setLong(memory, RingLayout.CLEARED_FROM_OFFSET, 256);
        Rings.setLong(memory, RingLayout.FREE_POSITION_OFFSET, 16);
        unseen("claim n/8; abort n/8");
        assertAccesses("""
                get slot 0 successions
                copy record 8, 8 bytes
                get consumer sleeps
                setRelease record 0 := message of 16
                setRelease producer position := 528
                """, "write v/8");
    }

    @Test
    void shouldEndTheRecordsWhereTheConsumerHasNotCleared() {
        open(Rings.SPSC, 1 << 16);
        for (int i = 0; i < 8; i++) {
            unseen("write a/8000; read 9; read 9");
        }
        unseen("write a/1464; drain");
        assertAccesses("""
                get slot 0 successions
                getAcquire free position
                get cleared from
                fullFence
                copy record 8, 8 bytes
                set record 16 := 0
                get consumer sleeps
                setRelease record 0 := message of 16
                setRelease producer position := 65552
                """, "write v/8");
        // This one is cleared.
        unseen("drain");
        assertEquals(65552, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
        assertEquals(65536, Rings.getLong(memory, RingLayout.CLEARED_FROM_OFFSET));
    }

    /** What only the consumer of a ring counts in which something can be skipped. */
    private static String skipped(Rings kind) {
        return kind == Rings.MPSC ? "getOpaque records skipped\ngetOpaque bytes skipped\n" : "";
    }

    @Test
    void shouldClearBeforeTheFreePositionIsAdvanced() {
        for (Rings kind : Rings.values()) {
            open(kind);
            unseen("write a/8; write b/21");
            assertAccesses("""
                    getAcquire consumer
                    compareAndExchange consumer: 0 -> self
                    getAcquire consumer successions
                    getAcquire consumer
                    getAcquire free position
                    getAcquire consumer position
                    getAcquire producer position
                    %sgetOpaque messages read
                    getOpaque bytes read
                    getOpaque longest backlog
                    get consumer successions
                    getAcquire record 0
                    handle a message
                    get consumer successions
                    set messages read := 1
                    set bytes read := 8
                    setRelease consumer position := 16
                    getAcquire record 16
                    handle a message
                    get consumer successions
                    set messages read := 2
                    set bytes read := 29
                    setRelease consumer position := 48
                    getAcquire producer position
                    setOpaque longest backlog := 48
                    get consumer successions
                    storeStoreFence
                    clear record 0, 48 bytes
                    setRelease free position := 48
                    get producers sleep
                    getAcquire record 48
                    """.formatted(skipped(kind)), "read 9");
            unseen("write a/8; write b/21");
            assertAccesses("""
                    get consumer successions
                    getAcquire record 48
                    handle a message
                    get consumer successions
                    set messages read := 3
                    set bytes read := 37
                    setRelease consumer position := 64
                    """, "read 1");
            assertAccesses("""
                    get consumer successions
                    getAcquire record 64
                    handle a message
                    get consumer successions
                    set messages read := 4
                    set bytes read := 58
                    setRelease consumer position := 96
                    getAcquire producer position
                    get consumer successions
                    storeStoreFence
                    clear record 48, 48 bytes
                    setRelease free position := 96
                    get producers sleep
                    getAcquire record 96
                    """, "control 2");
            unseen("write a/8; write b/21");
            assertAccesses("""
                    get consumer successions
                    getAcquire record 96
                    handle a message
                    """, "peek 1");
            assertAccesses("""
                    get consumer successions
                    getAcquire record 112
                    handle a message
                    """, "peek 1");
            assertAccesses("""
                    get consumer successions
                    get consumer successions
                    set messages read := 6
                    set bytes read := 87
                    setRelease consumer position := 144
                    get consumer successions
                    storeStoreFence
                    clear record 96, 48 bytes
                    setRelease free position := 144
                    get producers sleep
                    """, "free");
            unseen("write a/8");
            unseen("read 1");
            assertAccesses(kind == Rings.SPSC ? """
                    fullFence
                    get slot 0 successions
                    getAcquire slot 0 successions
                    compareAndExchangeRelease slot 0 producer: self -> 0
                    get consumer successions
                    get consumer successions
                    storeStoreFence
                    clear record 144, 16 bytes
                    setRelease free position := 160
                    get producers sleep
                    getAcquire consumer successions
                    compareAndExchangeRelease consumer: self -> 0
                    """ : """
                    SlotState.getAcquire
                    fullFence
                    SlotState.getAcquire
                    SlotState.getAcquire
                    compareAndExchangeRelease slot 0 producer: self -> 0
                    get consumer successions
                    get consumer successions
                    storeStoreFence
                    clear record 144, 16 bytes
                    setRelease free position := 160
                    get producers sleep
                    getAcquire consumer successions
                    compareAndExchangeRelease consumer: self -> 0
                    """, "close");
        }
    }

    @Test
    void shouldOnlyEndTheRecordsWhereALargeOneWasConsumedFromARingForOne() {
        for (Rings kind : Rings.values()) {
            open(kind, 1 << 16);
            unseen("write a/8000; read 9; write b/8000");
            assertAccesses("""
                    get consumer successions
                    getAcquire record 8008
                    handle a message
                    get consumer successions
                    set messages read := 2
                    set bytes read := 16000
                    setRelease consumer position := 16016
                    """, "read 1");
            assertAccesses(kind == Rings.SPSC ? """
                    get consumer successions
                    getAcquire record 16016
                    get consumer successions
                    setOpaque longest backlog := 8016
                    storeStoreFence
                    set cleared from := 16000
                    set record 8000 := 0
                    setRelease free position := 16000
                    get producers sleep
                    """ : """
                    get consumer successions
                    getAcquire record 16016
                    get consumer successions
                    setOpaque longest backlog := 8016
                    storeStoreFence
                    clear record 8000, 8000 bytes
                    setRelease free position := 16000
                    get producers sleep
                    """, "read 1");
        }
    }

    @Test
    void shouldSignASlotBeforeItIsUsed() {
        open(Rings.MPSC);
        assertAccesses("""
                getAcquire slot 0 producer
                getAcquire slot 0 producer
                compareAndExchange slot 0 producer: 0 -> self
                setRelease slot 0 claim := 0
                SlotState.getAcquire
                get producer position
                setRelease slot 0 claim := 1
                compareAndSet producer position: 0 -> 32
                set record 0 := claim of 29, lap 0
                storeStoreFence
                copy record 8, 21 bytes
                get consumer sleeps
                setRelease record 0 := message of 29
                SlotState.setRelease
                """, "write v/21");
        assertAccesses("""
                SlotState.getAcquire
                fullFence
                SlotState.getAcquire
                SlotState.getAcquire
                compareAndExchangeRelease slot 0 producer: self -> 0
                """, "close");
    }

    @Test
    void shouldTakeTheSlotOfOneThatHasTerminatedLast() {
        open(Rings.MPSC);
        for (int i = 0; i < SLOTS; i++) {
            Rings.setLong(memory, RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH, Rings.terminatedOwner());
        }
        assertAccesses("""
                getAcquire slot 0 producer
                getAcquire slot 1 producer
                getAcquire slot 0 producer
                ask for a process
                getAcquire slot 0 producer
                compareAndExchange slot 0 producer: terminated -> self
                setRelease slot 0 claim := 0
                SlotState.getAcquire
                get producer position
                setRelease slot 0 claim := 1
                compareAndSet producer position: 0 -> 32
                set record 0 := claim of 29, lap 0
                storeStoreFence
                copy record 8, 21 bytes
                get consumer sleeps
                setRelease record 0 := message of 29
                SlotState.setRelease
                """, "write v/21");
    }

    @Test
    void shouldNameTheClaimInASlotUntilTheRecordIsComplete() {
        open(Rings.MPSC);
        unseen("write a/5");
        assertAccesses("""
                SlotState.getAcquire
                get producer position
                setRelease slot 0 claim := 17
                compareAndSet producer position: 16 -> 48
                set record 16 := claim of 29, lap 0
                storeStoreFence
                copy record 24, 21 bytes
                get consumer sleeps
                setRelease record 16 := message of 29
                SlotState.setRelease
                """, "write v/21");
        assertAccesses("""
                SlotState.getAcquire
                get producer position
                setRelease slot 0 claim := 49
                compareAndSet producer position: 48 -> 80
                set record 48 := claim of 29, lap 0
                storeStoreFence
                """, "claim v/21");
        assertAccesses("""
                getAcquire record 48
                get consumer sleeps
                setRelease record 48 := message of 29
                SlotState.setRelease
                """, "commit v/21");
        assertAccesses("""
                SlotState.getAcquire
                get producer position
                setRelease slot 0 claim := 81
                compareAndSet producer position: 80 -> 112
                set record 80 := claim of 29, lap 0
                storeStoreFence
                """, "claim v/21");
        assertAccesses("""
                getAcquire record 80
                get consumer sleeps
                setRelease record 80 := padding of 29
                SlotState.setRelease
                """, "abort v/21");
    }

    /** The thread that the slot belongs to takes it without the monitor in which another thread releases what was abandoned. */
    @Test
    void shouldFreeTheSlotOfAnAbandonedRecordBehindTheStoreThatLetsGoOfIt() {
        open(Rings.MPSC);
        unseen("write a/5");
        assertThrows(
                StackOverflowError.class,
                () -> accesses.runAndThrow(() -> end.accept("claim v/21"), 1, true, true, StackOverflowError::new));
        assertAccesses("""
                SlotState.getAcquire
                SlotState.getAcquire
                setRelease slot 0 claim := 0
                SlotState.setRelease
                SlotState.getAcquire
                """, "write w/5", all -> all.subList(0, 5));
    }

    @Test
    void shouldClaimPaddingOnItsOwn() {
        open(Rings.MPSC);
        goToTheBend();
        assertAccesses("""
                SlotState.getAcquire
                get producer position
                getAcquire producer position
                getAcquire free position
                setRelease slot 0 claim := 497
                compareAndSet producer position: 496 -> 512
                setRelease record 496 := padding of 16
                getAcquire producer position
                setRelease slot 0 claim := 513
                compareAndSet producer position: 512 -> 544
                set record 0 := claim of 29, lap 1
                storeStoreFence
                copy record 8, 21 bytes
                get consumer sleeps
                setRelease record 0 := message of 29
                SlotState.setRelease
                """, "write v/21");
    }

    @Test
    void shouldReleaseTheSlotWhereThereIsNoRoom() {
        open(Rings.MPSC);
        fill();
        assertAccesses("""
                SlotState.getAcquire
                get producer position
                getAcquire producer position
                getAcquire free position
                getAndAdd slot 0 failed claims += 1
                SlotState.setRelease
                """, "write v/21");
    }

    @Test
    void shouldReadTheProducerPositionThenTheSlotsThenTheHeaderAgain() {
        open(Rings.MPSC);
        abandon(3);
        unseen("write b/13");
        unseen("read 9; check");
        assertAccesses("""
                getAcquire consumer position
                getAcquire producer position
                getAcquire slot 0 claim
                getAcquire slot 0 producer
                ask for a process
                getAcquire slot 1 claim
                getAcquire slot 1 producer
                ask for a process
                getAcquire record 16
                getAcquire record 24
                getAcquire record 32
                getAcquire record 40
                setOpaque records skipped := 1
                setOpaque bytes skipped := 32
                """, "check");
        assertAccesses("""
                get consumer successions
                getAcquire record 16
                get consumer successions
                set messages read := 1
                set bytes read := 8
                setRelease consumer position := 48
                getAcquire producer position
                setOpaque longest backlog := 56
                get consumer successions
                storeStoreFence
                clear record 16, 32 bytes
                setRelease free position := 48
                get producers sleep
                getAcquire record 48
                handle a message
                get consumer successions
                set messages read := 2
                set bytes read := 21
                setRelease consumer position := 72
                getAcquire record 72
                get consumer successions
                storeStoreFence
                clear record 48, 24 bytes
                setRelease free position := 72
                get producers sleep
                """, "read 9");
        abandon(4);
        unseen("write b/13");
        unseen("read 9; check");
        assertAccesses("""
                getAcquire consumer position
                getAcquire producer position
                getAcquire slot 0 claim
                getAcquire slot 0 producer
                ask for a process
                getAcquire slot 1 claim
                getAcquire slot 1 producer
                ask for a process
                getAcquire record 88
                setOpaque records skipped := 2
                setOpaque bytes skipped := 64
                """, "check");
        assertAccesses("""
                get consumer successions
                getAcquire record 88
                get consumer successions
                set messages read := 3
                set bytes read := 29
                setRelease consumer position := 120
                getAcquire producer position
                get consumer successions
                storeStoreFence
                clear record 88, 32 bytes
                setRelease free position := 120
                get producers sleep
                getAcquire record 120
                handle a message
                get consumer successions
                set messages read := 4
                set bytes read := 42
                setRelease consumer position := 144
                getAcquire record 144
                get consumer successions
                storeStoreFence
                clear record 120, 24 bytes
                setRelease free position := 144
                get producers sleep
                """, "read 9");
    }

    @Test
    void shouldLookForSleepersBehindAFence() {
        for (Rings kind : Rings.values()) {
            open(kind);
            unseen("write a/5");
            memory.set(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET, FutexWaiters.ASLEEP);
            assertAccesses(kind == Rings.SPSC ? """
                    get slot 0 successions
                    copy record 24, 21 bytes
                    set record 48 := 0
                    get consumer sleeps
                    setRelease record 16 := message of 29
                    setRelease producer position := 48
                    fullFence
                    getVolatile consumer sleeps
                    compareAndSet consumer sleeps: asleep -> awake
                    """ : """
                    SlotState.getAcquire
                    get producer position
                    setRelease slot 0 claim := 17
                    compareAndSet producer position: 16 -> 48
                    set record 16 := claim of 29, lap 0
                    storeStoreFence
                    copy record 24, 21 bytes
                    get consumer sleeps
                    setRelease record 16 := message of 29
                    SlotState.setRelease
                    fullFence
                    getVolatile consumer sleeps
                    compareAndSet consumer sleeps: asleep -> awake
                    """, "write v/21");
            assertAccesses(kind == Rings.SPSC ? """
                    get slot 0 successions
                    copy record 56, 21 bytes
                    set record 80 := 0
                    get consumer sleeps
                    setRelease record 48 := message of 29
                    setRelease producer position := 80
                    fullFence
                    getVolatile consumer sleeps
                    """ : """
                    SlotState.getAcquire
                    get producer position
                    setRelease slot 0 claim := 49
                    compareAndSet producer position: 48 -> 80
                    set record 48 := claim of 29, lap 0
                    storeStoreFence
                    copy record 56, 21 bytes
                    get consumer sleeps
                    setRelease record 48 := message of 29
                    SlotState.setRelease
                    fullFence
                    getVolatile consumer sleeps
                    """, "write w/21");
            unseen("read 2");
            memory.set(ValueLayout.JAVA_INT, RingLayout.PRODUCER_SLEEP_OFFSET, FutexWaiters.ASLEEP);
            assertAccesses("""
                    get consumer successions
                    getAcquire record 48
                    handle a message
                    get consumer successions
                    set messages read := 3
                    set bytes read := 47
                    setRelease consumer position := 80
                    getAcquire producer position
                    get consumer successions
                    storeStoreFence
                    clear record 48, 32 bytes
                    setRelease free position := 80
                    get producers sleep
                    fullFence
                    getVolatile producers sleep
                    compareAndSet producers sleep: asleep -> awake
                    """, "read 1");
        }
    }

    @Test
    void shouldLookOnceMoreBehindAFenceBeforeSleeping() {
        open(Rings.SPSC);
        unseen("write a/5; read 1");
        assertSleep("""
                setVolatile consumer sleeps := asleep
                fullFence
                get consumer successions
                getAcquire record 16
                """, "await 60000");
        fill();
        assertSleep("""
                setVolatile producers sleep := asleep
                fullFence
                get slot 0 successions
                getAcquire free position
                """, "await-room 60000");
    }
}
