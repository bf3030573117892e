package org.svcshare.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// `reference.conf`: every setting there is, with its default.
final class Reference {
    static final String NAME = "reference.conf";

    /// Prefix of the environment's variables that set something.
    static final String PREFIX = "SVCSHARE_";

    /// Too much for a variable.
    private static final Set<String> LISTS_OF_BLOCKS =
            Set.of("hooks", "http.tokens", "pools.declared", "replica.nodes");

    private Reference() {}

    static Config load() {
        try (InputStream in = Reference.class.getResourceAsStream("/" + NAME)) {
            if (in == null) {
                throw new IllegalStateException(NAME + " is missing from the program");
            }
            return ConfigFactory.parseReader(
                    new InputStreamReader(in, StandardCharsets.UTF_8),
                    ConfigParseOptions.defaults()
                            .setSyntax(ConfigSyntax.CONF)
                            .setOriginDescription(NAME));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The defaults of one block.
    static ConfigObject block(String path) {
        Config reference = load();
        boolean there = !path.contains("[") && reference.hasPath(path);
        return there ? reference.getConfig(path).root() : ConfigFactory.empty().root();
    }

    /// All settings, in alphabetical order.
    static List<String> paths() {
        return paths(load());
    }

    private static List<String> paths(Config reference) {
        var paths = new TreeSet<String>();
        reference.entrySet().forEach(entry -> paths.add(entry.getKey()));
        return new ArrayList<>(paths);
    }

    /// `irc.server-password` is `SVCSHARE_IRC_SERVER_PASSWORD`.
    static String variable(String path) {
        return PREFIX + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /// What the environment sets.
    static Config overrides(Config reference, Map<String, String> environment) {
        Config overrides = ConfigFactory.empty();
        for (String path : paths(reference)) {
            String variable = variable(path);
            String value = environment.get(variable);
            if (value != null && !LISTS_OF_BLOCKS.contains(path)) {
                overrides =
                        overrides.withValue(
                                path,
                                ConfigValueFactory.fromAnyRef(
                                        value, "environment variable " + variable));
            }
        }
        return overrides;
    }

    /// Warnings for variables that look like a mistyped one of ours.
    static List<String> mistyped(Map<String, String> environment) {
        var names = paths().stream().map(Reference::variable).toList();
        return environment.keySet().stream()
                .filter(name -> name.startsWith(PREFIX) && !names.contains(name))
                .sorted()
                .map(name -> Map.entry(name, Suggestion.among(names, name)))
                .filter(entry -> !entry.getValue().isEmpty())
                .map(entry ->
                        "environment variable "
                                + entry.getKey()
                                + " sets nothing"
                                + entry.getValue())
                .toList();
    }
}
