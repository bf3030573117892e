package org.svcshare.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.svcshare.config.LoadedSettings;
import org.svcshare.config.SettingsException;
import org.svcshare.config.SettingsReader;
import picocli.CommandLine.Option;

/// The option that names the settings file, and where it is looked for without.
final class SettingsFile {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = {
                "The settings file. Without it the first there is of:",
                "$SVCSHARE_CONFIG",
                "./config.conf",
                "$XDG_CONFIG_HOME/svcshare/config.conf",
                "/etc/svcshare/config.conf"
            })
    private Optional<Path> named = Optional.empty();

    private final Surroundings surroundings;

    SettingsFile(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    boolean isNamed() {
        return named.isPresent();
    }

    LoadedSettings load() throws SettingsException {
        return load(find(), Map.of(), surroundings);
    }

    /// Reads a file, or none, with more variables than the environment has.
    static LoadedSettings load(
            Optional<Path> file, Map<String, String> more, Surroundings surroundings)
            throws SettingsException {
        var environment = new HashMap<>(surroundings.environment());
        environment.putAll(more);
        var reader = reader(environment, surroundings);
        return file.isPresent() ? reader.read(file.get()) : reader.readWithoutFile();
    }

    private static SettingsReader reader(
            Map<String, String> environment, Surroundings surroundings) {
        return new SettingsReader(
                environment, surroundings.user(), surroundings.home(), Version.text());
    }

    /// Reads the pools of a distributex.yaml, and the rest as ever.
    LoadedSettings load(Path distributex) throws SettingsException {
        return reader(surroundings.environment(), surroundings)
                .readDistributex(distributex, find());
    }

    /// Reads spawn's JSON file, and the rest as ever.
    LoadedSettings load(Path spawn, Map<String, String> options) throws SettingsException {
        return reader(surroundings.environment(), surroundings).readSpawn(spawn, options, find());
    }

    /// Reads a file, or none, with a group as the channel.
    LoadedSettings load(List<String> seeds, Map<String, String> places) throws SettingsException {
        return reader(surroundings.environment(), surroundings).readGossip(find(), seeds, places);
    }

    Optional<Path> find() {
        if (named.isPresent()) {
            return named;
        }
        String variable = surroundings.variable("SVCSHARE_CONFIG");
        if (!variable.isEmpty()) {
            return Optional.of(Path.of(variable));
        }
        return places().stream().filter(Files::isRegularFile).findFirst();
    }

    /// Where a settings file is looked for, in this order.
    List<Path> places() {
        String xdg = surroundings.variable("XDG_CONFIG_HOME");
        Path config = xdg.isEmpty() ? surroundings.home().resolve(".config") : Path.of(xdg);
        return Stream.of(
                        surroundings.folder().resolve("config.conf"),
                        config.resolve("svcshare").resolve("config.conf"),
                        Path.of("/etc/svcshare/config.conf"))
                .toList();
    }
}
