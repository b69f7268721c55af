package io.github.shm4j.state;

import io.github.shm4j.ring.SimulatedProcess;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Does to the lock at the beginning of some memory what short commands say: {@code open}, {@code try}, {@code acquire 2}, which
 * waits for two milliseconds, {@code take-over}, {@code ask}, {@code consistent}, {@code close}; and {@code leave}, which closes
 * once, whatever is thrown.
 *
 * <p>It notes {@code acquired}, {@code told} if the previous owner died, or {@code busy}; what {@code ask} says; and {@code closed}, or
 * {@code lost}.
 */
public final class LockScript implements Consumer<String> {

    /** What is noted where another process has taken the lock over. */
    static final String LOST = "lost";

    private final MemorySegment memory;
    private final List<String> notes;
    private SharedLock lock;
    private SharedLock.Held held;

    public LockScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
        this.notes = notes;
    }

    @Override
    public void accept(String commands) {
        for (String command : commands.split("; ")) {
            try {
                execute(command.split(" "));
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    private void execute(String[] command) throws InterruptedException {
        switch (command[0]) {
            case "open" -> lock = SharedLock.at(memory, 0);
            case "try" -> note(lock.tryAcquire());
            case "acquire" -> {
                SharedLock.Held acquired = null;
                try {
                    acquired = lock.acquire(Duration.ofMillis(Long.parseLong(command[1])));
                } catch (LockTimeoutException timeout) {
                    // Noted below.
                }
                note(acquired);
            }
            case "take-over" -> note(lock.takeOver());
            case "ask" -> {
                if (held != null) {
                    notes.add(Boolean.toString(held.isLost()));
                }
            }
            case "consistent" -> {
                if (held != null) {
                    held.markConsistent();
                }
            }
            case "close" -> {
                if (held != null) {
                    SimulatedProcess.step();
                    close(held);
                    held = null;
                }
            }
            case "leave" -> {
                SharedLock.Held last = held;
                held = null;
                close(last);
            }
            default -> throw new IllegalArgumentException(command[0]);
        }
    }

    private void close(SharedLock.Held last) {
        try {
            last.close();
            notes.add("closed");
        } catch (LockLostException lost) {
            notes.add(LOST);
        }
    }

    private void note(SharedLock.Held acquired) {
        held = acquired;
        notes.add(acquired == null ? "busy" : acquired.previousOwnerDied() ? "told" : "acquired");
    }
}
