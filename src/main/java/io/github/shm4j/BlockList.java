package io.github.shm4j;

import io.github.shm4j.internal.CallBuffers;
import io.github.shm4j.internal.Errno;
import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.ProcSysvipc;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The list of all blocks: see {@link SharedMemory#list()}. */
final class BlockList {

    private BlockList() {}

    static List<ShmStatus> read() throws ShmException {
        Platform.requireLinux();
        List<ProcSysvipc.Row> rows;
        try {
            rows = ProcSysvipc.read();
        } catch (IOException unreadable) {
            return readByIndex();
        }
        List<ShmStatus> list = new ArrayList<>(rows.size());
        for (ProcSysvipc.Row row : rows) {
            list.add(KernelStatus.of(row));
        }
        return list;
    }

    static List<ShmStatus> readByIndex() throws ShmException {
        ShmUsage usage = ShmUsage.current();
        MemorySegment shmid = CallBuffers.struct();
        List<ShmStatus> list = new ArrayList<>();
        for (int index = 0; index <= usage.highestIndex(); index++) {
            int result = ShmCalls.shmctl(index, SysVShm.SHM_STAT_ANY(), shmid);
            if (result >= 0) {
                list.add(KernelStatus.of(result, shmid));
            } else if (-result != Errno.EINVAL.number() && -result != Errno.EIDRM.number()) {
                throw Failures.list(index, -result);
            }
        }
        // Kernels before 4.17 do not know the command and answer as if no index were in use.
        if (list.isEmpty() && usage.blocks() > 0) {
            throw Failures.list(0, Errno.EINVAL.number());
        }
        return list;
    }
}
