package io.github.shm4j.ring;

import io.github.shm4j.internal.Attachments;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.internal.TakeOver;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/**
 * A simulated process: what one thread does to shared memory through the copies of the ring's classes that
 * {@link InstrumentedClasses} makes, seen one access at a time.
 *
 * <p>Before each access somebody is asked, who may do something else first, as another process could, or throw
 * {@link Killed}, as if the process were killed there. Copying many bytes is many accesses.
 *
 * <p>This class is public, and known to the copies under its own name, because they call it in place of what it observes.
 */
public final class SimulatedProcess {

    /** The end of a simulated process. */
    public static final class Killed extends Error {

        private static final long serialVersionUID = 1L;

        public Killed() {
            super("killed", null, false, false);
        }
    }

    /**
     * One access.
     *
     * @param how the method that made it
     * @param offset where in the ring it begins
     * @param values what was written, or compared and written; of a copy, the number of bytes
     * @param result what was read, or whether the values were set
     */
    public record Access(String how, long offset, List<Object> values, Object result) {}

    private static final ThreadLocal<SimulatedProcess> CURRENT = new ThreadLocal<>();

    /** Of what threads do that are not observed. */
    private static final Map<Long, Object> SIGNERS_OF_NOBODY = new ConcurrentHashMap<>();

    private static final MethodHandle OBSERVE;
    private static final MethodHandle NOTE;

