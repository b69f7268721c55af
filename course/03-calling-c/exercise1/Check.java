import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/*
 * Hint 1: key_t is an int. const char * is ADDRESS, and the string has to be off the heap, with its 0.
 * Hint 2: FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), and then invokeExact(arena.allocateFrom(path), project).
 */
class Check {

    public static void main(String[] arguments) throws Throwable {
        // As long as what malloc gives in one piece: behind it, there is no 0 by chance.
        String path = System.getenv("COURSE") + "/learn";
        for (int n = 2; path.getBytes(StandardCharsets.UTF_8).length % 16 != 8; n++) {
            path = System.getenv("COURSE") + "/".repeat(n) + "learn";
        }
        Path file = Path.of(path);
        long device = ((Number) Files.getAttribute(file, "unix:dev")).longValue();
        long inode = ((Number) Files.getAttribute(file, "unix:ino")).longValue();
        int expected = (int) (('c' & 0xff) << 24 | (device & 0xff) << 16 | inode & 0xffff);
        int key = Exercise.ftok(path, 'c');
        Judge.that(key != -1, "ftok returns -1: it did not find the file. Has the string its 0, and is it off the heap?");
        Judge.that(key == expected, "ftok returns 0x%08x, and C makes 0x%08x of this file".formatted(key, expected));
        Judge.that(Exercise.ftok("/no/such/file", 'c') == -1, "a file that is not there has a key: is this C's ftok?");
        Judge.passed("0x%08x is the key that every program makes of this file".formatted(key));
    }
}
