package io.github.shm4j.ring;

import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.Copies;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Copies of the classes of rings and other structures, and of the tests' scripts such as {@link RingScript}, in which each
 * access to shared memory goes through
 * {@link SimulatedProcess}, and so does each question about processes.
 */
public final class InstrumentedClasses extends ClassLoader {

    private static final String LIBRARY = "io.github.shm4j.";

    /** Of the packages that keep something in shared memory, all is copied. */
    private static final Set<String> PACKAGES =
            Set.of(LIBRARY + "broadcast", LIBRARY + "ring", LIBRARY + "state", LIBRARY + "structure");

    /** What the ring uses of another package, and has to be copied with it. */
    private static final Set<String> SHARED =
            Set.of(Owner.class.getName(), FutexWaiters.class.getName(), WaitLoop.class.getName());

    private static final String ACCESSES = Type.getInternalName(SimulatedProcess.class);
    private static final String MEMORY_SEGMENT = Type.getInternalName(MemorySegment.class);
    private static final String VAR_HANDLE = Type.getInternalName(VarHandle.class);
    private static final Set<String> BYTES =
            Set.of(Type.getInternalName(BulkCopy.class), Type.getInternalName(Copies.class));
    private static final String ARRAYS = "java/util/Arrays";
    private static final String BYTE_BUFFER = Type.getInternalName(ByteBuffer.class);

    /** Copies of arrays for which there may be no memory. */
    private static final Set<String> NUMBERS = Set.of("([JI)[J", "([II)[I");

    private static final String PROCESS_IDENTITY = "io/github/shm4j/internal/ProcessIdentity";

    /** Questions to the kernel, and pauses, of which {@link SimulatedProcess} has one of the same name. */
    private static final Set<String> QUESTIONS = Set.of(
            "io/github/shm4j/internal/Attachments.isAttachedHereOnly", "io/github/shm4j/internal/TakeOver.awaitNotice");

    private static final String SIGNERS = "io/github/shm4j/structure/Signers";

    /** What is called in place of the method of the same name. */
    private static final Set<String> PROCESS_METHODS = Set.of("pid", "startTime", "hasTerminated");

    /** What it may ask about itself, which is the same for all processes of a test. */
    private static final Set<String> NAMESPACE_METHODS = Set.of("pidNamespace", "timeNamespace", "prepare");

    private static final Set<String> FENCES =
            Set.of("fullFence", "storeStoreFence", "acquireFence", "releaseFence", "loadLoadFence");

    /** The copy between two buffers, of which one can be the memory. */
    private static final String COPY_OF_BUFFER = "(ILjava/nio/ByteBuffer;II)Ljava/nio/ByteBuffer;";

    /** What a ring may do with a segment without touching the memory. */
    private static final Set<String> NO_ACCESS =
            Set.of("asByteBuffer", "asSlice", "asReadOnly", "byteSize", "address", "isNative", "isReadOnly", "ofArray",
                    "ofBuffer", "scope", "toString");

    /** What a ring may do with a buffer without touching the memory. */
    private static final Set<String> POSITIONS =
            Set.of("hasRemaining", "isReadOnly", "position", "remaining", "slice");

    private static final Handle ACCESS = new Handle(
            Opcodes.H_INVOKESTATIC,
            ACCESSES,
            "access",
            MethodType.methodType(
                    java.lang.invoke.CallSite.class,
                    java.lang.invoke.MethodHandles.Lookup.class,
                    String.class,
                    MethodType.class)
                    .toMethodDescriptorString(),
            false);

    private static final InstrumentedClasses INSTANCE = new InstrumentedClasses();

    /** Packages of users of the library, in which accesses to shared memory are all those through a {@code VarHandle}. */
    private final Set<String> users = ConcurrentHashMap.newKeySet();

    private InstrumentedClasses() {
        super("observed", SimulatedProcess.class.getClassLoader());
        Module library = SimulatedProcess.class.getModule();
        if (library.isNamed()) {
            library.addExports("io.github.shm4j.internal", getUnnamedModule());
        }
    }

    /**
     * {@return what loads copies of the library's classes, and of those that use them}
     *
     * @param user the package of these, which reach shared memory of their own through a {@code VarHandle}
     */
    public static ClassLoader ofUser(String user) {
        INSTANCE.users.add(user);
        return INSTANCE;
    }

    /** Makes an end of a ring whose accesses are observed: see {@link RingScript#RingScript(MemorySegment, List)}. */
    static Consumer<String> end(MemorySegment memory, List<String> notes) {
        return end(RingScript.class, memory, notes);
    }

