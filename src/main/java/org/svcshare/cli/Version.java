package org.svcshare.cli;

import java.util.Objects;

/// Which svcshare this is.
final class Version {
    private Version() {}

    /// From the jar's manifest; `dev` when run from loose classes.
    static String text() {
        return Objects.requireNonNullElse(
                Version.class.getPackage().getImplementationVersion(), "dev");
    }

    static String line() {
        return "svcshare " + text();
    }
}
