package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Errno;
import io.github.shm4j.internal.KernelSettings;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.support.Blocks;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which exception each error of each call becomes, and what that says is to be done. */
class FailuresTest {

    // Nobody has it: blocks are made with it by no test and no program that is not told to.
    private static final ShmKey KEY = ShmKey.of(0x7fed_cba9);
    private static final int ID = Integer.MAX_VALUE;

    private static final int PLAIN = 0600;
    private static final int HUGE = 0600 | SysVShm.SHM_HUGETLB();

    private static final String FILTER = "seccomp";
    private static final String MISSING = "CONFIG_SYSVIPC";

    /** What one error becomes. */
    private record Becomes(Class<? extends ShmException> type, String advice) {}

    /** One call with its errors; each one that is not named becomes the last. */
    private static final class Call {

        private final String name;
        private final String text;
        private final IntFunction<ShmException> failure;
        private final Map<Errno, Becomes> errors = new EnumMap<>(Errno.class);
        private Becomes other;

        Call(String text, IntFunction<ShmException> failure) {
            this.text = text;
            this.name = text.substring(0, text.indexOf('('));
            this.failure = failure;
        }

        Call on(Errno errno, Class<? extends ShmException> type, String advice) {
            errors.put(errno, new Becomes(type, advice));
            return this;
        }

        Call otherwise(String advice) {
            other = new Becomes(ShmException.class, advice);
            errors.putIfAbsent(Errno.ENOSYS, new Becomes(ShmException.class, MISSING));
            errors.putIfAbsent(Errno.EPERM, new Becomes(ShmNotPermittedException.class, FILTER));
            errors.putIfAbsent(Errno.EACCES, new Becomes(ShmAccessDeniedException.class, FILTER));
            return this;
        }
    }

    private static Stream<Call> calls() {
        return Stream.of(
                new Call("ftok(\"/some/file\", 7)", errno -> Failures.ftok(Path.of("/some/file"), 7, errno))
                        .on(Errno.ENOENT, ShmException.class, "does not exist")
                        .on(Errno.ENOTDIR, ShmException.class, "not a directory")
                        .on(Errno.ENAMETOOLONG, ShmException.class, "too long")
                        .on(Errno.ELOOP, ShmException.class, "cycle of symbolic links")
                        .on(Errno.EACCES, ShmAccessDeniedException.class, "may not be searched by this user")
                        .on(Errno.EPERM, ShmException.class, "status cannot be read")
                        .on(Errno.ENOSYS, ShmException.class, "status cannot be read")
                        .otherwise("status cannot be read"),
                create("0600", PLAIN, 1000)
                        .on(Errno.ENOMEM, ShmLimitException.class, "NO_RESERVE")
                        .on(Errno.EINVAL, ShmLimitException.class, "kernel.shmmax")
                        .otherwise("The block was not created"),
                create("0600", PLAIN, 0)
                        .on(Errno.ENOMEM, ShmLimitException.class, "NO_RESERVE")
                        .on(Errno.EINVAL, ShmException.class, "at least 1 byte")
                        .otherwise("The block was not created"),
                create("SHM_HUGETLB|0600", HUGE, 1000)
                        .on(Errno.ENOMEM, ShmLimitException.class, "/proc/sys/vm/nr_hugepages")
                        .on(Errno.EINVAL, ShmException.class, "/sys/kernel/mm/hugepages")
                        .on(Errno.EPERM, ShmNotPermittedException.class, "/proc/sys/vm/hugetlb_shm_group")
                        .otherwise("The block was not created"),
                create("SHM_HUGETLB|0600", HUGE, 0)
                        .on(Errno.ENOMEM, ShmLimitException.class, "/proc/sys/vm/nr_hugepages")
                        .on(Errno.EINVAL, ShmException.class, "at least 1 byte")
                        .on(Errno.EPERM, ShmNotPermittedException.class, "/proc/sys/vm/hugetlb_shm_group")
                        .otherwise("The block was not created"),
                new Call("shmget(" + KEY + ", 1000, 0)", errno -> Failures.open(KEY, 1000, errno))
                        .on(Errno.ENOENT, ShmNotFoundException.class, "No block in this IPC namespace has the key")
                        .on(Errno.EINVAL, ShmException.class, "is smaller than 1000")
                        .on(Errno.EACCES, ShmAccessDeniedException.class, "ask its owner")
                        .otherwise("The block was not opened"),
                attach(AttachMode.READ_ONLY, "SHM_RDONLY", "this user to read it: ask its owner"),
                attach(AttachMode.READ_WRITE, "0",
                        "this user to read and write it: attach it read-only, or ask its owner"),
                new Call("shmdt(0xabc000)", errno -> Failures.detach(ID, 0xabc000, errno))
                        .otherwise("Block " + ID + " is no longer attached there"),
                touch(true, "MADV_POPULATE_READ"),
                touch(false, "MADV_POPULATE_WRITE"),
                control("IPC_STAT").on(Errno.EPERM, ShmNotPermittedException.class, FILTER),
                new Call("shmctl(3, SHM_STAT_ANY)", errno -> Failures.list(3, errno))
                        .on(Errno.EINVAL, ShmException.class, "a kernel from 4.17 on")
                        .otherwise("The blocks cannot be listed"),
                control("IPC_SET"),
                control("IPC_RMID"),
                control("SHM_LOCK").on(Errno.EPERM, ShmNotPermittedException.class, "ulimit -l"),
                control("SHM_UNLOCK"),
                new Call("shmctl(0, IPC_INFO)", errno -> Failures.system("IPC_INFO", errno))
                        .otherwise("The system's figures cannot be read"));
    }

