package io.github.shm4j.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.internal.BeforeDetach;
import io.github.shm4j.internal.LibraryCopies;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.Restricted;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What an object knows of its signature when something was thrown out of it, and others sign in the same process. */
@Patient
@Isolated("as long as the library counts as loaded twice, no object of this JVM is sure of its signature")
class RoleSignatureTest {

    private static final long FIELD = 64;
    private static final long COUNT = 72;
    private static final int SIZE = 4096;

    /** A process of these tests alone: no other test signs as it. */
    private static final long SELF = Owner.of(40_021, 1);

    private static final long OTHER = Owner.of(40_022, 1);

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private static long field(MemorySegment memory) {
        return (long) Format.LONG.getAcquire(memory, FIELD);
    }

    private static RoleSignature signature() {
        return new RoleSignature(FIELD, COUNT, SELF);
    }

    /** Throws out of an object that signs, as a stack that is exhausted does, so that only the field says whether it has. */
    private static RoleSignature throwOutOf(MemorySegment memory) {
        RoleSignature signature = signature();
        // A compare-and-set is refused there.
        assertThrows(RuntimeException.class, () -> signature.sign(memory.asReadOnly()));
        Format.LONG.setRelease(memory, FIELD, SELF);
        return signature;
    }

    /** Nobody can reach the object any more, nor its memory, of which the garbage collector is to see to the end. */
    @Test
    void shouldNotKeepTheMemoryOfAnObjectThatHasThrown() throws Exception {
        SharedMemory block = blocks.create(SIZE);
        MemorySegment seen = block.attach(AttachMode.READ_WRITE, arena);
        WeakReference<MemorySegment.Scope> scope = throwAndForget(block);
        assertEquals(SELF, field(seen));
        // Others sign other fields meanwhile.
        assertEquals(Owner.NOBODY, signature().sign(blocks.create(SIZE).attach(AttachMode.READ_WRITE, arena)));
        Patience.await("the role is given back", () -> {
            System.gc();
            return field(seen) == Owner.NOBODY;
        });
        assertEquals(null, scope.get());
    }

    private static WeakReference<MemorySegment.Scope> throwAndForget(SharedMemory block) throws ShmException {
        MemorySegment memory = block.attach(AttachMode.READ_WRITE, Arena.ofAuto());
        RoleSignature signature = throwOutOf(memory);
        BeforeDetach.set(memory, signature::giveBack);
        return new WeakReference<>(memory.scope());
    }
    /** Lets another process take the role over and give it back, and then an object that signs through some mapping. */
    private static RoleSignature robAndSignAgain(MemorySegment memory, MemorySegment through) {
        Format.LONG.setRelease(memory, FIELD, OTHER);
        Format.LONG.getAndAdd(memory, COUNT, 1L);
        Format.LONG.setRelease(memory, FIELD, Owner.NOBODY);
        return sign(through);
    }

    private static RoleSignature sign(MemorySegment memory) {
        RoleSignature signature = signature();
        assertEquals(Owner.NOBODY, signature.sign(memory));
        assertTrue(signature.isHeld(memory));
        return signature;
    }

    /** A process that was robbed before it had counted counts late: that robs nobody. */
    private static void countLate(MemorySegment memory) {
        Format.LONG.getAndAdd(memory, COUNT, 1L);
    }

    private MemorySegment map(Path file, Arena mapping) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, mapping);
        }
    }

    @Test
    void shouldKnowTheFieldInEachMappingOfAFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("file");
        MemorySegment memory = map(file, arena);
        RoleSignature first = sign(memory);
        MemorySegment again = map(file, arena);
        RoleSignature second = robAndSignAgain(memory, again);
        assertTrue(first.isLost(memory), "another object has the role");
        countLate(memory);
        assertFalse(second.isLost(again));
        first.giveBack(memory);
        assertEquals(SELF, field(memory));
        second.giveBack(again);
        assertEquals(Owner.NOBODY, field(memory));
    }

    /** Otherwise the role would be refused to everybody for as long as the process runs. */
    @Test
    void shouldNotTakeAnotherFileForTheSame(@TempDir Path directory) throws IOException {
        MemorySegment memory = map(directory.resolve("one"), arena);
        RoleSignature first = sign(memory);
        RoleSignature ofAnother = sign(map(directory.resolve("other"), arena));
        RoleSignature ofNone = sign(Arena.ofAuto().allocate(SIZE, 8));
        countLate(memory);
        assertFalse(first.isLost(memory));
        first.giveBack(memory);
        assertEquals(Owner.NOBODY, field(memory));
        assertTrue(ofAnother.mayBeHeld() && ofNone.mayBeHeld());
    }

    /** Whoever cannot tell any more takes the role for lost. */
    @Test
    void shouldNotTakeForItsOwnWhatMayBeOfAMappingThatHasGone(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("file");
        MemorySegment memory = map(file, arena);
        RoleSignature first = sign(memory);
        try (Arena shorter = Arena.ofConfined()) {
            robAndSignAgain(memory, map(file, shorter));
        }
        assertTrue(first.isLost(memory));
        first.giveBack(memory);
        assertEquals(SELF, field(memory));
    }

    /** A program can attach a block by other means than the library. */
    @Test
    void shouldKnowABlockThatTheLibraryHasNotAttached() throws ShmException {
        SharedMemory block = blocks.create(SIZE);
        MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
        try (Arena own = Arena.ofConfined()) {
            MemorySegment elsewhere = Restricted.map(ShmCalls.shmat(block.id(), 0), SIZE, own,
                    mapped -> assertEquals(0, ShmCalls.shmdt(mapped.address())));
            RoleSignature first = sign(memory);
            RoleSignature second = robAndSignAgain(memory, elsewhere);
            assertTrue(first.isLost(memory), "another object has the role");
            second.giveBack(elsewhere);
            RoleSignature third = sign(elsewhere);
            robAndSignAgain(elsewhere, memory);
            assertTrue(third.isLost(elsewhere), "another object has the role");
            assertEquals(SELF, field(memory));
        }
    }

    /** Two copies in a JVM do not know what the other one has signed. */
    @Test
    void shouldTakeNothingForItsOwnWhereTheLibraryWasLoadedTwice() throws ReflectiveOperationException {
        MemorySegment memory = arena.allocate(SIZE, 8);
        RoleSignature signature = sign(memory);
        String before = System.getProperty("io.github.shm4j.copies");
        try {
            Class<?> copy = Class.forName(LibraryCopies.class.getName(), true, new Copying());
            assertFalse((boolean) copy.getMethod("isOnly").invoke(null));
            assertFalse(LibraryCopies.isOnly());
            assertFalse(signature.isLost(memory), "nobody has counted");
            countLate(memory);
            assertTrue(signature.isLost(memory));
        } finally {
            System.setProperty("io.github.shm4j.copies", before);
        }
        assertTrue(LibraryCopies.isOnly());
    }

    /** Loads the class itself, as each of two applications in one JVM does. */
    private static final class Copying extends ClassLoader {

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(LibraryCopies.class.getName())) {
                return super.loadClass(name, resolve);
            }
            try (InputStream in = LibraryCopies.class.getResourceAsStream("LibraryCopies.class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }
}
