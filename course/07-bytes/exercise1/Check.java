import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/*
 * Hint 1: N is a big-endian int at 0, n a big-endian short at 4, V a little-endian int at 6, and a8 begins at 10. Which of
 * these offsets are not aligned?
 * Hint 2: JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), and Integer.toUnsignedLong of what it reads. For the name, copy
 * 8 bytes and end at the first 0, if there is one.
 */
class Check {

    public static void main(String[] arguments) {
        // PHP: pack("NnVa8", 4000000001, 50000, 3000000002, "Zoë")
        Exercise.Order order = Exercise.read(packed(0xee, 0x6b, 0x28, 0x01, 0xc3, 0x50, 0x02, 0x5e, 0xd0, 0xb2, "Zoë"));
        Judge.that(order.number() != -294_967_295, "the number is -294967295: N has no sign");
        Judge.that(order.number() == 4_000_000_001L,
                "the number is " + order.number() + ", not 4000000001: in N, the first byte weighs most");
        Judge.that(order.count() == 50_000, "the count is " + order.count() + ", not 50000: n is big-endian, without a sign");
        Judge.that(order.cents() == 3_000_000_002L,
                "the cents are " + order.cents() + ", not 3000000002: V is little-endian, without a sign");
        Judge.that("Zoë".equals(order.name()), "the name is '" + order.name() + "', not 'Zoë'");
        order = Exercise.read(packed(0, 0, 0, 1, 0, 2, 3, 0, 0, 0, "Methusal"));
        Judge.that("Methusal".equals(order.name()), "the name is '" + order.name() + "': one that fills a8 has no 0 behind it");
        Judge.passed("you read what PHP has packed");
    }

    static MemorySegment packed(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, String name) {
        byte[] bytes = new byte[18];
        int[] head = {a, b, c, d, e, f, g, h, i, j};
        for (int k = 0; k < head.length; k++) {
            bytes[k] = (byte) head[k];
        }
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, bytes, 10, text.length);
        return MemorySegment.ofArray(bytes);
    }
}
