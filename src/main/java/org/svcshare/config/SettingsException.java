package org.svcshare.config;

import java.util.List;
import java.util.stream.Collectors;

/// Settings that cannot be used, with everything that is wrong with them at once.
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public SettingsException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /// In the order of the reference, at least one.
    public List<Problem> problems() {
        return problems;
    }
}
