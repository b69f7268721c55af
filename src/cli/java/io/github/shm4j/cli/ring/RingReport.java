package io.github.shm4j.cli.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.list.RingSize;
import io.github.shm4j.cli.system.Processes;
import io.github.shm4j.cli.terminal.JsonWriter;
import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.cli.terminal.Table;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingException;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingStatistics;
import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.ring.RingStatistics.RoleOwner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What {@code shm4j ring status} says of one ring. */
final class RingReport {

    private final ShmStatus block;
    private final String kind;

    /** What the ring is in its pair, or {@code null} if it is none of a pair. */
    private final String part;

    private final int longestMessage;
    private final RingStatistics statistics;

    private RingReport(ShmStatus block, RingBuffer ring, String part) {
        this.block = block;
        this.part = part;
        statistics = ring.statistics();
        kind = ring.kind().name();
        longestMessage = ring.maxMessageLength();
    }

    /**
     * Looks into a block, without changing a byte of it.
     *
     * @param named whether the user says that it is a ring; if not, and it is none, nothing is returned
     * @return the ring, or both of a pair
     */
    static List<RingReport> of(ShmStatus block, boolean named) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = SharedMemory.ofId(block.id()).attach(AttachMode.READ_ONLY, arena);
            if ((named || RingSize.isPair(block.size())) && RingPair.isRingPair(memory)) {
                RingPair pair = RingPair.open(memory, Duration.ZERO);
                return List.of(
                        new RingReport(block, pair.requests(), "requests"),
                        new RingReport(block, pair.replies(), "replies"));
            }
            if (!named && !RingBuffer.isRing(memory)) {
                return List.of();
            }
            // Nobody waits here for a ring that is being created.
            try {
                return List.of(new RingReport(block, RingBuffer.open(memory, Duration.ZERO), null));
            } catch (RingException noRing) {
                throw new IOException(NoRing.message(memory, noRing), noRing);
            }
        } catch (InternalError noMemory) {
            throw new IOException("it has pages that the system cannot back with memory", noMemory);
        }
    }

    private long backlog() {
        // The consumer's position was read last.
        return Math.max(0, statistics.producerPosition() - statistics.consumerPosition());
    }

    /** {@return the backlog in per cent of the capacity, rounded up, so that 0 means nothing and 100 all} */
    private long percent() {
        return (long) Math.ceil(backlog() * 100.0 / statistics.capacity());
    }

    void addTo(Table table, Processes processes) {
        add(table, "KEY", block.key().toString());
        add(table, "ID", BlockArgument.ID_PREFIX + block.id());
        add(table, "KIND", part == null ? kind : kind + ", " + part + " of a pair");
        add(table, "CAPACITY", bytes(statistics.capacity()) + ", a message at most " + bytes(longestMessage));
        add(table, "WRITTEN", messages(statistics.messagesWritten(), statistics.bytesWritten())
                + ", up to position " + statistics.producerPosition());
        add(table, "READ", messages(statistics.messagesRead(), statistics.bytesRead()) + ", up to position "
                + statistics.consumerPosition());
        add(table, "BACKLOG", bytes(backlog()) + ", " + percent() + "% of the capacity");
        add(table, "LONGEST BACKLOG", bytes(statistics.longestBacklog()));
        add(table, "FAILED CLAIMS", Long.toString(statistics.failedClaims()));
        add(table, "SKIPPED",
                Sizes.count(statistics.recordsSkipped(), "record") + ", " + bytes(statistics.bytesSkipped()));
        add(table, "CONSUMER", describe(statistics.consumer(), processes));
        if (statistics.producers().isEmpty()) {
            add(table, "PRODUCER", "nobody");
        }
        for (RoleOwner producer : statistics.producers()) {
            add(table, "PRODUCER", describe(producer, processes));
        }
    }

    private static void add(Table table, String name, String value) {
        table.add(null, name, value);
    }

    private static String messages(long messages, long bytes) {
        return Sizes.count(messages, "message") + " of " + bytes(bytes);
    }

    private static String bytes(long bytes) {
        return Sizes.inBytes(bytes) + (bytes >= 1024 ? " (" + Sizes.format(bytes) + ")" : "");
    }

    private static String describe(RoleOwner owner, Processes processes) {
        if (owner.liveness() == Liveness.NOBODY) {
            return "nobody";
        }
        String command = command(owner, processes);
        String name = "process " + owner.pid();
        return switch (owner.liveness()) {
            case TERMINATED -> name + ", which has terminated";
            case UNKNOWN -> name + " of another namespace";
            default -> command == null
                    ? name
                    : name + ": " + Printable.escape(command);
        };
    }

    /** {@return what the process runs, or {@code null} if that cannot be known: its number may be another one's by now} */
    private static String command(RoleOwner owner, Processes processes) {
        return owner.liveness() == Liveness.ALIVE ? processes.command(owner.pid()) : null;
    }

    void write(JsonWriter json, Processes processes) {
        json.beginObject();
        write(json, "key", block.key().toString());
        write(json, "id", block.id());
        write(json, "kind", kind);
        write(json, "part", part);
        write(json, "capacity", statistics.capacity());
        write(json, "longestmessage", longestMessage);
        write(json, "producerposition", statistics.producerPosition());
        write(json, "consumerposition", statistics.consumerPosition());
        write(json, "backlog", backlog());
        write(json, "percent", percent());
        write(json, "longestbacklog", statistics.longestBacklog());
        write(json, "messageswritten", statistics.messagesWritten());
        write(json, "byteswritten", statistics.bytesWritten());
        write(json, "messagesread", statistics.messagesRead());
        write(json, "bytesread", statistics.bytesRead());
        write(json, "failedclaims", statistics.failedClaims());
        write(json, "recordsskipped", statistics.recordsSkipped());
        write(json, "bytesskipped", statistics.bytesSkipped());
        json.name("consumer");
        if (statistics.consumer().liveness() == Liveness.NOBODY) {
            json.value((String) null);
        } else {
            write(json, statistics.consumer(), processes);
        }
        json.name("producers");
        json.beginArray();
        for (RoleOwner producer : statistics.producers()) {
            write(json, producer, processes);
        }
        json.endArray();
        json.endObject();
    }

    private static void write(JsonWriter json, String name, long value) {
        json.name(name);
        json.value(value);
    }

    private static void write(JsonWriter json, String name, String value) {
        json.name(name);
        json.value(value);
    }

    private static void write(JsonWriter json, RoleOwner owner, Processes processes) {
        json.beginObject();
        write(json, "pid", owner.pid());
        write(json, "liveness", owner.liveness().name().toLowerCase(Locale.ROOT));
        write(json, "command", command(owner, processes));
        json.endObject();
    }
}
