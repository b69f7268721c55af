import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

class Exercise {

    record Order(long number, int count, long cents, String name) {}

    /**
     * Reads what PHP has written with {@code pack("NnVa8", $number, $count, $cents, $name)}: an unsigned big-endian int, an
     * unsigned big-endian short, an unsigned little-endian int, and eight bytes of UTF-8, filled up with 0.
     */
    static Order read(MemorySegment packed) {
        // TODO Mind the order, the alignment and the sign.
        long number = packed.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
        return new Order(number, 0, 0, "");
        // END TODO
    }
}
