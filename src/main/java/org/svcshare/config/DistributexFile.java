package org.svcshare.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.svcshare.config.PoolSettings.Engine;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.TableRules;

/// Reads the settings file of distributex, `distributex.yaml`, as it is.
///
/// What it does not say comes from the `pools` block. Keys that distributex did not know are
/// ignored, as it did.
final class DistributexFile {
    private static final int LARGEST_BYTES = 1024 * 1024;
    private static final long EXPIRE_SECONDS = 1800;

    private final Path file;
    private final List<Problem> problems = new ArrayList<>();

    DistributexFile(Path file) {
        this.file = file;
    }

    /// @throws SettingsException with everything that is wrong
    PoolSettings read(PoolSettings base) throws SettingsException {
        Map<?, ?> root = root();
        var rules =
                new TableRules(
                        pools(root, base.rules()),
                        null,
                        base.rules().maxTickets(),
                        base.rules().rememberMs(),
                        base.rules().maxRemembered());
        Engine engine = engine(root, base.engine());
        Endpoint memcached = memcached(root, base.memcached().at());
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return new PoolSettings(
                engine,
                base.memcached().at(memcached),
                rules,
                base.grace(),
                base.claim(),
                base.folder());
    }

    private Map<?, ?> root() throws SettingsException {
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                throw broken("", "expected at most 1 MB");
            }
            var settings = LoadSettings.builder().setLabel(file.toString()).build();
            Object root = new Load(settings).loadFromString(text());
            if (root instanceof Map<?, ?> map) {
                return map;
            }
            throw broken("", "expected `backend` and `pools`");
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(mark -> ":" + (mark.getLine() + 1)).orElse("");
            throw broken(line, "not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw broken("", "not YAML: " + e.getMessage());
        } catch (IOException e) {
            throw broken("", Files.exists(file) ? "cannot be read" : "no such file");
        }
    }

    private String text() throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private SettingsException broken(String line, String what) {
        return new SettingsException(List.of(new Problem(file + line, "", what)));
    }

    private void problem(String path, String what) {
        problems.add(new Problem(file.toString(), path, what));
    }

    private Engine engine(Map<?, ?> root, Engine base) {
        return switch (text(root.get("backend"))) {
            case "", "inmemory" -> base == Engine.MEMCACHED ? Engine.JOURNAL : base;
            case "memcache", "memcached" -> Engine.MEMCACHED;
            case String other -> {
                problem("backend", "expected inmemory or memcache, found " + Section.quoted(other));
                yield base;
            }
        };
    }

    private Endpoint memcached(Map<?, ?> root, Endpoint base) {
        String host = text(root.get("memcachehost"));
        long port = number("memcacheport", root.get("memcacheport"), base.port(), 65_535);
        if (port < 1 || !host.matches("[A-Za-z0-9._:%-]{0,253}")) {
            problem("memcachehost", "expected a host name, and a port from 1 to 65535");
            return base;
        }
        return new Endpoint(host.isEmpty() ? base.host() : host, (int) port);
    }

    private List<PoolRules> pools(Map<?, ?> root, TableRules base) {
        var pools = new ArrayList<PoolRules>();
        var names = new HashSet<String>();
        if (!(root.get("pools") instanceof List<?> list)) {
            problem("pools", "expected a list of pools");
            return pools;
        }
        int maxWaiters =
                base.undeclared() == null ? base.maxTickets() : base.undeclared().maxWaiters();
        for (Object item : list) {
            String path = "pools[" + pools.size() + "]";
            if (!(item instanceof Map<?, ?> pool)) {
                problem(path, "expected a pool with its name");
                continue;
            }
            String name = text(pool.get("name"));
            if (!PoolsReader.isName(name) || name.chars().anyMatch(Character::isISOControl)) {
                problem(path + ".name", "expected a name of 1 to 200 bytes");
            } else if (!names.add(name)) {
                problem(path + ".name", "there is another pool " + Section.quoted(name));
            } else {
                pools.add(pool(path, name, pool, maxWaiters));
            }
        }
        return pools;
    }

    private PoolRules pool(String path, String name, Map<?, ?> pool, int maxWaiters) {
        long longest = Operation.MAX_TIME_MS / 1000;
        long expire = number(path + ".expire", pool.get("expire"), EXPIRE_SECONDS, longest);
        long slots = number(path + ".maxlocks", pool.get("maxlocks"), 1, PoolRules.MAX_SLOTS);
        if (slots == 0) {
            problem(path + ".maxlocks", "expected at least 1");
        }
        return new PoolRules(
                name,
                (int) Math.max(1, slots),
                expire * 1000,
                maxWaiters,
                servers(path + ".servers", pool.get("servers")));
    }

    private Set<String> servers(String path, @Nullable Object servers) {
        return switch (servers) {
            case null -> Set.of();
            case List<?> list -> list.stream().map(String::valueOf).collect(Collectors.toSet());
            case String text ->
                    Stream.of(text.split(",", -1))
                            .map(String::strip)
                            .filter(host -> !host.isEmpty())
                            .collect(Collectors.toCollection(TreeSet::new));
            default -> {
                problem(path, "expected host names with commas in between");
                yield Set.of();
            }
        };
    }

    private long number(String path, @Nullable Object value, long otherwise, long max) {
        if (value == null) {
            return otherwise;
        }
        String text = text(value);
        if (text.matches("\\d{1,9}") && Long.parseLong(text) <= max) {
            return Long.parseLong(text);
        }
        problem(
                path,
                "expected a whole number from 0 to " + max + ", found " + Section.quoted(text));
        return otherwise;
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString().strip();
    }
}
