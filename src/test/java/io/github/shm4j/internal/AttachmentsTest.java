package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who else has a block. Programs that list blocks may attach them for a moment, which delays the answer. */
@Patient
class AttachmentsTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static void awaitHereOnly(MemorySegment memory) throws Exception {
        Patience.await("nobody else has the block attached", () -> Attachments.isAttachedHereOnly(memory));
    }

    @Test
    void shouldCountEachAttachmentOfThisProcess() throws Exception {
        SharedMemory block = blocks.create(10_000);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment first = block.attach(AttachMode.READ_WRITE, arena);
            awaitHereOnly(first);
            try (Arena second = Arena.ofConfined()) {
                awaitHereOnly(block.attach(AttachMode.READ_ONLY, second).asSlice(9_999));
                awaitHereOnly(first.asSlice(5000, 0));
            }
            awaitHereOnly(first);
            block.remove();
            awaitHereOnly(first);
        }
    }

    @Test
    void shouldNotTakeAnAttachmentForOneOfThisProcessThatTheLibraryDoesNotKnow() throws Exception {
        SharedMemory block = blocks.create(10_000);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
            long address = ShmCalls.shmat(block.id(), 0);
            try {
                for (int i = 0; i < 100; i++) {
                    assertFalse(Attachments.isAttachedHereOnly(memory));
                }
            } finally {
                ShmCalls.shmdt(address);
            }
            awaitHereOnly(memory);
        }
    }

    /** The kernel's count is what it would be if this process alone had the block. */
    @Test
    void shouldNotTakeTheAttachmentOfAnotherForOneThatWasUnmapped() throws Exception {
        SharedMemory block = blocks.create(10_000);
        Arena second = Arena.ofShared();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
            MemorySegment unmapped = block.attach(AttachMode.READ_WRITE, second);
            awaitHereOnly(memory);
            long anothers = ShmCalls.shmat(block.id(), 0);
            ShmCalls.shmdt(unmapped.address());
            try {
                for (int i = 0; i < 100; i++) {
                    assertFalse(Attachments.isAttachedHereOnly(memory));
                }
            } finally {
                ShmCalls.shmdt(anothers);
                assertThrows(UncheckedIOException.class, second::close);
            }
        }
    }

    @Test
    void shouldSayNothingOfMemoryThatIsNotAttached() throws Exception {
        SharedMemory block = blocks.create(10_000);
        MemorySegment detached;
        try (Arena arena = Arena.ofShared()) {
            detached = block.attach(AttachMode.READ_WRITE, arena);
            awaitHereOnly(detached);
            assertFalse(Attachments.isAttachedHereOnly(arena.allocate(64)));
        }
        assertFalse(Attachments.isAttachedHereOnly(detached));
        assertFalse(Attachments.isAttachedHereOnly(MemorySegment.ofArray(new byte[64])));
    }
}
