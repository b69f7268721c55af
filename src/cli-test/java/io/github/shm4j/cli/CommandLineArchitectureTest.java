package io.github.shm4j.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URISyntaxException;
import java.nio.file.Path;
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
                        resideInAnyPackage(CLI, LIBRARY, LIBRARY + ".ring", LIBRARY + ".shmop", "picocli..",
                                "org.jline..")
                                .or(resideInAPackage("java..")))
                .check(commandLine);
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
