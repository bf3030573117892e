package org.svcshare.ircd;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Only the named classes know sockets and clocks; the server itself does not.
class IrcdRoomTest {
    private static final Set<String> SHELL =
            Set.of("Ircd", "IrcLoop", "ConnectionHandler", "FrameDecoder", "CarefulListener");

    @Test
    void given_the_room_then_only_its_shell_knows_netty_logging_and_clocks() {
        var room =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("org.svcshare.ircd");
        noClasses()
                .that(
                        new com.tngtech.archunit.base.DescribedPredicate<JavaClass>("are core") {
                            @Override
                            public boolean test(JavaClass type) {
                                return !SHELL.contains(outermost(type).getSimpleName());
                            }
                        })
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "org.slf4j..",
                        "java.net..",
                        "java.io..",
                        "java.nio.file..",
                        "java.util.concurrent..")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.time.Clock.class)
                .check(room);
    }

    private static JavaClass outermost(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer;
    }
}