    private static Call create(String flags, int bits, long size) {
        return new Call(
                "shmget(" + KEY + ", " + size + ", IPC_CREAT|IPC_EXCL|" + flags + ")",
                errno -> Failures.create(KEY, size, bits, errno))
                .on(Errno.EEXIST, ShmAlreadyExistsException.class, "has the key already")
                .on(Errno.ENOSPC, ShmLimitException.class, "kernel.shmmni or kernel.shmall");
    }

    private static Call attach(AttachMode mode, String flags, String denied) {
        return new Call("shmat(" + ID + ", NULL, " + flags + ")", errno -> Failures.attach(ID, mode, errno))
                .on(Errno.EINVAL, ShmNotFoundException.class, "it has been removed")
                .on(Errno.EIDRM, ShmNotFoundException.class, "it has been removed")
                .on(Errno.EACCES, ShmAccessDeniedException.class, denied)
                .on(Errno.ENOMEM, ShmLimitException.class, "vm.max_map_count")
                .on(Errno.ENFILE, ShmLimitException.class, "Too many files are open")
                .on(Errno.EMFILE, ShmLimitException.class, "Too many files are open")
                .otherwise("The block was not attached");
    }

    private static Call touch(boolean readOnly, String advice) {
        return new Call(
                "madvise(block " + ID + ", " + advice + ")", errno -> Failures.touch(ID, readOnly, errno))
                .on(Errno.ENOMEM, ShmLimitException.class, "cannot back the whole block with memory")
                .on(Errno.EFAULT, ShmLimitException.class, "cannot back the whole block with memory")
                .otherwise("The block was not attached");
    }

    private static Call control(String command) {
        return new Call("shmctl(" + ID + ", " + command + ")", errno -> Failures.control(ID, command, errno))
                .on(Errno.EINVAL, ShmNotFoundException.class, "it has been removed")
                .on(Errno.EIDRM, ShmNotFoundException.class, "it has been removed")
                .on(Errno.EACCES, ShmAccessDeniedException.class, "SharedMemory.list() shows")
                .on(Errno.EPERM, ShmNotPermittedException.class,
                        "Only the block's owner, its creator or a privileged process")
                .on(Errno.ENOMEM, ShmLimitException.class, "raise it (ulimit -l)")
                .on(Errno.EOVERFLOW, ShmException.class, "does not fit the structure")
                .otherwise("The call had no effect");
    }

