package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RestrictedTest {

    private static final FunctionDescriptor ABS = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

    @Test
    void shouldLinkFunctionsOfTheCLibrary() throws Throwable {
        assertEquals(7, (int) Restricted.linkCritical("abs", ABS).invokeExact(-7));
        assertEquals(7, (int) Restricted.link("abs", ABS).invokeExact(CallBuffers.captured(), -7));
    }

    @Test
    void shouldNameAFunctionThatIsMissing() {
        UnsatisfiedLinkError missing =
                assertThrows(UnsatisfiedLinkError.class, () -> Restricted.link("no_such_function", ABS));
        assertEquals("unresolved symbol: no_such_function", missing.getMessage());
    }

    @Test
    void shouldRethrowWhatACallMayThrow() {
        WrongThreadException unchecked = new WrongThreadException();
        assertSame(unchecked, assertThrows(RuntimeException.class, () -> Restricted.unexpected(unchecked)));
        InternalError error = new InternalError();
        assertSame(error, assertThrows(Error.class, () -> Restricted.unexpected(error)));
    }

    @Test
    void shouldReportWhatACallCannotThrow() {
        IOException impossible = new IOException();
        Error reported = Restricted.unexpected(impossible);
        assertEquals(AssertionError.class, reported.getClass());
        assertSame(impossible, reported.getCause());
    }

    @Test
    void shouldTellAnArenaThatIsClosedOrAnotherThreads() {
        Arena closed = Arena.ofShared();
        closed.close();
        assertThrows(IllegalStateException.class, () -> Restricted.requireUsable(closed));
        try (Arena open = Arena.ofConfined()) {
            Restricted.requireUsable(open);
        }
    }

    @Test
    void shouldRunAnActionOnceAndForItsMappingOnly() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(8);
            MemorySegment other = arena.allocate(8);
            AtomicInteger runs = new AtomicInteger();
            BeforeDetach.set(one, mapping -> {
                assertEquals(one.address(), mapping.address());
                runs.incrementAndGet();
            });
            BeforeDetach.run(other);
            assertEquals(0, runs.get());
            BeforeDetach.run(one);
            BeforeDetach.run(one);
            assertEquals(1, runs.get());
        }
    }
}
