package io.github.shm4j.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests wait with {@link Patience}: a length of time that is enough here is not enough on a busy machine. */
class PatienceRulesTest {

    private static final String TIMEOUT = "org.junit.jupiter.api.Timeout";

    private static JavaClasses tests;

    @BeforeAll
    static void readTheTests() {
        tests = new ClassFileImporter()
                .importPaths(Arrays.stream(System.getProperty("shm4j.test.testClasses").split(":"))
                        .map(Path::of)
                        .toList());
        assertTrue(tests.contain(Patience.class) && tests.contain(PatienceRulesTest.class), "both folders of tests");
    }

    @Test
    void shouldWaitForNoLengthOfTime() {
        assertEquals(Set.of("Patience"), waiting(tests.stream().filter(type -> !isOf(type, Impatient.class))));
    }

    @Test
    void shouldSeeEachWayToWaitForALengthOfTime() {
        JavaClass impatient = tests.get(Impatient.class);
        assertEquals(
                Set.of("assertTimeout", "assertTimeoutPreemptively", "await", "get", "join", "waitFor"),
                impatient.getAccessesFromSelf().stream()
                        .filter(PatienceRulesTest::isImpatient)
                        .map(JavaAccess::getName)
                        .collect(Collectors.toSet()));
        assertTrue(isTimed(impatient.getMethod("timed")), "a method with a timeout");
    }

    /** The outermost classes that wait for a length of time, or have JUnit do so. */
    private static Set<String> waiting(Stream<JavaClass> types) {
        return types.filter(type -> isTimed(type)
                || type.getCodeUnits().stream().anyMatch(PatienceRulesTest::isTimed)
                || calls(type).anyMatch(PatienceRulesTest::isImpatient))
                .map(type -> type.getName().replaceFirst("\\$.*", ""))
                .map(name -> name.substring(name.lastIndexOf('.') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<JavaAccess<?>> calls(JavaClass type) {
        return Stream.concat(
                type.getAccessesFromSelf().stream(),
                Stream.concat(
                        type.getMethodReferencesFromSelf().stream(), type.getConstructorReferencesFromSelf().stream()));
    }

    private static boolean isTimed(CanBeAnnotated annotated) {
        return annotated.isAnnotatedWith(TIMEOUT);
    }

    private static boolean isOf(JavaClass type, Class<?> owner) {
        return type.getName().equals(owner.getName()) || type.getName().startsWith(owner.getName() + "$");
    }

    private static boolean isImpatient(JavaAccess<?> access) {
        if (!(access.getTarget() instanceof CodeUnitCallTarget called)) {
            return false;
        }
        JavaClass owner = access.getTargetOwner();
        boolean timed = called.getRawParameterTypes().stream()
                .anyMatch(type -> type.isEquivalentTo(TimeUnit.class) || type.isEquivalentTo(Duration.class));
        return switch (owner.getPackageName()) {
            // A sleep or a park is no wait for something that may come late.
            case "java.lang" -> owner.isAssignableTo(Thread.class) && called.getName().equals("join")
                    && !called.getRawParameterTypes().isEmpty()
                    || owner.isAssignableTo(Process.class) && timed;
            case "java.util.concurrent", "java.util.concurrent.locks" -> timed && !owner.isEquivalentTo(TimeUnit.class);
            case "org.junit.jupiter.api" -> called.getName().startsWith("assertTimeout");
            default -> false;
        };
    }

    /** What no test may do. */
    private static final class Impatient {

        private Impatient() {}

        @Timeout(1)
        static void timed() {}

        static void wait(Thread thread, Process process, Future<?> future, CountDownLatch latch) throws Exception {
            thread.join(1);
            assertTrue(thread.join(Duration.ofMillis(1)));
            assertTrue(process.waitFor(1, TimeUnit.SECONDS));
            future.get(1, TimeUnit.SECONDS);
            assertTrue(latch.await(1, TimeUnit.SECONDS));
            Assertions.assertTimeout(Duration.ofMillis(1), () -> {});
            Assertions.assertTimeoutPreemptively(Duration.ofMillis(1), () -> {});
        }
    }
}
