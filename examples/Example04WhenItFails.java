import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What is an exception here would be a wrong result, or the end of the process, in many other bindings. */
class Example04WhenItFails {

    public static void main(String[] arguments) throws ShmException {
        ShmKey key = ShmKey.random();
        SharedMemory memory = SharedMemory.create(key, 1000);
        try {
            expect(ShmAlreadyExistsException.class, "create twice", () -> SharedMemory.create(key, 1000));

            Arena arena = Arena.ofConfined();
            MemorySegment readOnly = memory.attach(AttachMode.READ_ONLY, arena);
            expect(IllegalArgumentException.class, "write read-only memory", () -> readOnly.fill((byte) 1));
            expect(IndexOutOfBoundsException.class, "read past the end", () -> readOnly.get(ValueLayout.JAVA_BYTE,
                    1000));

            // @start region="trust"
            SharedMemory trusted = SharedMemory.open(key, ShmTrust.callerOrRoot().withoutOtherWriters());
            // @end region="trust"
            trusted.setPermissions(ShmPermissions.ofWorldWritable(0666));
            expect(ShmUntrustedException.class, "trust what anybody can write", () -> SharedMemory.open(key,
                    ShmTrust.callerOrRoot().withoutOtherWriters()));

            arena.close();
            expect(IllegalStateException.class, "read after detaching", () -> readOnly.get(ValueLayout.JAVA_BYTE, 0));
        } finally {
            memory.remove();
        }
        expect(ShmNotFoundException.class, "open what was removed", () -> SharedMemory.open(key));
        expect(ShmNotFoundException.class, "ask about what was removed", memory::status);
        System.out.println("checked: each of these is the exception that it should be");
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void expect(Class<? extends Exception> expected, String what, Call call) {
        try {
            call.run();
        } catch (Exception failure) {
            if (!expected.isInstance(failure)) {
                throw new AssertionError(what, failure);
            }
            System.out.println(what + ":\n    " + failure);
            return;
        }
        throw new AssertionError(what + " succeeded");
    }
}