    private static Stream<Arguments> errors() {
        return calls().flatMap(call -> Stream.of(Errno.values()).map(errno -> {
            Becomes becomes = call.errors.getOrDefault(errno, call.other);
            return Arguments.of(Named.of(call.text, call), errno, becomes.type, becomes.advice);
        }));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void shouldTurnAnErrorIntoTheExceptionThatFits(
            Call call, Errno errno, Class<? extends ShmException> type, String advice) {
        // A number that is not known: EIO.
        int number = errno == Errno.UNKNOWN ? 5 : errno.number();
        ShmException failure = call.failure.apply(number);

        assertSame(type, failure.getClass());
        assertEquals(call.name, failure.call());
        assertEquals(number, failure.errno());
        assertEquals(errno == Errno.UNKNOWN ? "errno 5" : errno.name(), failure.errnoName());
        String message = failure.getMessage();
        assertTrue(message.startsWith(call.text + ": " + Errno.describe(number) + ". "), message);
        assertTrue(message.contains(advice), message);
        assertTrue(message.endsWith(".") && !message.endsWith(".."), message);
        assertEquals(advice.equals(FILTER) || advice.equals(MISSING), message.contains(FILTER), message);
        assertEquals(advice.equals(MISSING), message.contains(MISSING), message);
        assertEquals(advice.equals("ulimit -l"), message.contains("limit on locked memory is not 0"), message);
        assertFalse(message.contains("null"), message);
    }

    @Test
    void shouldTellTheOwnerOfABlockThatItsBitsAreHisToSet() throws ShmException {
        try (Blocks blocks = new Blocks()) {
            ShmKey key = blocks.freeKey();
            SharedMemory memory = blocks.adopt(SharedMemory.create(key, 1000));
            blocks.create(2000);
            int denied = Errno.EACCES.number();
            for (ShmException failure : List.of(
                    Failures.open(key, 0, denied),
                    Failures.attach(memory.id(), AttachMode.READ_WRITE, denied),
                    Failures.control(memory.id(), "IPC_STAT", denied))) {
                assertTrue(
                        failure.getMessage().contains("The block is this user's own, and it is its permissions (0600)"),
                        failure.getMessage());
                assertFalse(failure.getMessage().contains("ask its owner"), failure.getMessage());
            }
        }
    }

    @Test
    void shouldDescribeTheBlockThatHasTheKey() throws ShmException {
        try (Blocks blocks = new Blocks()) {
            blocks.create(2000);
            ShmKey key = blocks.freeKey();
            SharedMemory memory = blocks.adopt(SharedMemory.create(key, 1234));
            blocks.create(3000);
            int exists = Errno.EEXIST.number();
            String rest =
                    " has the key already: open it if you trust its owner, choose another key, or, if nobody needs it"
                            + " any more, remove it (ipcrm -M " + key + ").";
            String message = Failures.create(key, 1000, PLAIN, exists).getMessage();
            assertTrue(message.endsWith(". Block " + memory.id() + " of 1234 bytes, owned by user "
                    + memory.status().ownerUid() + " and created by process " + ProcessHandle.current().pid() + ","
                    + rest), message);
            memory.remove();
            String gone = Failures.create(key, 1000, PLAIN, exists).getMessage();
            assertTrue(gone.endsWith(". A block" + rest), gone);
        }
    }

    @Test
    void shouldTellAnOwnerWithoutMeaningFromABlockThatIsGone() throws ShmException {
        try (Blocks blocks = new Blocks()) {
            SharedMemory memory = blocks.create(1000);
            int invalid = Errno.EINVAL.number();
            ShmException unmapped = Failures.control(memory.id(), "IPC_SET", invalid);
            assertSame(ShmException.class, unmapped.getClass());
            assertTrue(unmapped.getMessage().contains("no meaning in this user namespace"), unmapped.getMessage());
            assertSame(ShmNotFoundException.class, Failures.control(memory.id(), "IPC_STAT", invalid).getClass());
            memory.remove();
            assertSame(ShmNotFoundException.class, Failures.control(memory.id(), "IPC_SET", invalid).getClass());
        }
    }

    @Test
    void shouldSayHowLargeABlockIsThatIsTooSmall() throws ShmException {
        try (Blocks blocks = new Blocks()) {
            ShmKey key = blocks.freeKey();
            blocks.adopt(SharedMemory.create(key, 1000));
            String message = Failures.open(key, 1001, Errno.EINVAL.number()).getMessage();
            assertTrue(message.contains("The block has 1000 bytes, fewer than 1001"), message);
        }
    }

    @Test
    void shouldSayHowMuchOfEachLimitIsUsed() throws ShmException {
        String message = Failures.create(KEY, 1000, PLAIN, Errno.ENOSPC.number()).getMessage();
        assertTrue(message.contains(" of " + ShmLimits.current().maxBlocks() + " blocks; SHMALL: "), message);
    }

    @Test
    void shouldNameTheSizeOfHugePages() {
        int gigabyte = HUGE | 30 << SysVShm.HUGETLB_FLAG_ENCODE_SHIFT();
        assertTrue(Failures.create(KEY, 1000, gigabyte, Errno.ENOMEM.number()).getMessage()
                .contains("IPC_CREAT|IPC_EXCL|SHM_HUGETLB|30<<SHM_HUGE_SHIFT|0600"));
    }

    @Test
    void shouldSpeakOfBlocksThatVanishOnlyWhereTheyDo() {
        for (ShmException failure : List.of(
                Failures.open(KEY, 0, Errno.ENOENT.number()), Failures.control(ID, "IPC_STAT", Errno.EIDRM.number()))) {
            assertEquals(
                    KernelSettings.isRmidForced(), failure.getMessage().contains("shm_rmid_forced"),
                    failure.getMessage());
        }
    }

    @Test
    void shouldSayWhyPermissionsOfAnUnmappedOwnerStay() {
        ShmException failure = Failures.unmappedOwner(ID);
        assertEquals(0, failure.errno());
        assertTrue(failure.getMessage().startsWith("shmctl(" + ID + ", IPC_SET): not called. "), failure.getMessage());
    }
}
