import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

class Exercise {

    /**
     * A ring of messages in a block: one process puts them in, and one takes them out.
     *
     * <pre>
     *    0  HEAD: how many messages were taken out, a long
     *   64  TAIL: how many messages were put in, a long
     *  128  16 slots of 64 bytes: the length of a message, an int, and its bytes
     * </pre>
     *
     * A new block is an empty ring.
     */
    static final class Ring {

        static final int SLOTS = 16;
        static final int SLOT_SIZE = 64;
        static final int LONGEST = SLOT_SIZE - Integer.BYTES;
        static final long HEAD = 0;
        static final long TAIL = 64;
        static final long DATA = 128;
        static final long SIZE = DATA + SLOTS * SLOT_SIZE;

        static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

        private final MemorySegment memory;

        Ring(MemorySegment memory) {
            this.memory = memory;
        }

        /**
         * Puts a message in, or returns false if the ring is full. For one process and thread.
         *
         * @throws IllegalArgumentException if it does not fit into a slot
         */
        boolean offer(byte[] message) {
            // TODO offer
            if (message.length > LONGEST) {
                throw new IllegalArgumentException(message.length + " bytes, and a slot has " + LONGEST);
            }
            long tail = (long) LONG.get(memory, TAIL);
            if (tail - (long) LONG.getAcquire(memory, HEAD) == SLOTS) { // What the consumer reads comes before.
                return false;
            }
            long slot = DATA + tail % SLOTS * SLOT_SIZE;
            memory.set(ValueLayout.JAVA_INT, slot, message.length);
            MemorySegment.copy(message, 0, memory, ValueLayout.JAVA_BYTE, slot + Integer.BYTES, message.length);
            LONG.setRelease(memory, TAIL, tail + 1); // No store above comes later.
            return true;
            // END TODO
        }

        /** Takes a message out, or returns null if there is none. For one process and thread. */
        byte[] poll() {
            // TODO poll
            long head = (long) LONG.get(memory, HEAD);
            if ((long) LONG.getAcquire(memory, TAIL) == head) { // No load below comes earlier.
                return null;
            }
            long slot = DATA + head % SLOTS * SLOT_SIZE;
            byte[] message = new byte[memory.get(ValueLayout.JAVA_INT, slot)];
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, slot + Integer.BYTES, message, 0, message.length);
            LONG.setRelease(memory, HEAD, head + 1); // No load above comes later.
            return message;
            // END TODO
        }
    }
}