    /**
     * Makes something whose accesses are observed, and that does what short commands say.
     *
     * @param script the class of the tests that has commands, whose name ends in "Script"
     */
    @SuppressWarnings("unchecked")
    public static Consumer<String> end(
            Class<? extends Consumer<String>> script, MemorySegment memory, List<String> notes) {
        try {
            return (Consumer<String>) INSTANCE.loadClass(script.getName())
                    .getConstructor(MemorySegment.class, List.class)
                    .newInstance(memory, notes);
        } catch (ReflectiveOperationException failed) {
            throw new AssertionError(failed);
        }
    }

    /** Makes what a process keeps of its objects that sign, which no other process knows. */
    static Object newSigners() {
        try {
            Constructor<?> constructor = INSTANCE.loadClass(SIGNERS.replace('/', '.')).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException failed) {
            throw new AssertionError(failed);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        String inPackage = name.substring(0, Math.max(0, name.lastIndexOf('.')));
        if (!PACKAGES.contains(inPackage) && !users.contains(inPackage)
                && !SHARED.contains(name.replaceFirst("\\$.*", ""))
                || name.startsWith(SimulatedProcess.class.getName())) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = SimulatedProcess.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            ClassReader reader = new ClassReader(in);
            ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
            boolean ofTests = name.replaceFirst("\\$.*", "").endsWith("Script")
                    || List.of(RingScript.class, Rings.class, RingUser.class).stream()
                            .anyMatch(test -> name.startsWith(test.getName()));
            reader.accept(ofTests ? writer : new Observer(writer, isOfUser(name)), 0);
            byte[] bytes = writer.toByteArray();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private boolean isOfUser(String name) {
        return users.contains(name.substring(0, name.lastIndexOf('.')));
    }

    private static final class Observer extends ClassVisitor {

        /** Whether the class may do with memory what it likes: it has memory of its own. */
        private final boolean ofUser;

        private String className;

        Observer(ClassVisitor next, boolean ofUser) {
            super(Opcodes.ASM9, next);
            this.ofUser = ofUser;
        }

        @Override
        public void visit(
                int version, int access, String name, String signature, String superName, String[] interfaces) {
            className = name;
            super.visit(version, access, name, signature, superName, interfaces);
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
            return new MethodVisitor(Opcodes.ASM9, next) {
                @Override
                public void visitMethodInsn(
                        int opcode, String owner, String method, String type, boolean ofInterface) {
                    if (owner.equals(SIGNERS) && method.equals("of")) {
                        super.visitMethodInsn(opcode, ACCESSES, "signers", "(J)Ljava/lang/Object;", false);
                        super.visitTypeInsn(Opcodes.CHECKCAST, SIGNERS);
                    } else if (owner.equals(VAR_HANDLE) && opcode == Opcodes.INVOKEVIRTUAL) {
                        visitInvokeDynamicInsn(method, "(L" + VAR_HANDLE + ";" + type.substring(1), ACCESS);
                    } else if (owner.equals(VAR_HANDLE) && FENCES.contains(method)
                            || BYTES.contains(owner)
                            || owner.equals(PROCESS_IDENTITY) && PROCESS_METHODS.contains(method)
                            || QUESTIONS.contains(owner + "." + method)
                            || owner.equals(ARRAYS) && method.equals("copyOf") && NUMBERS.contains(type)) {
                        super.visitMethodInsn(opcode, ACCESSES, method, type, false);
                    } else if (ofUser) {
                        super.visitMethodInsn(opcode, owner, method, type, ofInterface);
                    } else if (owner.equals(BYTE_BUFFER) && method.equals("put") && type.equals(COPY_OF_BUFFER)
                            || owner.equals(MEMORY_SEGMENT) && method.equals("copyFrom")) {
                        String object = "(L" + owner + ";";
                        super.visitMethodInsn(
                                Opcodes.INVOKESTATIC, ACCESSES, method, object + type.substring(1), false);
                    } else if (owner.equals(BYTE_BUFFER) && !POSITIONS.contains(method)) {
                        throw new AssertionError(className + " calls ByteBuffer." + method
                                + ": let SimulatedProcess observe that, or say that it is no access");
                    } else if (owner.equals(PROCESS_IDENTITY) && !NAMESPACE_METHODS.contains(method)) {
                        throw new AssertionError(className + " calls ProcessIdentity." + method
                                + ": let SimulatedProcess answer in the place of the system");
                    } else if (owner.equals(MEMORY_SEGMENT) && !NO_ACCESS.contains(method)) {
                        throw new AssertionError(className + " calls MemorySegment." + method
                                + ": let SimulatedProcess observe that, or say that it is no access");
                    } else {
                        super.visitMethodInsn(opcode, owner, method, type, ofInterface);
                    }
                }
            };
        }
    }
}
