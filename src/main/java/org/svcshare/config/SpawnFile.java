package org.svcshare.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// Reads the settings file of spawn, a JSON document, as it is, and the options of its `spawnctl`
/// beside it, which go before the file.
///
/// It becomes settings of the block `replica`. As in the original the case of keys does not matter,
/// and keys that it did not know are not used. What is different: without a host it stays on
/// loopback, and the control API has a port of its own.
final class SpawnFile {
    private static final int LARGEST_BYTES = 1024 * 1024;
    private static final String HERE = "127.0.0.1";
    private static final String LDAP = "replica.control.ldap.";

    /// What spawn does where nothing is said; a settings file beside it may say otherwise.
    private static final Config DEFAULTS =
            ConfigFactory.parseMap(
                    Map.of("replica.round-robin", false, "replica.health.every", "10s"),
                    "as spawn has it");

    private final Path file;
    private final Map<String, String> options;
    private final Predicate<String> elsewhere;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Set<String> known = new TreeSet<>(Set.of("nodes"));
    private JsonNode root = MissingNode.getInstance();
    private Config said = ConfigFactory.empty();

    /// One value of the document or of the command line.
    ///
    /// @param where for messages
    private record Said(String text, String where) {}

    /// @param said what the file and the options say
    /// @param defaults what spawn does where they say nothing
    /// @param notes for people
    record Result(Config said, Config defaults, List<String> notes) {}

    /// @param options of spawnctl by their names without dashes
    /// @param elsewhere whether another settings file says something of a path
    SpawnFile(Path file, Map<String, String> options, Predicate<String> elsewhere) {
        this.file = file;
        this.options = Map.copyOf(options);
        this.elsewhere = elsewhere;
    }

    /// @throws SettingsException with everything that is wrong
    Result read() throws SettingsException {
        root = document();
        set("replica.enabled", true, file.toString());
        listen("replica.listen", "host", "port", ReplicaReader.PORT, "");
        listen(
                "replica.control.listen",
                "api.host",
                "api.port",
                ReplicaReader.CONTROL_PORT,
                "api-");
        flag("replica.round-robin", "query-mode.round-robin", "round-robin");
        flag("replica.by-priority", "query-mode.by-priority", "by-priority");
        said("health-check.seconds", "check-sec")
                .ifPresent(every -> time("replica.health.every", every, Duration.ofSeconds(1)));
        text("replica.health.path", "health-check.url", "check-url");
        text("replica.health.pattern", "health-check.regexp", "check-regexp");
        nodes();
        auth();
        boolean test = said("testMode", "test").filter(SpawnFile::isTrue).isPresent();
        if (test) {
            notes.add("testMode, --test: without effect, as it always was");
        }
        unknown("", root);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return new Result(said, DEFAULTS, List.copyOf(notes));
    }

