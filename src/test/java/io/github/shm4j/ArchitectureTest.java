package io.github.shm4j;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.Restricted;
import io.github.shm4j.internal.Shmid;
import io.github.shm4j.internal.WaitLoop;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which package may know which: the arrows run one way, from the facades down to what jextract generated.
 *
 * <p>Read from the compiled classes, so nothing that compiles escapes it.
 */
class ArchitectureTest {

    private static final Path CLASSES = Path.of(System.getProperty("shm4j.test.classes"));
    private static final String CORE = "io.github.shm4j";
    private static final String SHMOP = CORE + ".shmop";
    private static final String RING = CORE + ".ring";
    private static final String STATE = CORE + ".state";
    private static final String BROADCAST = CORE + ".broadcast";

    /** What rings and their siblings have in common; for the library alone. */
    private static final String STRUCTURE = CORE + ".structure";

    private static final String INTERNAL = CORE + ".internal";
    private static final String RECORDER = "jdk.jfr";

    /** What tells the flight recorder. */
    private static final String EVENTS = ".*\\.internal\\.FlightRecorderEvents(\\$.*)?";

    private static final String SYSV = INTERNAL + ".sysv";
    private static final String POSIX = INTERNAL + ".posix";
    private static final String PPC64LE = INTERNAL + ".ppc64le";
    private static final Set<String> EXPORTED = Set.of(CORE, SHMOP, RING, STATE, BROADCAST);

    private static JavaClasses library;

    @BeforeAll
    static void readTheClasses() {
        library = new ClassFileImporter().importPath(CLASSES);
    }

