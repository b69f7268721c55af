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
        ValueLayout.OfInt bigInt = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        ValueLayout.OfShort bigShort = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        ValueLayout.OfInt littleInt = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        byte[] name = packed.asSlice(10, 8).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new Order(
                Integer.toUnsignedLong(packed.get(bigInt, 0)),
                Short.toUnsignedInt(packed.get(bigShort, 4)),
                Integer.toUnsignedLong(packed.get(littleInt, 6)),
                new String(name, 0, length, StandardCharsets.UTF_8));
        // END TODO
    }
}