    private JsonNode document() throws SettingsException {
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                throw broken("", "expected at most 1 MB");
            }
            JsonNode read = JsonMapper.shared().readTree(Files.readAllBytes(file));
            if (read.isObject()) {
                return read;
            }
            throw broken("", "expected a JSON object { … }");
        } catch (JacksonException e) {
            var location = e.getLocation();
            String line = location == null ? "" : ":" + location.getLineNr();
            throw broken(line, "not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw broken("", Files.exists(file) ? "cannot be read" : "no such file");
        }
    }

    private SettingsException broken(String line, String what) {
        return new SettingsException(List.of(new Problem(file + line, "", what)));
    }

    private void problem(String where, String what) {
        problems.add(new Problem(where, "", what));
    }

    private void set(String path, Object value, String where) {
        said = said.withValue(path, ConfigValueFactory.fromAnyRef(value, where));
    }

    // What is said.

    /// @param path in the document, with dots
    private Optional<Said> said(String path, String option) {
        known.add(path.toLowerCase(Locale.ROOT));
        String given = options.get(option);
        if (given != null) {
            return Optional.of(new Said(given, "--" + option));
        }
        JsonNode node = root;
        for (String key : path.split("\\.", -1)) {
            node = child(node, key);
        }
        if (node.isContainer()) {
            problem(file + ": " + path, "expected one value, found " + kind(node));
            return Optional.empty();
        }
        return node.isMissingNode() || node.isNull() || node.asString("").isBlank()
                ? Optional.empty()
                : Optional.of(new Said(node.asString(), file + ": " + path));
    }

    private static JsonNode child(JsonNode node, String key) {
        JsonNode found = node.path(key);
        if (found.isMissingNode()) {
            for (var property : node.properties()) {
                if (property.getKey().equalsIgnoreCase(key)) {
                    found = property.getValue();
                }
            }
        }
        return found;
    }

    private static String kind(JsonNode node) {
        return node.isObject() ? "a block" : node.isArray() ? "a list" : "one value";
    }

    private void text(String to, String path, String option) {
        said(path, option).ifPresent(value -> set(to, value.text(), value.where()));
    }

    private void flag(String to, String path, String option) {
        said(path, option)
                .ifPresent(value -> {
                    if (isTrue(value) || value.text().equalsIgnoreCase("false")) {
                        set(to, isTrue(value), value.where());
                    } else {
                        problem(
                                value.where(),
                                "expected true or false, found " + Section.quoted(value.text()));
                    }
                });
    }

    private static boolean isTrue(Said value) {
        return value.text().equalsIgnoreCase("true");
    }

    /// A number of units, as in the file, or a duration, as spawnctl wanted it.
    private void time(String to, Said value, Duration unit) {
        String text = value.text().strip();
        Optional<Duration> time =
                text.matches("\\d{1,9}")
                        ? Optional.of(unit.multipliedBy(Long.parseLong(text)))
                        : Amounts.duration(text);
        if (time.isEmpty() || !time.get().isPositive()) {
            problem(
                    value.where(),
                    "expected a number of "
                            + (unit.toSeconds() == 1 ? "seconds" : "minutes")
                            + " or a duration such as 10s, found "
                            + Section.quoted(text));
        } else {
            set(to, time.get().toMillis() + "ms", value.where());
        }
    }

    private Optional<Integer> port(Said value) {
        if (value.text().matches("\\d{1,5}")) {
            int port = Integer.parseInt(value.text());
            if (port > 0 && port <= 65_535) {
                return Optional.of(port);
            }
        }
        problem(
                value.where(),
                "expected a port from 1 to 65535, found " + Section.quoted(value.text()));
        return Optional.empty();
    }

    // Where it listens.

    private void listen(String to, String hostPath, String portPath, int usual, String prefix) {
        Optional<Said> host = said(hostPath, prefix + "host");
        Optional<Said> port = said(portPath, prefix + "port");
        if (host.isEmpty() && (port.isPresent() || !elsewhere.test(to))) {
            notes.add(
                    hostPath
                            + ": not set, so it is "
                            + HERE
                            + ", this machine alone; spawn took 0.0.0.0");
        }
        if (host.isPresent() || port.isPresent()) {
            int number = port.flatMap(this::port).orElse(usual);
            String where = host.or(() -> port).map(Said::where).orElse("");
            set(to, at(host.map(Said::text).orElse(HERE), number), where);
        }
    }

    private static String at(String host, int port) {
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }

    // The copies of the service.

    private void nodes() {
        JsonNode list = child(root, "nodes");
        if (list.isMissingNode() || list.isNull()) {
            return;
        }
        if (!list.isArray()) {
            problem(file + ": nodes", "expected a list, found " + kind(list));
            return;
        }
        var nodes = new ArrayList<ConfigValue>();
        for (JsonNode node : list) {
            String where = file + ": nodes[" + nodes.size() + "]";
            if (!node.isObject()) {
                problem(where, "expected a block with host and port, found " + kind(node));
                return;
            }
            var fields = new LinkedHashMap<String, Object>();
            // Those that say nothing take no part, as ever.
            fields.put("active", false);
            for (String key : List.of("host", "port", "priority", "active", "maintenance")) {
                JsonNode value = child(node, key);
                if (!value.isMissingNode() && !value.isNull()) {
                    fields.put(key, value.isContainer() ? kind(value) : value.asString());
                }
            }
            nodes.add(ConfigValueFactory.fromMap(fields, where));
        }
        set("replica.nodes", nodes, file + ": nodes");
    }

    // Who may change them.

    private void auth() {
        Optional<Said> type = said("auth.type", "auth");
        said("auth.expiration", "auth-expire")
                .ifPresent(life -> time("replica.control.token-life", life, Duration.ofMinutes(1)));
        Optional<Said> host = said("auth.host", "auth-host");
        Optional<Said> port = said("auth.port", "auth-port");
        boolean ldap = type.filter(t -> t.text().equalsIgnoreCase("LDAP")).isPresent();
        Optional<Said> base = ofLdap("base");
        Optional<Said> ssl = ofLdap("ssl");
        Optional<Said> user = ofLdap("filters.user");
        Optional<Said> group = ofLdap("filters.group");
        List<String> attributes = attributes();
        if (!ldap) {
            type.filter(t -> !t.text().equalsIgnoreCase("guest"))
                    .ifPresent(t ->
                            notes.add(
                                    t.where()
                                            + ": "
                                            + Section.quoted(t.text())
                                            + " is no kind of login, so guests may change the"
                                            + " nodes, as with spawn"));
            return;
        }
        if (host.isEmpty()) {
            problem(file + ": auth.host", "expected where people log in, found nothing");
            return;
        }
        String at = host.get().text();
        Optional<Integer> number = port.flatMap(this::port);
        set(LDAP + "server", number.map(n -> at(at, n)).orElse(at), host.get().where());
        set(LDAP + "tls", ssl.filter(SpawnFile::isTrue).isPresent(), file + ": auth.settings.ssl");
        base.ifPresent(value -> set(LDAP + "base", value.text(), value.where()));
        user.ifPresent(value -> set(LDAP + "user-filter", value.text(), value.where()));
        group.ifPresent(value -> set(LDAP + "group-filter", value.text(), value.where()));
        if (!attributes.isEmpty()) {
            set(LDAP + "attributes", attributes, file + ": auth.settings.attributes");
        }
    }

    /// Below `auth.settings`, or one step higher.
    private Optional<Said> ofLdap(String key) {
        return said("auth.settings." + key, "").or(() -> said("auth." + key, ""));
    }

    private List<String> attributes() {
        known.add("auth.settings.attributes");
        known.add("auth.attributes");
        JsonNode auth = child(root, "auth");
        JsonNode list = child(child(auth, "settings"), "attributes");
        var attributes = new ArrayList<String>();
        for (JsonNode name : list.isMissingNode() ? child(auth, "attributes") : list) {
            attributes.add(name.asString(""));
        }
        return attributes;
    }

    /// Says which keys of the document nobody asked for.
    private void unknown(String above, JsonNode block) {
        for (var property : block.properties()) {
            String path = above + property.getKey();
            if (known.contains(path.toLowerCase(Locale.ROOT))) {
                continue;
            }
            JsonNode value = property.getValue();
            if (!isPart(path)) {
                notes.add(file + ": " + Section.quoted(path) + ": not known, not used");
            } else if (value.isObject()) {
                unknown(path + ".", value);
            } else if (!value.isNull()) {
                problem(file + ": " + path, "expected a block { … }, found " + kind(value));
            }
        }
    }

    private boolean isPart(String path) {
        String start = path.toLowerCase(Locale.ROOT) + ".";
        return known.stream().anyMatch(key -> key.startsWith(start));
    }
}
