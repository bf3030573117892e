package org.svcshare;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Which room may know which: the rules that keep the house in order.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class HouseRulesTest {
    private static final String HOUSE = "org.svcshare.";

    /// Rooms that import the JDK and nothing else, and of it no clock, thread, socket or file.
    private static final Set<String> PURE = Set.of("turn", "pool", "store", "replica");

    /// What a room may know besides itself. A room that is not here may know the pure ones,
    /// `config` and `channel`; rooms that are not built yet need no line.
    private static final Map<String, Set<String>> KNOWS =
            Map.ofEntries(
                    Map.entry("config", Set.of("turn", "pool", "store", "replica")),
                    Map.entry("channel", Set.of("turn", "config")),
                    Map.entry("client", Set.of("turn", "config")),
                    Map.entry("gate", Set.of("turn", "config")),
                    Map.entry("ircd", Set.of("turn", "config")),
                    Map.entry("hook", Set.of("turn", "store", "config")),
                    Map.entry("journal", Set.of()),
                    Map.entry("engine", Set.of("pool", "config", "journal")),
                    Map.entry("cluster", Set.of("pool", "config", "engine", "journal")),
                    Map.entry("irc", Set.of("turn", "config", "channel")),
                    Map.entry("proxy", Set.of("replica", "config", "journal")),
                    Map.entry("spawn", Set.of("replica", "config")),
                    Map.entry("gossip", Set.of("store", "turn", "config", "channel", "journal")),
                    Map.entry(
                            "bot",
                            Set.of(
                                    "turn", "pool", "store", "replica", "config", "channel",
                                    "client", "gate")),
                    Map.entry("lock", Set.of("pool", "config")),
                    Map.entry("cli", Set.of("daemon", "config", "demo", "lock", "pool")));

    private static final Set<String> USUAL =
            Set.of("turn", "pool", "store", "replica", "config", "channel");

    /// Composition roots know everybody but the command line.
    private static final Set<String> ROOTS = Set.of("daemon", "demo");

    /// The program's classes alone: tests live in the same packages.
    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .withImportOption(location -> !location.contains("/test-classes/"))
                    .importPackages("org.svcshare");

    private static Set<String> rooms() {
        return CLASSES.stream()
                .map(HouseRulesTest::room)
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Optional<String> room(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(HOUSE)
                ? Optional.of(name.substring(HOUSE.length()).split("\\.", 2)[0])
                : Optional.empty();
    }

    private static String[] packages(Stream<String> rooms) {
        return rooms.map(room -> HOUSE + room + "..").toArray(String[]::new);
    }

    @Test
    void given_the_house_when_imported_then_its_rooms_are_seen_and_no_test() {
        assertTrue(rooms().containsAll(Set.of("turn", "config", "cli", "daemon")), "" + rooms());
        assertFalse(CLASSES.contain(HouseRulesTest.class));
    }

    @Test
    void pure_rooms_depend_on_themselves_and_on_the_quiet_part_of_the_jdk() {
        for (String room : PURE) {
            var allowed =
                    resideInAnyPackage(
                                    HOUSE + room + "..",
                                    "java.lang..",
                                    "java.nio.charset",
                                    "java.util",
                                    "java.util.function",
                                    "java.util.stream",
                                    "java.util.regex",
                                    "java.util.random",
                                    "java.time..",
                                    "org.jspecify.annotations")
                            .and(
                                    describe(
                                            "no thread, process or lookup",
                                            type ->
                                                    !type.getName()
                                                            .matches(
                                                                    "java\\.lang\\.(Thread|Process"
                                                                            + "|Runtime).*|java\\.time\\.Clock")))
                            .or(describe("primitive", JavaClass::isPrimitive))
                            .or(describe("array of those", JavaClass::isArray));

            classes()
                    .that()
                    .resideInAPackage(HOUSE + room + "..")
                    .should()
                    .onlyDependOnClassesThat(allowed)
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void pure_rooms_have_no_clock_and_no_chance_of_their_own() {
        noClasses()
                .that()
                .resideInAnyPackage(packages(PURE.stream()))
                .should()
                .callMethodWhere(
                        describe(
                                "it asks a clock or draws by itself",
                                call -> {
                                    String owner = call.getTargetOwner().getName();
                                    String name = call.getName();
                                    return (owner.startsWith("java.time.") && name.equals("now"))
                                            || (owner.equals("java.lang.System")
                                                    && (name.equals("nanoTime")
                                                            || name.equals("currentTimeMillis")
                                                            || name.equals("getenv")
                                                            || name.equals("getProperty")))
                                            || owner.equals("java.lang.Thread")
                                            || (owner.equals("java.util.UUID")
                                                    && name.equals("randomUUID"))
                                            || (owner.equals("java.lang.Math")
                                                    && name.equals("random"));
                                }))
                .orShould()
                .callConstructor(Random.class)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /// In a room that has clocks, threads and sockets, this decides and has none.
    @Test
    void the_course_of_a_lock_object_is_pure() {
        classes()
                .that()
                .haveNameMatching("org\\.svcshare\\.lock\\.Lock(Course|Event|Effect|Times).*")
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(
                                        "java.lang..",
                                        "java.util",
                                        "java.time",
                                        "org.jspecify.annotations")
                                .or(
                                        describe(
                                                "values of the room",
                                                type ->
                                                        type.getName()
                                                                .matches(
                                                                        "org\\.svcshare\\.lock\\.(Lock(Course|Event|Effect|Times).*"
                                                                                + "|HeldLock|Why|NamedLock\\$.*)")))
                                .or(describe("array", JavaClass::isArray))
                                .or(describe("primitive", JavaClass::isPrimitive)))
                .check(CLASSES);
        noClasses()
                .that()
                .haveNameMatching("org\\.svcshare\\.lock\\.Lock(Course|Event|Effect|Times).*")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .check(CLASSES);
    }

    @Test
    void rooms_know_only_the_rooms_they_may() {
        for (String room : rooms()) {
            if (PURE.contains(room) || ROOTS.contains(room)) {
                continue;
            }
            Set<String> known = KNOWS.getOrDefault(room, USUAL);
            noClasses()
                    .that()
                    .resideInAPackage(HOUSE + room + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            packages(
                                    rooms().stream()
                                            .filter(other -> !other.equals(room))
                                            .filter(other -> !known.contains(other))))
                    .allowEmptyShould(true)
                    .because(room + " may know " + known)
                    .check(CLASSES);
        }
    }

    @Test
    void nobody_knows_the_command_line() {
        noClasses()
                .that()
                .resideOutsideOfPackage(HOUSE + "cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(HOUSE + "cli..")
                .check(CLASSES);
    }

    @Test
    void rooms_have_no_cycles() {
        slices().matching(HOUSE + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void every_room_is_null_marked_and_described() {
        var bare = new ArrayList<String>();
        for (String room : rooms()) {
            JavaPackage place = CLASSES.getPackage(HOUSE + room);
            if (!place.isAnnotatedWith(NullMarked.class)) {
                bare.add(room);
            }
        }
        assertEquals(List.of(), bare);
    }

    @Test
    void nothing_changes_that_belongs_to_no_object() {
        List<String> changing =
                CLASSES.stream()
                        .flatMap(type -> type.getFields().stream())
                        .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
                        .filter(field -> !field.getModifiers().contains(JavaModifier.FINAL))
                        .map(field -> field.getFullName())
                        .sorted()
                        .toList();
        assertEquals(List.of(), changing);
    }
}
