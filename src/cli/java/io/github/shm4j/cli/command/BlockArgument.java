package io.github.shm4j.cli.command;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import java.io.IOException;
import java.util.List;

/**
 * The block that an argument names: a key, or an id as {@code id:N}.
 *
 * @param text what the user wrote, for messages
 * @param key the key, or {@code null} if it is an id
 * @param id the id, or -1 if it is a key
 */
public record BlockArgument(String text, ShmKey key, int id) {

    public static final String ID_PREFIX = "id:";

    /**
     * Reads an argument.
     *
     * @param isId whether a bare number is an id and not a key
     * @throws IllegalArgumentException if it can name no block
     */
    public static BlockArgument parse(String text, boolean isId) {
        if (isId || text.startsWith(ID_PREFIX)) {
            return new BlockArgument(text, null, parseId(text));
        }
        ShmKey key = ShmKey.parse(text);
        if (key.value() == ShmKey.PRIVATE.value()) {
            throw new IllegalArgumentException(
                    "key " + text + " is IPC_PRIVATE, which names no block; name the block by its id, as id:N");
        }
        return new BlockArgument(text, key, -1);
    }

    private static int parseId(String text) {
        String number = text.startsWith(ID_PREFIX) ? text.substring(ID_PREFIX.length()) : text;
        try {
            // Ids are written as keys are.
            int id = ShmKey.parse(number).value();
            if (id >= 0) {
                return id;
            }
        } catch (IllegalArgumentException malformed) {
            // The message below says what an id is.
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" is not an id; expected a number from 0 to 2147483647, such as id:17");
    }

    /** {@return whether it is this block that is meant} */
    public boolean names(ShmStatus block) {
        return key == null ? block.id() == id : block.key().value() == key.value();
    }

    /** Opens the block. A block named by id is not looked up: the first use fails if there is none. */
    public SharedMemory open() throws IOException {
        if (key == null) {
            return SharedMemory.ofId(id);
        }
        try {
            return SharedMemory.open(key);
        } catch (ShmNotFoundException none) {
            throw new IOException(Advice.with(missing(SharedMemory.list()), none), none);
        }
    }

    /** {@return the block that is named, or {@code null}} */
    public ShmStatus among(List<ShmStatus> blocks) {
        for (ShmStatus block : blocks) {
            if (names(block)) {
                return block;
            }
        }
        return null;
    }

    /** {@return a message that there is no such block, and which one may be meant} */
    public String missing(List<ShmStatus> blocks) {
        if (key == null) {
            return "no block has the id " + id;
        }
        // A bare number is a key, but users may mean an id, which looks more like a number.
        boolean isDecimal = text.matches("0|[1-9][0-9]*") && key.value() >= 0;
        BlockArgument meant = new BlockArgument(text, null, key.value());
        return "no block has the key " + key
                + (isDecimal && meant.among(blocks) != null
                        ? ", but one has the id " + text + ": say id:" + text + " if you mean that one"
                        : "");
    }
}
