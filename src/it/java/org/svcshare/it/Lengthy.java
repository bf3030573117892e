package org.svcshare.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;

/// Takes a minute or more and guards what seldom changes: run by continuous integration (`CI` in
/// the environment) and with `-Dit.all`.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
        value = "org.svcshare.it.Lengthy$When#wanted",
        disabledReason = "only in CI, or with -Dit.all")
public @interface Lengthy {
    /// When that is.
    final class When {
        private When() {}

        public static boolean wanted() {
            return System.getenv("CI") != null || System.getProperty("it.all") != null;
        }
    }
}
