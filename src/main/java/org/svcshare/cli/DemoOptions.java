package org.svcshare.cli;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What the demonstrations have in common on the command line.
final class DemoOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "End by itself after so long; without: until it is stopped.")
    private Optional<Integer> seconds = Optional.empty();

    Optional<Duration> length() {
        if (seconds.isPresent() && seconds.get() <= 0) {
            throw wrong("--seconds: expected a number above 0, found " + seconds.get());
        }
        return seconds.map(Duration::ofSeconds);
    }

    /// What is wrong on the command line of the demonstration.
    ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
