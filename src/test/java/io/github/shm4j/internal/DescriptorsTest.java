package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.posix.Posix;
import io.github.shm4j.internal.sysv.SysVShm;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The descriptors that {@link ShmCalls}, {@link MemoryCalls} and {@link ProcessCalls} state are those that jextract read in the system's headers. */
class DescriptorsTest {

    @TestFactory
    Stream<DynamicTest> shouldStateTheDescriptorThatWasGenerated() {
        return holders()
                .map(holder -> DynamicTest.dynamicTest(function(holder), () -> {
                    Field stated = holder.getDeclaredField("DESCRIPTOR");
                    assertEquals(generated(function(holder)), stated.get(null));
                }));
    }

    @Test
    void shouldHoldOneFunctionInEachClass() throws ReflectiveOperationException {
        Collection<String> functions = new TreeSet<>();
        for (Class<?> holder : holders().toList()) {
            functions.add(function(holder));
            List<Field> handles = Arrays.stream(holder.getDeclaredFields())
                    .filter(field -> field.getType() == MethodHandle.class)
                    .toList();
            assertEquals(1, handles.size(), holder::toString);
            assertEquals(function(holder), handles.getFirst().getName(), "a handle has the name of its C function");
        }
        assertTrue(
                functions.containsAll(
                        List.of("ftok", "kill", "madvise", "memmove", "memset", "shmat", "shmctl", "shmdt", "shmget")),
                functions::toString);
    }

    private static Stream<Class<?>> holders() {
        return Stream.of(ShmCalls.class, MemoryCalls.class, ProcessCalls.class).map(Class::getDeclaredClasses)
                .flatMap(Arrays::stream);
    }

    private static String function(Class<?> holder) {
        String name = holder.getSimpleName();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    private static FunctionDescriptor generated(String function) throws ReflectiveOperationException {
        for (Class<?> generated : List.of(SysVShm.class, Posix.class)) {
            for (Method method : generated.getMethods()) {
                if (method.getName().equals(function + "$descriptor")) {
                    return (FunctionDescriptor) method.invoke(null);
                }
            }
        }
        throw new AssertionError("jextract was not told to bind " + function);
    }
}