    static {
        try {
            OBSERVE = MethodHandles.lookup()
                    .findStatic(
                            SimulatedProcess.class,
                            "observe",
                            MethodType.methodType(
                                    Object.class, VarHandle.AccessMode.class, MethodHandle.class, Object[].class));
            NOTE = MethodHandles.lookup()
                    .findStatic(SimulatedProcess.class, "note", MethodType.methodType(void.class, String.class));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final MemorySegment memory;
    private final long pid;
    private final long startTime;
    private final boolean descending;
    private final LongPredicate terminated;
    private final List<Access> made = new ArrayList<>();

    /** What is kept of the process's objects that sign, for each way in which it signs. */
    private final Map<Long, Object> signers = new ConcurrentHashMap<>();

    private IntConsumer before;
    private IntConsumer after = number -> {
    };
    private int count;

    /** What happens while the process waits for another one to notice that it has lost its role. */
    private Runnable meanwhile = () -> {
    };

    /** Whether the kernel says that nobody else has the memory attached. */
    private boolean alone;

    /**
     * Makes a process.
     *
     * @param memory the ring
     * @param owner how the process signs
     * @param descending whether it copies bytes from the last to the first
     */
    public SimulatedProcess(MemorySegment memory, long owner, boolean descending) {
        this(memory, owner, descending, null);
    }

    /**
     * Makes a process in a world of such.
     *
     * @param terminated whether the process of a pid has terminated
     */
    public SimulatedProcess(MemorySegment memory, long owner, boolean descending, LongPredicate terminated) {
        this.memory = memory;
        this.terminated = terminated;
        this.pid = Owner.pid(owner);
        this.startTime = owner & (1L << 41) - 1;
        this.descending = descending;
    }

    /** Says what happens while the process waits for another one to notice that it has lost its role. */
    public void meanwhile(Runnable action) {
        meanwhile = action;
    }

    /** Says what the kernel answers to the question whether nobody else has the memory attached. */
    public void setAlone(boolean alone) {
        this.alone = alone;
    }

    /** Lets the process do something, being the only one that has the memory attached until somebody joins it before an access. */
    public void runAlone(Runnable action, int joined, Runnable joining) {
        alone = true;
        run(action, number -> {
            if (number == joined) {
                alone = false;
                joining.run();
            }
        });
    }

    /** Lets the process do something, unseen. */
    public void run(Runnable action) {
        run(action, number -> {
        });
    }

    /**
     * Lets the process do something.
     *
     * @param before is told the number of each access, from 0, before it is made
     */
    public void run(Runnable action, IntConsumer before) {
        this.before = before;
        count = 0;
        made.clear();
        CURRENT.set(this);
        try {
            action.run();
        } finally {
            CURRENT.remove();
        }
    }

    /** Lets the process do something, and kills it before an access. */
    public void runAndKill(Runnable action, int last) {
        try {
            run(action, number -> {
                if (number >= last) {
                    throw new Killed();
                }
            });
        } catch (Killed asIntended) {
            // What it has done stays.
        }
    }

    /**
     * Lets the process do something, and throws out of an access, before or after it is made.
     *
     * @param moment the number of the access
     * @param after whether it is made
     * @param again whether it is thrown again at each further access, as on a stack that is exhausted
     */
    public void runAndThrow(Runnable action, int moment, boolean after, boolean again,
            Supplier<? extends Throwable> thrown) {
        runAndThrow(action, number -> {
        }, moment, after, again, thrown);
    }

    /**
     * Lets the process do something, and throws out of an access.
     *
     * @param others is told the number of each access before it is made, and before something is thrown there
     */
    public void runAndThrow(Runnable action, IntConsumer others, int moment, boolean after, boolean again,
            Supplier<? extends Throwable> thrown) {
        IntConsumer thrower = number -> {
            if (number == moment || again && number > moment) {
                throw SimulatedProcess.<RuntimeException>unchecked(thrown.get());
            }
        };
        this.after = after ? thrower : number -> {
        };
        try {
            run(action, after ? others : others.andThen(thrower));
        } finally {
            this.after = number -> {
            };
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** How many accesses the process made, or began to make, when it last did something. */
    public int count() {
        return count;
    }

    /** Which accesses the process has made. A copy is one of them once it is complete. */
    public List<Access> made() {
        return made;
    }

    private void next() {
        before.accept(count++);
    }

    /** Stands for anything else that takes time in a process. Does nothing in a thread that is not observed. */
    public static void step() {
        SimulatedProcess current = CURRENT.get();
        if (current != null) {
            current.next();
        }
    }

    /** Stands for what a handler does, seen like an access. */
    public static void handle() {
        step();
        note("handle a message");
    }

    /** What an access through a {@code VarHandle} is linked to in the copied classes. */
    public static CallSite access(MethodHandles.Lookup lookup, String name, MethodType type) {
        VarHandle.AccessMode mode = VarHandle.AccessMode.valueFromMethodName(name);
        MethodHandle direct = MethodHandles.varHandleInvoker(mode, type.dropParameterTypes(0, 1));
        if (type.parameterType(1) != MemorySegment.class) {
            // A field of an object, which no other process sees, but other threads of this one.
            MethodHandle noted =
                    MethodHandles.insertArguments(NOTE, 0, type.parameterType(1).getSimpleName() + "." + name);
            return new ConstantCallSite(MethodHandles.foldArguments(direct, noted));
        }
        MethodHandle invoker = direct.asSpreader(Object[].class, type.parameterCount())
                .asType(MethodType.methodType(Object.class, Object[].class));
        return new ConstantCallSite(MethodHandles.insertArguments(OBSERVE, 0, mode, invoker)
                .asCollector(Object[].class, type.parameterCount())
                .asType(type));
    }

    private static Object observe(VarHandle.AccessMode mode, MethodHandle invoker, Object[] arguments)
            throws Throwable {
        SimulatedProcess current = CURRENT.get();
        if (current == null || !current.sees((MemorySegment) arguments[1])) {
            return invoker.invokeExact(arguments);
        }
        current.next();
        Object result = invoker.invokeExact(arguments);
        long offset = ((Number) arguments[2]).longValue();
        List<Object> values = Arrays.asList(arguments).subList(3, arguments.length);
        current.made.add(new Access(mode.methodName(), offset, values, result));
        current.after.accept(current.count - 1);
        return result;
    }

    /** Whether some memory is the ring. What the process looks at elsewhere is of another test. */
    private boolean sees(MemorySegment accessed) {
        return accessed.address() >= memory.address() && accessed.address() < memory.address() + memory.byteSize();
    }

    public static void fullFence() {
        VarHandle.fullFence();
        note("fullFence");
    }

    public static void storeStoreFence() {
        VarHandle.storeStoreFence();
        note("storeStoreFence");
    }

    public static void acquireFence() {
        VarHandle.acquireFence();
        note("acquireFence");
    }

    public static void releaseFence() {
        VarHandle.releaseFence();
        note("releaseFence");
    }

    public static void loadLoadFence() {
        VarHandle.loadLoadFence();
        note("loadLoadFence");
    }

    /** Notes what others cannot see. No process is killed at a fence alone. */
    private static void note(String what) {
        SimulatedProcess current = CURRENT.get();
        if (current != null) {
            current.made.add(new Access(what, -1, List.of(), null));
        }
    }

    /** Called in place of {@link BulkCopy#copy}. */
    public static void prepare() {
        // What is linked is not called.
    }

    public static void copy(MemorySegment source, long offset, MemorySegment memory, long begin, long length) {
        SimulatedProcess current = CURRENT.get();
        if (current == null) {
            BulkCopy.copy(source, offset, memory, begin, length);
            return;
        }
        current.inPieces(0, length, (from, to) -> MemorySegment.copy(source, offset + from, memory, begin + from, to
                - from));
        if (length > 0) {
            current.made.add(new Access("copy", current.offset(memory, begin), List.of(length), null));
        }
    }

    /** Called in place of {@link Arrays#copyOf(long[], int)}: there may be no memory for that. */
    public static long[] copyOf(long[] numbers, int length) {
        step();
        return Arrays.copyOf(numbers, length);
    }

    /** Called in place of {@link Arrays#copyOf(int[], int)}. */
    public static int[] copyOf(int[] numbers, int length) {
        step();
        return Arrays.copyOf(numbers, length);
    }

    /** Called in place of {@link BulkCopy#copyOut}. */
    public static void copyOut(MemorySegment memory, long begin, MemorySegment target, long length) {
        SimulatedProcess current = CURRENT.get();
        if (current == null) {
            BulkCopy.copyOut(memory, begin, target, length);
            return;
        }
        current.inPieces(0, length, (from, to) -> BulkCopy.copyOut(memory.asSlice(from), begin, target.asSlice(from), to
                - from));
        if (length > 0) {
            current.made.add(new Access("copyOut", current.offset(memory, begin), List.of(length), null));
        }
    }

    /** Called in place of {@link ByteBuffer#put(int, ByteBuffer, int, int)}. */
    public static ByteBuffer put(ByteBuffer target, int index, ByteBuffer source, int offset, int length) {
        SimulatedProcess current = CURRENT.get();
        if (current == null) {
            return target.put(index, source, offset, length);
        }
        current.inPieces(0, length, (from, to) -> target.put(
                index + (int) from, source, offset + (int) from, (int) (to - from)));
        if (length > 0) {
            MemorySegment read = MemorySegment.ofBuffer(source.duplicate().clear());
            MemorySegment written = MemorySegment.ofBuffer(target.duplicate().clear());
            boolean out = current.sees(read);
            long begin = out ? current.offset(read, offset) : current.offset(written, index);
            current.made.add(new Access(out ? "copyOut" : "copy", begin, List.of((long) length), null));
        }
        return target;
    }

    /** Called in place of {@link MemorySegment#copyFrom}, where the memory is too large for a buffer. */
    public static MemorySegment copyFrom(MemorySegment target, MemorySegment source) {
        step();
        note("copyFrom");
        return target.copyFrom(source);
    }

    /** Called in place of {@link BulkCopy#clear}. Numbers are cleared in halves, as the C library may do. */
    public static void clear(MemorySegment memory, long begin, long length) {
        SimulatedProcess current = CURRENT.get();
        if (current == null) {
            BulkCopy.clear(memory, begin, length);
            return;
        }
        current.inPieces(Integer.BYTES, length, (from, to) -> memory.asSlice(begin + from, to - from).fill((byte) 0));
        if (length > 0) {
            current.made.add(new Access("clear", current.offset(memory, begin), List.of(length), null));
        }
    }

    private long offset(MemorySegment part, long offset) {
        return offset + part.address() - memory.address();
    }

    private interface Piece {
        void access(long from, long to);
    }

    /**
     * Lets something be done with many bytes, one piece after the other.
     *
     * @param first the length of the first piece; 0 if it is as long as the others
     */
    private void inPieces(long first, long length, Piece piece) {
        // Few enough pieces to try each, and as small as the hardware may make them if the whole is small.
        long size = Math.max(8, (length / 8 + 7) & -8);
        List<Long> ends = new ArrayList<>();
        for (long end = first > 0 ? first : size; end < length; end += size) {
            ends.add(end);
        }
        if (length > 0) {
            ends.add(length);
        }
        int pieces = ends.size();
        for (int i = 0; i < pieces; i++) {
            int index = descending ? pieces - 1 - i : i;
            next();
            piece.access(index == 0 ? 0 : ends.get(index - 1), ends.get(index));
            after.accept(count - 1);
        }
    }

    public static long pid() {
        SimulatedProcess current = CURRENT.get();
        return current == null ? ProcessIdentity.pid() : current.pid;
    }

    public static long startTime() {
        SimulatedProcess current = CURRENT.get();
        return current == null ? ProcessIdentity.startTime() : current.startTime;
    }

    /** Called in place of the method of {@code Signers} that knows which objects of this JVM sign in the same way. */
    public static Object signers(long self) {
        SimulatedProcess current = CURRENT.get();
        return (current == null ? SIGNERS_OF_NOBODY : current.signers)
                .computeIfAbsent(self, way -> InstrumentedClasses.newSigners());
    }

    public static boolean hasTerminated(long pid, long startTime) {
        step();
        note("ask for a process");
        SimulatedProcess current = CURRENT.get();
        return current == null || current.terminated == null
                ? ProcessIdentity.hasTerminated(pid, startTime)
                : current.terminated.test(pid);
    }

    /** Called in place of {@link Attachments#isAttachedHereOnly}. */
    public static boolean isAttachedHereOnly(MemorySegment memory) {
        step();
        note("ask for attachments");
        SimulatedProcess current = CURRENT.get();
        return current == null ? Attachments.isAttachedHereOnly(memory) : current.alone;
    }

    /** Called in place of {@link TakeOver#awaitNotice}. */
    public static void awaitNotice() {
        step();
        note("await notice");
        SimulatedProcess current = CURRENT.get();
        if (current == null) {
            TakeOver.awaitNotice();
        } else {
            current.meanwhile.run();
        }
    }
}
