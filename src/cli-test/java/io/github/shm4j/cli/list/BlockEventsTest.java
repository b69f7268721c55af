package io.github.shm4j.cli.list;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.ShmStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockEventsTest {

    private static final long SELF = ProcessHandle.current().pid();

    /** Above every process id that Linux gives. */
    private static final long NOBODY = 1 << 22;

    private final BlockEvents events = new BlockEvents();

    private static ShmStatus block(int id, long attachCount, long creator) {
        return new ExampleBlock(id, attachCount, creator);
    }

    private String after(ShmStatus... blocks) {
        events.update(List.of(blocks), Listing.of(List.of(blocks), false));
        List<String> marks = new ArrayList<>();
        for (ShmStatus block : events.shown()) {
            marks.add(block.id() + events.event(block).mark());
        }
        return String.join(",", marks);
    }

    @Test
    void shouldTakeWhatIsThereFirstForGranted() {
        assertEquals("1 ,2 ", after(block(1, 0, SELF), block(2, 0, NOBODY)));
    }

    @Test
    void shouldMarkWhatAppearsForAWhile() {
        after(block(1, 0, SELF));
        assertEquals("1 ,2+", after(block(1, 0, SELF), block(2, 0, SELF)));
        assertEquals("1 ,2+", after(block(1, 0, SELF), block(2, 0, SELF)));
        assertEquals("1 ,2+", after(block(1, 0, SELF), block(2, 0, SELF)));
        assertEquals("1 ,2 ", after(block(1, 0, SELF), block(2, 0, SELF)));
    }

    @Test
    void shouldKeepWhatVanishesInItsPlaceForAWhile() {
        after(block(1, 0, SELF), block(2, 0, SELF));
        assertEquals("1-,2 ", after(block(2, 0, SELF)));
        assertEquals("1-,2 ", after(block(2, 0, SELF)));
        assertEquals("1-,2 ", after(block(2, 0, SELF)));
        assertEquals("2 ", after(block(2, 0, SELF)));
    }

    @Test
    void shouldMarkGrowingAttachmentOnly() {
        after(block(1, 1, SELF));
        assertEquals("1^", after(block(1, 2, SELF)));
        after(block(1, 2, SELF));
        after(block(1, 2, SELF));
        assertEquals("1 ", after(block(1, 2, SELF)));
        assertEquals("1 ", after(block(1, 1, SELF)));
    }

    @Test
    void shouldMarkWhatBecomesAnOrphan() {
        after(block(1, 1, NOBODY));
        assertEquals("1!", after(block(1, 0, NOBODY)));
    }

    @Test
    void shouldMarkWhatComesBack() {
        after(block(1, 0, SELF));
        after();
        assertEquals("1+", after(block(1, 0, SELF)));
    }
}