    @Test
    void shouldHaveReadEveryClassFile() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            Set<String> expected = files.filter(file -> file.toString().endsWith(".class"))
                    .map(file -> CLASSES.relativize(file).toString())
                    .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> !name.equals("module-info"))
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> read = library.stream().map(JavaClass::getName).collect(Collectors.toCollection(TreeSet::new));
            assertEquals(expected, read);
            assertTrue(read.contains(SharedMemory.class.getName()) && read.size() > 50, read::toString);
        }
    }

    @Test
    void shouldBeCompiledForTheOldestJavaItSupports() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                boolean module = file.endsWith("module-info.class");
                try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
                    assertEquals(0xcafebabe, in.readInt(), file::toString);
                    assertEquals(0, in.readUnsignedShort(), () -> file + " uses preview features");
                    assertEquals(module ? 61 : 66, in.readUnsignedShort(), file::toString);
                }
            }
        }
    }

    @Test
    void shouldLetTheCoreKnowOnlyWhatIsBelowIt() {
        onlyKnows(CORE, CORE, INTERNAL, SYSV);
    }

    @Test
    void shouldLetTheInternalsKnowNothingOfTheCore() {
        onlyKnows(INTERNAL, INTERNAL, SYSV, POSIX, PPC64LE, RECORDER);
    }

    /** It may be missing at run time. */
    @Test
    void shouldNameTheFlightRecorderInOneClassOnly() {
        noClasses()
                .that(not(nameMatching(EVENTS)))
                .should()
                .dependOnClassesThat(resideInAPackage(RECORDER))
                .check(library);
        noClasses()
                .that(not(nameMatching(EVENTS)))
                .and(not(belongToAnyOf(Events.class)))
                .should()
                .dependOnClassesThat(nameMatching(EVENTS))
                .check(library);
    }

    @Test
    void shouldLetGeneratedCodeKnowOnlyItself() {
        onlyKnows(SYSV, SYSV);
        onlyKnows(POSIX, POSIX);
        onlyKnows(PPC64LE, PPC64LE);
    }

    /** Elsewhere than on ppc64le, no other test would see the wrong field read. */
    @Test
    void shouldReadThroughShmidWhatLiesElsewhereOnPpc64le() {
        Predicate<JavaAccess<?>> elsewhere = access -> access.getTargetOwner().getName().equals(SYSV + ".shmid_ds")
                && Set.of("shm_segsz", "shm_atime", "shm_dtime", "shm_ctime").contains(access.getName());
        String shmid = Shmid.class.getName();
        assertEquals(List.of(), accesses(name -> !name.startsWith(SYSV) && !name.equals(shmid), elsewhere));
        assertEquals(4, accesses(shmid::equals, elsewhere).size(), "what the rule is able to see");
    }

    @Test
    void shouldBuildTheFacadeOnThePublicCoreOnly() {
        onlyKnows(SHMOP, SHMOP, CORE);
    }

    /** What asks the kernel, or lets the C library copy, is kept in few places. All else are the Java platform's classes. */
    @Test
    void shouldLetOnlyFewClassesOfTheRingLeaveJava() {
        onlyKnows(RING, RING, STRUCTURE, CORE, INTERNAL);
        noClasses()
                .that(resideInAPackage(RING))
                .and(not(simpleName("Backing")))
                .and(not(simpleName("BulkCopy")))
                .should()
                .dependOnClassesThat(resideInAPackage(INTERNAL).and(not(belongToAnyOf(
                        Owner.class, FutexWaiters.class, WaitLoop.class, Events.class))))
                .check(library);
    }

    /** What shares state does without messages. */
    @Test
    void shouldBuildSharedStateBesideTheRing() {
        onlyKnows(STRUCTURE, STRUCTURE, CORE, INTERNAL);
        onlyKnows(STATE, STATE, STRUCTURE, CORE, INTERNAL);
    }

    @Test
    void shouldBuildTheBroadcastBesideTheRing() {
        onlyKnows(BROADCAST, BROADCAST, STRUCTURE, CORE, INTERNAL);
        noClasses()
                .that()
                .resideInAPackage(BROADCAST)
                .should()
                .dependOnClassesThat(
                        resideInAPackage(INTERNAL).and(not(belongToAnyOf(FutexWaiters.class, WaitLoop.class))))
                .check(library);
    }

    @Test
    void shouldHaveNoOtherPackages() {
        classes()
                .should()
                .resideInAnyPackage(CORE, SHMOP, RING, STATE, BROADCAST, STRUCTURE, INTERNAL, SYSV, POSIX, PPC64LE)
                .check(library);
    }

    private static void onlyKnows(String who, String... whom) {
        ArchRule rule = classes()
                .that()
                .resideInAPackage(who)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(whom).or(resideInAPackage("java..")))
                .allowEmptyShould(who.equals(RING));
        rule.check(library);
    }

    @Test
    void shouldSeeAForbiddenArrow() {
        // The rules above are only as good as what the importer sees.
        JavaClasses core = library.that(resideInAPackage(CORE));
        assertFalse(classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(CORE, "java.."))
                .evaluate(core)
                .getFailureReport()
                .isEmpty());
    }

    // security 6
    @Test
    void shouldMakeRestrictedCallsInOnePlaceOnly() {
        Predicate<JavaAccess<?>> restricted = access -> isRestricted(access.getTargetOwner(), access.getName());
        assertEquals(List.of(), handWritten(restricted));
        Set<String> seen = library.get(Restricted.class).getAccessesFromSelf().stream()
                .filter(restricted)
                .map(JavaAccess::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of("downcallHandle", "reinterpret"), seen, "what the rule is able to see");
    }

    /** The restricted methods that there are; their annotation is not in the class files that applications see. */
    private static boolean isRestricted(JavaClass owner, String method) {
        return switch (method) {
            // Of generated structures too: those pass a caller's word on to the restricted method.
            case "reinterpret" -> true;
            case "downcallHandle", "upcallStub" -> owner.isAssignableTo(Linker.class);
            case "libraryLookup" -> owner.isAssignableTo(SymbolLookup.class);
            case "withTargetLayout" -> owner.isAssignableTo(AddressLayout.class);
            case "enableNativeAccess" -> owner.isAssignableTo(ModuleLayer.Controller.class);
            case "load", "loadLibrary" -> owner.isEquivalentTo(System.class) || owner.isEquivalentTo(Runtime.class);
            default -> false;
        };
    }

    @Test
    void shouldSuppressWarningsAboutRestrictedCallsInOnePlaceOnly() throws IOException {
        Path sources = Path.of(System.getProperty("shm4j.test.basedir"), "src", "main", "java");
        try (Stream<Path> files = Files.walk(sources)) {
            List<String> suppressing = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(ArchitectureTest::suppressesRestricted)
                    .map(file -> file.getFileName().toString())
                    .toList();
            assertEquals(List.of("Restricted.java"), suppressing);
        }
    }

    private static boolean suppressesRestricted(Path file) {
        try {
            return Files.readString(file).contains("SuppressWarnings(\"restricted\")");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    // J13
    @Test
    void shouldCallNoFunctionThatLosesItsErrno() {
        Set<String> losing = Set.of("ftok", "shmget", "shmat", "shmdt", "shmctl", "madvise");
        assertEquals(List.of(), handWritten(access -> {
            String owner = access.getTargetOwner().getPackageName();
            String function =
                    access.getName().replace("$handle", "").replace("$address", "").replace("$descriptor", "");
            return (owner.equals(SYSV) || owner.equals(POSIX)) && losing.contains(function);
        }));
    }

    // security 11, A05
    @Test
    void shouldNeverMapOverOtherMemoryOrExecutable() {
        Set<String> dangerous = Set.of("SHM_REMAP", "SHM_EXEC", "SHM_RND");
        assertEquals(List.of(), handWritten(access -> dangerous.contains(access.getName())));
        assertFalse(handWritten(access -> access.getName().equals("SHM_RDONLY")).isEmpty(), "cannot see flags");
    }

    // security 5
    @Test
    void shouldNeverSerializeObjects() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ObjectInputStream.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ObjectOutputStream.class)
                .check(library);
    }

    /** The accesses of a kind in everything that jextract has not generated and that is not the place for them. */
    private static List<String> handWritten(Predicate<JavaAccess<?>> kind) {
        return accesses(
                name -> !name.startsWith(SYSV) && !name.startsWith(POSIX) && !name.startsWith(PPC64LE)
                        && !name.equals(Restricted.class.getName()),
                kind);
    }

    private static List<String> accesses(Predicate<String> origin, Predicate<JavaAccess<?>> kind) {
        return library.stream()
                .filter(origin(origin))
                .flatMap(from -> Stream.<JavaAccess<?>>concat(
                        from.getAccessesFromSelf().stream(),
                        Stream.concat(
                                from.getMethodReferencesFromSelf().stream(),
                                from.getConstructorReferencesFromSelf().stream())))
                .filter(kind)
                .map(JavaAccess::getDescription)
                .distinct()
                .toList();
    }

    private static Predicate<JavaClass> origin(Predicate<String> name) {
        return from -> name.test(from.getName());
    }

    // security 6
    @Test
    void shouldNotMentionInternalTypesInThePublicApi() {
        Collection<String> mentioned = new TreeSet<>();
        int members = 0;
        for (JavaClass type : library) {
            if (!EXPORTED.contains(type.getPackageName()) || !isVisible(type)) {
                continue;
            }
            // Of a superclass that shows nothing of its own, a user of the type sees nothing: it may stay inside.
            type.getAllRawSuperclasses().stream()
                    .filter(ArchitectureTest::showsMembers)
                    .forEach(superclass -> note(mentioned, type.getName(), superclass));
            type.getAllRawInterfaces().forEach(implemented -> note(mentioned, type.getName(), implemented));
            for (JavaField field : type.getFields()) {
                if (isVisible(field.getModifiers())) {
                    members++;
                    field.getAllInvolvedRawTypes().forEach(involved -> note(mentioned, field.getFullName(), involved));
                }
            }
            for (JavaCodeUnit unit : type.getCodeUnits()) {
                if (isVisible(unit.getModifiers())) {
                    members++;
                    unit.getAllInvolvedRawTypes().forEach(involved -> note(mentioned, unit.getFullName(), involved));
                    unit.getThrowsClause()
                            .getTypes()
                            .forEach(thrown -> note(mentioned, unit.getFullName(), thrown.toErasure()));
                }
            }
        }
        assertEquals(Set.of(), mentioned);
        assertTrue(members > 100, members + " members");
    }

    private static void note(Collection<String> mentioned, String where, JavaClass type) {
        JavaClass base = type.getBaseComponentType();
        boolean ours = base.getPackageName().startsWith(CORE);
        if (ours && (!EXPORTED.contains(base.getPackageName()) || !isVisible(base))) {
            mentioned.add(where + " mentions " + base.getName());
        }
    }

    private static boolean showsMembers(JavaClass type) {
        return Stream.concat(type.getFields().stream(), type.getCodeUnits().stream())
                .anyMatch(member -> isVisible(member.getModifiers()));
    }

    private static boolean isVisible(JavaClass type) {
        return isVisible(type.getModifiers())
                && type.getEnclosingClass().map(ArchitectureTest::isVisible).orElse(true);
    }

    private static boolean isVisible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
    }

    // security 11, A02, A03
    @Test
    void shouldOfferNoWayToDetachOrToMapAtAnAddress() {
        for (JavaClass type : library) {
            if (EXPORTED.contains(type.getPackageName()) && isVisible(type)) {
                for (JavaCodeUnit unit : type.getCodeUnits()) {
                    if (isVisible(unit.getModifiers()) && unit.getRawReturnType().isEquivalentTo(MemorySegment.class)) {
                        // A ring hands out the memory that it was given, which cannot be larger.
                        Set<String> allowed = type.getPackageName().equals(RING)
                                ? Set.of("memory", "segment")
                                : Set.of("attach");
                        assertTrue(allowed.contains(unit.getName()), unit::getFullName);
                        assertTrue(
                                unit.getRawParameterTypes().stream().noneMatch(JavaClass::isPrimitive),
                                unit::getFullName);
                    }
                    assertFalse(Set.of("detach", "shmdt", "remap").contains(unit.getName()), unit::getFullName);
                }
            }
        }
    }

    @Test
    void shouldExportOnlyThePublicPackagesAndRequireOnlyTheBase() throws IOException {
        ModuleDescriptor module;
        try (InputStream in = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
            module = ModuleDescriptor.read(in);
        }
        assertEquals(CORE, module.name());
        Set<String> exports = new TreeSet<>();
        for (ModuleDescriptor.Exports export : module.exports()) {
            assertFalse(export.isQualified(), export::toString);
            exports.add(export.source());
        }
        Set<String> present = library.stream()
                .map(JavaClass::getPackageName)
                .filter(EXPORTED::contains)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(present, exports);

        assertEquals(
                Set.of("java.base"),
                module.requires().stream()
                        .filter(required -> !required.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                        .map(ModuleDescriptor.Requires::name)
                        .collect(Collectors.toSet()));
        assertEquals(
                Set.of("java.base", RECORDER),
                module.requires().stream().map(ModuleDescriptor.Requires::name).collect(Collectors.toSet()));
        assertEquals(Set.of(), module.opens());
        assertFalse(module.isOpen());
    }

    @Test
    void shouldUseNoJavaModuleButTheBase() {
        Set<String> others = library.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith("java"))
                .filter(name -> !Object.class.getModule().getDescriptor().packages().contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), others);
    }
}
