package org.svcshare.config;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Settings that cannot be used, with everything that is wrong with them at once.
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public SettingsException(List<Problem> problems) {
        super(sorted(problems).map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = sorted(problems).toList();
    }

    private static Stream<Problem> sorted(List<Problem> problems) {
        return problems.stream().sorted(Comparator.comparingInt(Problem::line));
    }

    /// At least one, from the top of the file down; what stands on no line comes last.
    public List<Problem> problems() {
        return problems;
    }
}
