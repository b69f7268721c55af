package io.github.shm4j.cli;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.support.Child;
import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * A process with an IPC namespace of its own and, in it, one block of each kind that there is: the first one with id 0. It
 * attaches to some and waits until it is killed; the namespace, with all blocks, goes with it.
 */
public final class Holder implements AutoCloseable {

    private final Child.Running process;

    private Holder(Child.Running process) {
        this.process = process;
    }

    public static Holder start() {
        Child.Running process = Child.java(Holder.class).inPrivateIpc().start();
        process.line();
        return new Holder(process);
    }

    /** Prepares a command that runs in the namespace. */
    public Child run(Object... command) {
        return Child.command(command).under("nsenter", "-i", "-t", Long.toString(process.pid()));
    }

    /** Prepares the command line in the namespace. */
    public Child cli(Object... arguments) {
        return run(Cli.words(arguments).toArray());
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.close();
    }

    public static void main(String... arguments) throws IOException {
        Arena arena = Arena.global();
        SharedMemory.create(ShmKey.of(0x00001000), 1000);
        SharedMemory.create(ShmKey.of(0x80000001), 12, ShmPermissions.of(0640));
        SharedMemory.create(ShmKey.of(-2), 1, ShmPermissions.ofWorldWritable(0666));
        SharedMemory.create(ShmKey.of(0x3000), (5L << 30) + 17, ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE);
        SharedMemory attached = SharedMemory.create(ShmKey.of(0x4000), 3 * 4096 + 5);
        attached.attach(AttachMode.READ_WRITE, arena).fill((byte) 1);
        attached.attach(AttachMode.READ_ONLY, arena);
        SharedMemory.create(ShmKey.of(0x5000), 2000).attach(
                AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
        SharedMemory locked = SharedMemory.create(ShmKey.of(0x6000), 4096);
        locked.lockInMemory();
        SharedMemory given = SharedMemory.create(ShmKey.of(0x7000), 4096, ShmPermissions.of(0600));
        given.setOwner(Child.NOBODY, Child.NOBODY);
        SharedMemory strange = SharedMemory.create(ShmKey.of(0x7001), 4096);
        strange.setOwner(54_321, 54_322);
        SharedMemory.createPrivate(77, ShmPermissions.of(0));
        System.out.println("ready");
        System.in.read();
    }
}
