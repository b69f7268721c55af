package io.github.shm4j.cli;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmStatus;

/**
 * The block that an argument names: a key, or an id as {@code id:N}.
 *
 * @param text what the user wrote, for messages
 * @param key the key, or {@code null} if it is an id
 * @param id the id, or -1 if it is a key
 */
record BlockArgument(String text, ShmKey key, int id) {

    private static final String ID_PREFIX = "id:";

    /**
     * Reads an argument.
     *
     * @param isId whether a bare number is an id and not a key
     * @throws IllegalArgumentException if it can name no block
     */
    static BlockArgument parse(String text, boolean isId) {
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

    boolean names(ShmStatus block) {
        return key == null ? block.id() == id : block.key().value() == key.value();
    }

    SharedMemory open() throws ShmException {
        return key == null ? SharedMemory.ofId(id) : SharedMemory.open(key);
    }

    /** {@return that there is no such block} */
    String missing() {
        return key == null ? "no block has the id " + id : "no block has the key " + key;
    }
}
