package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.internal.ProcSysvipc.Row;
import io.github.shm4j.internal.posix.Posix;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.support.Blocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the kernel's list is read. */
class ProcSysvipcTest {

    private static final String HEADER = """
                   key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime \
                 dtime      ctime                   rss                  swap
            """;
    private static final String LINE = """
            1627440347      32768   640                  1000  4711  4712      2  1000   100     0     0 1795402801 \
            1795402802 1795402800                  4096                  8192
            """;

    private static List<Row> parse(String text) throws IOException {
        return ProcSysvipc.parse(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void shouldReadTheColumnsInTheirOrder() throws IOException {
        Row expected = new Row(
                1_627_440_347, 32_768, 0640, 1000, 4711, 4712, 2, 1000, 100, 0, 0, 1_795_402_801, 1_795_402_802,
                1_795_402_800, 4096, 8192);
        assertEquals(List.of(expected), parse(HEADER + LINE));
    }

    @Test
    void shouldReadAllLines() throws IOException {
        String second = LINE.replace("     32768", "         0").replace("1627440347", "         0");
        List<Row> rows = parse(HEADER + LINE + second + LINE);
        assertEquals(3, rows.size());
        assertEquals(0, rows.get(1).key());
        assertEquals(0, rows.get(1).id());
        assertEquals(rows.get(0), rows.get(2));
    }

    @Test
    void shouldReadNegativeKeys() throws IOException {
        assertEquals(0xff00c4db, parse(HEADER + LINE.replace("1627440347", " -16726821")).getFirst().key());
        assertEquals(-1, parse(HEADER + LINE.replace("1627440347", "        -1")).getFirst().key());
        assertEquals(
                Integer.MIN_VALUE, parse(HEADER + LINE.replace("1627440347", "-2147483648")).getFirst().key());
    }

    @Test
    void shouldReadSizesAndTimesAboveThirtyTwoBits() throws IOException {
        String line = LINE.replace("                 1000 ", "      140737488355327 ")
                .replace("                  4096 ", "       140737488355328 ")
                .replace("1795402801", "4102444800");
        Row row = parse(HEADER + line).getFirst();
        assertEquals((1L << 47) - 1, row.size());
        assertEquals(1L << 47, row.residentBytes());
        assertEquals(4_102_444_800L, row.attachSeconds());
        assertEquals(Long.MAX_VALUE, parse(HEADER + line.replace("140737488355327", "9223372036854775807"))
                .getFirst()
                .size());
    }

    @Test
    void shouldReadUserIdsAboveTheSignedRange() throws IOException {
        Row row = parse(HEADER + LINE.replace("  1000   100", "  4294967294 4294967293")).getFirst();
        assertEquals(4_294_967_294L, row.uid());
        assertEquals(4_294_967_293L, row.gid());
    }

    @Test
    void shouldReadTheModeInOctalWithTheBitsOfTheKernel() throws IOException {
        assertEquals(03640, parse(HEADER + LINE.replace("   640", "  3640")).getFirst().mode());
        assertEquals(0, parse(HEADER + LINE.replace("   640", "     0")).getFirst().mode());
    }

    @Test
    void shouldKnowTheBitsThatTheHeadersDefine() throws IOException {
        for (int bits : new int[] {0, SysVShm.SHM_DEST(), SysVShm.SHM_LOCKED(),
            SysVShm.SHM_DEST() | SysVShm.SHM_LOCKED()}) {
            Row row = parse(HEADER + LINE.replace("   640", String.format("%6o", bits | 0777))).getFirst();
            assertEquals((bits & SysVShm.SHM_DEST()) != 0, row.markedForRemoval());
            assertEquals((bits & SysVShm.SHM_LOCKED()) != 0, row.locked());
        }
    }

    @Test
    void shouldFindNoBlocksInAListWithoutLines() throws IOException {
        assertEquals(List.of(), parse(HEADER));
    }

    /** A container runtime hides a file so: that is not the same as no blocks. */
    @Test
    void shouldNotTakeAHiddenListForAnEmptyOne() {
        IOException refused = assertThrows(IOException.class, () -> parse(""));
        assertEquals("/proc/sysvipc/shm: empty", refused.getMessage());
    }

    @Test
    void shouldReadALastLineWithoutItsEnd() throws IOException {
        assertEquals(parse(HEADER + LINE), parse(HEADER + LINE.stripTrailing()));
    }

    @Test
    void shouldNotMindColumnsThatALaterKernelMayAdd() throws IOException {
        assertEquals(parse(HEADER + LINE), parse(HEADER + LINE.stripTrailing() + " 17\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "x627440347", "16274 0347x", "0x33010024", "1627440347-", "--27440347", "1627.40347", "\t627440347",
        "+627440347", "-"
    })
    void shouldRefuseWhatIsNotANumber(String key) {
        IOException refused = assertThrows(IOException.class, () -> parse(HEADER + LINE.replace("1627440347", key)));
        assertTrue(refused.getMessage().startsWith("/proc/sysvipc/shm: not a number in column "), refused.getMessage());
    }

    @Test
    void shouldNameTheColumnThatIsNotANumber() {
        IOException refused = assertThrows(IOException.class, () -> parse(HEADER + LINE.replace("   640", "   680")));
        assertEquals("/proc/sysvipc/shm: not a number in column 3", refused.getMessage());
    }

    @Test
    void shouldRefuseALineThatIsTooShort() {
        String fifteen = LINE.substring(0, LINE.indexOf("  8192"));
        IOException refused = assertThrows(IOException.class, () -> parse(HEADER + LINE + fifteen + "\n"));
        assertEquals("/proc/sysvipc/shm: 15 columns instead of 16", refused.getMessage());
        assertThrows(IOException.class, () -> parse(HEADER + "\n" + LINE));
    }

    // C01, C12
    @Test
    void shouldReadWhatTheKernelWritesAboutABlock() throws IOException {
        try (Blocks blocks = new Blocks();
                Arena arena = Arena.ofConfined()) {
            SharedMemory memory = blocks.create(1003, ShmPermissions.of(0640));
            memory.attach(AttachMode.READ_WRITE, arena).fill((byte) 1);
            ShmStatus status = memory.status();
            Row row = ProcSysvipc.read().stream()
                    .filter(candidate -> candidate.id() == memory.id())
                    .findFirst()
                    .orElseThrow();
            assertEquals(
                    new Row(
                            status.key().value(),
                            memory.id(),
                            0640,
                            1003,
                            (int) status.creatorPid(),
                            (int) status.lastPid(),
                            1,
                            status.ownerUid(),
                            status.ownerGid(),
                            status.creatorUid(),
                            status.creatorGid(),
                            seconds(status.lastAttachTime()),
                            seconds(status.lastDetachTime()),
                            status.changeTime().getEpochSecond(),
                            Posix.getpagesize(),
                            0),
                    row);
            assertEquals(ProcessHandle.current().pid(), row.creatorPid());
        }
    }

    @Test
    void shouldKnowTheFormatOfThisKernel() throws IOException {
        String header = Files.readAllLines(Path.of("/proc/sysvipc/shm")).getFirst();
        assertEquals(HEADER.strip().replaceAll(" +", " "), header.strip().replaceAll(" +", " "));
    }

    private static long seconds(Optional<Instant> time) {
        return time.map(Instant::getEpochSecond).orElse(0L);
    }
}
