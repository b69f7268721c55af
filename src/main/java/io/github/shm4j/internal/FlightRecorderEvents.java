package io.github.shm4j.internal;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The events that the JDK's flight recorder gets. Each class of them is loaded with the first event of its kind. */
final class FlightRecorderEvents {

    private FlightRecorderEvents() {}

    static boolean isRecording() {
        return FlightRecorder.isInitialized();
    }

    static void created(int id, int key, long size) {
        Create event = new Create();
        event.block = id;
        event.key = "0x%08x".formatted(key);
        event.size = size;
        event.commit();
    }

    static void removed(int id) {
        Remove event = new Remove();
        event.block = id;
        event.commit();
    }

    static void attached(int id, long size, boolean readOnly) {
        Attach event = new Attach();
        event.block = id;
        event.size = size;
        event.readOnly = readOnly;
        event.commit();
    }

    static void detached(int id) {
        Detach event = new Detach();
        event.block = id;
        event.commit();
    }

    static Object ringFull(int id) {
        RingFull event = new RingFull();
        event.block = id;
        event.begin();
        return event;
    }

    static void roomFound(Object full) {
        ((RingFull) full).commit();
    }

    static void skipped(int id, long position, long bytes) {
        RecordSkipped event = new RecordSkipped();
        event.block = id;
        event.position = position;
        event.size = bytes;
        event.commit();
    }

    static void succeeded(int id, String structure, String role, long pid, boolean alive) {
        if (alive) {
            RoleTakenOver event = new RoleTakenOver();
            event.block = id;
            event.structure = structure;
            event.role = role;
            event.pid = pid;
            event.commit();
        } else {
            OwnerDied event = new OwnerDied();
            event.block = id;
            event.structure = structure;
            event.role = role;
            event.pid = pid;
            event.commit();
        }
    }

    @Name("io.github.shm4j.Create")
    @Label("Shared Memory Created")
    @Category({"Shared Memory", "Block"})
    @Description("A System V shared memory block was created")
    static final class Create extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block")
        int block;

        @Label("Key")
        String key;

        @Label("Size")
        @DataAmount
        long size;
    }

    @Name("io.github.shm4j.Remove")
    @Label("Shared Memory Removed")
    @Category({"Shared Memory", "Block"})
    @Description("A System V shared memory block was removed, or marked to be when nobody has it attached any more")
    static final class Remove extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block")
        int block;
    }

    @Name("io.github.shm4j.Attach")
    @Label("Shared Memory Attached")
    @Category({"Shared Memory", "Block"})
    @Description("A System V shared memory block was mapped into this process")
    static final class Attach extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block")
        int block;

        @Label("Size")
        @DataAmount
        long size;

        @Label("Read-only")
        boolean readOnly;
    }

    @Name("io.github.shm4j.Detach")
    @Label("Shared Memory Detached")
    @Category({"Shared Memory", "Block"})
    @Description("A System V shared memory block is mapped in this place of this process no longer")
    static final class Detach extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block")
        int block;
    }

    @Name("io.github.shm4j.RingFull")
    @Label("Ring Full")
    @Category({"Shared Memory", "Ring"})
    @Description("A producer has found no room in a ring, from its first attempt in vain until the one that found some")
    static final class RingFull extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block; -1 if the library has not attached it")
        int block;
    }

    @Name("io.github.shm4j.RecordSkipped")
    @Label("Record Skipped")
    @Category({"Shared Memory", "Ring"})
    @Description("The consumer of a ring has skipped what producers have left incomplete that have terminated")
    static final class RecordSkipped extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block; -1 if the library has not attached it")
        int block;

        @Label("Position")
        @Description("Where it began, in bytes since the ring was created")
        long position;

        @Label("Size")
        @DataAmount
        long size;
    }

    @Name("io.github.shm4j.OwnerDied")
    @Label("Owner Died")
    @Category({"Shared Memory", "Role"})
    @Description("This process has taken a role from a process that has terminated without giving it back")
    static final class OwnerDied extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block; -1 if the library has not attached it")
        int block;

        @Label("Structure")
        String structure;

        @Label("Role")
        String role;

        @Label("Pid")
        @Description("The process that has terminated, as it is numbered in its own pid namespace")
        long pid;
    }

    @Name("io.github.shm4j.RoleTakenOver")
    @Label("Role Taken Over")
    @Category({"Shared Memory", "Role"})
    @Description("This process was told to take a role from a process that may be alive")
    static final class RoleTakenOver extends Event {

        @Label("Block")
        @Description("The kernel's identifier of the block; -1 if the library has not attached it")
        int block;

        @Label("Structure")
        String structure;

        @Label("Role")
        String role;

        @Label("Pid")
        @Description("The process that has lost the role, as it is numbered in its own pid namespace")
        long pid;
    }
}
