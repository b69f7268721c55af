package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.terminal.Colour;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What happens to blocks from one listing to the next. */
final class BlockEvents {

    /** The number of listings that show an event. A vanished block disappears with its event. */
    private static final int REMEMBERED = 3;

    /** What happened to a block last. The mark tells where there are no colours. */
    enum Event {
        NONE(" ", null),
        APPEARED("+", Colour.GREEN),
        VANISHED("-", Colour.RED),
        ATTACHED("^", Colour.CYAN),
        ORPHANED("!", Colour.ORANGE);

        private final String mark;
        private final String style;

        Event(String mark, String style) {
            this.mark = mark;
            this.style = style;
        }

        String mark() {
            return mark;
        }

        String style() {
            return style;
        }
    }

    private static final class Followed {
        private ShmStatus block;
        private boolean orphan;
        private Event event;
        private int eventAge;

        private void happen(Event happened) {
            event = happened;
            eventAge = 0;
        }
    }

    // In order of appearance, so that rows keep their places.
    private final Map<Integer, Followed> blocks = new LinkedHashMap<>();
    private boolean first = true;

    /** Takes the next listing. */
    void update(List<ShmStatus> now, Listing listing) {
        Map<Integer, ShmStatus> present = new LinkedHashMap<>();
        for (ShmStatus block : now) {
            present.put(block.id(), block);
        }
        Iterator<Followed> each = blocks.values().iterator();
        while (each.hasNext()) {
            Followed followed = each.next();
            followed.eventAge++;
            if (!present.containsKey(followed.block.id())) {
                if (followed.event != Event.VANISHED) {
                    followed.happen(Event.VANISHED);
                } else if (followed.eventAge >= REMEMBERED) {
                    each.remove();
                }
            } else if (followed.eventAge >= REMEMBERED) {
                followed.event = Event.NONE;
            }
        }
        for (ShmStatus block : present.values()) {
            boolean orphan = listing.isOrphan(block);
            Followed followed = blocks.get(block.id());
            if (followed == null) {
                followed = new Followed();
                followed.happen(first ? Event.NONE : Event.APPEARED);
                blocks.put(block.id(), followed);
            } else if (followed.event == Event.VANISHED) {
                // The filter has let it in again.
                followed.happen(Event.APPEARED);
            } else if (orphan && !followed.orphan) {
                followed.happen(Event.ORPHANED);
            } else if (block.attachCount() > followed.block.attachCount()) {
                followed.happen(Event.ATTACHED);
            }
            followed.block = block;
            followed.orphan = orphan;
        }
        first = false;
    }

    /** {@return the blocks to show: the present ones and those that vanished within the last listings} */
    List<ShmStatus> shown() {
        List<ShmStatus> shown = new ArrayList<>(blocks.size());
        for (Followed followed : blocks.values()) {
            shown.add(followed.block);
        }
        return shown;
    }

    Event event(ShmStatus block) {
        return blocks.get(block.id()).event;
    }
}
