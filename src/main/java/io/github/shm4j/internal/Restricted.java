package io.github.shm4j.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The restricted operations of {@code java.lang.foreign} that this library needs.
 *
 * <p>A restricted method trusts what its caller says: a wrong descriptor or a wrong size is undefined behaviour, not an
 * exception. They are all here, so that there is one place to check.
 */
@SuppressWarnings("restricted")
public final class Restricted {

    private Restricted() {}

    /**
     * Makes a restricted call without effect.
     *
     * @throws IllegalCallerException if the JVM denies native access to this module
     */
    static void probe() {
        MemorySegment.NULL.reinterpret(0);
    }

    /**
     * Links a C function of the default library so that each call also captures {@code errno}.
     *
     * <p>The handle's first parameter is the segment that receives the captured state. The capture happens before the
     * JVM can run any code of its own on the thread, which would overwrite {@code errno}.
     */
    static MethodHandle link(String function, FunctionDescriptor descriptor) {
        return link(function, descriptor, Linker.Option.captureCallState("errno"));
    }

    /**
     * Links a variadic C function of the default library for one list of arguments.
     *
     * @param firstVariable the index of the first argument that the prototype does not name
     */
    static MethodHandle linkVariadic(String function, FunctionDescriptor descriptor, int firstVariable) {
        return link(
                function,
                descriptor,
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariable));
    }

    /**
     * Links a C function of the default library that takes little time and cannot block. A call may be given heap segments
     * and captures nothing.
     */
    static MethodHandle linkCritical(String function, FunctionDescriptor descriptor) {
        return link(function, descriptor, Linker.Option.critical(true));
    }

    private static MethodHandle link(String function, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> address = linker.defaultLookup().find(function);
        if (address.isEmpty()) {
            throw new UnsatisfiedLinkError("unresolved symbol: " + function);
        }
        return linker.downcallHandle(address.get(), descriptor, options);
    }

    /**
     * Rethrows what a linked function threw, or returns the error to throw. Method handles declare {@code Throwable}, but
     * a downcall throws unchecked exceptions only.
     */
    static Error unexpected(Throwable failure) {
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return new AssertionError("a native call cannot throw a checked exception", failure);
    }

    /**
     * Returns normally if an arena can take a mapping from the calling thread.
     *
     * @throws IllegalStateException if the arena is closed
     * @throws WrongThreadException if the arena is confined to another thread
     */
    public static void requireUsable(Arena arena) {
        MemorySegment.NULL.reinterpret(0, arena, null);
    }

    /** {@return the mapping at an address, without a lifetime: it must not be used after detaching} */
    static MemorySegment view(long address, long size) {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    /**
     * Gives the mapping at an address a size and a lifetime.
     *
     * @param address where the kernel mapped the memory
     * @param size its size in bytes, as the kernel states it
     * @param arena the lifetime; its end runs the cleanup
     * @param cleanup what unmaps the memory
     */
    public static MemorySegment map(long address, long size, Arena arena, Consumer<MemorySegment> cleanup) {
        return MemorySegment.ofAddress(address).reinterpret(size, arena, cleanup);
    }
}
