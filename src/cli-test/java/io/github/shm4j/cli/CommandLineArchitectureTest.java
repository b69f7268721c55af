package io.github.shm4j.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the command line is built on: the library as its users have it. */
class CommandLineArchitectureTest {

    private static final String LIBRARY = "io.github.shm4j";
    private static final String CLI = LIBRARY + ".cli..";

    private static JavaClasses commandLine;

    @BeforeAll
    static void readTheClasses() throws URISyntaxException {
        commandLine = new ClassFileImporter()
                .importPath(Path.of(
                        Main.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
    }

    @Test
    void shouldBuildOnThePublicPackagesOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(CLI, LIBRARY, LIBRARY + ".ring", LIBRARY + ".broadcast", LIBRARY + ".state",
                                LIBRARY + ".shmop", "picocli..",
                                "org.jline..")
                                .or(resideInAPackage("java..")))
                .check(commandLine);
    }

    /** The rooms, each of which knows those before it in this list, and no other. */
    private static final String[] ROOMS = {"terminal", "system", "command", "list", "block", "ring", "demo"};

    @Test
    void shouldKnowOnlyRoomsBelow() {
        Set<String> found = new TreeSet<>();
        commandLine.forEach(type -> found.add(type.getPackageName()));
        Set<String> expected = new TreeSet<>(Set.of("io.github.shm4j.cli"));
        for (int i = 0; i < ROOMS.length; i++) {
            expected.add(LIBRARY + ".cli." + ROOMS[i]);
            String[] above = new String[ROOMS.length - i];
            above[0] = LIBRARY + ".cli";
            for (int j = i + 1; j < ROOMS.length; j++) {
                above[j - i] = LIBRARY + ".cli." + ROOMS[j];
            }
            noClasses()
                    .that()
                    .resideInAPackage(LIBRARY + ".cli." + ROOMS[i])
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(above))
                    .check(commandLine);
        }
        assertEquals(expected, found);
    }

    @Test
    void shouldSeeAForbiddenArrow() {
        // The rule above is only as good as what the importer sees.
        assertFalse(classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(CLI, "java.."))
                .evaluate(commandLine)
                .getFailureReport()
                .isEmpty());
    }

    @Test
    void shouldHaveNoPartInTheLibrary() {
        classes().should().resideInAPackage(CLI).check(commandLine);
    }
}
