package org.svcshare.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.pool.PoolRules;

/// The blocks `http` and `pools`, and a distributex.yaml in their place.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class HttpReaderTest {
    private static final String TOKEN = "0123456789abcdef";

    @TempDir private Path folder;

    private SettingsReader reader() {
        return new SettingsReader(Map.of(), "anna", folder.resolve("home"), "1.2.3");
    }

    private LoadedSettings read(String text) throws Exception {
        String least = "irc.server = localhost\ngate.targets = [\"localhost:1\"]\n";
        return reader().read(Files.writeString(folder.resolve("config.conf"), least + text));
    }

    private LoadedSettings distributex(String text) throws Exception {
        Path yaml = Files.writeString(folder.resolve("distributex.yaml"), text);
        return reader().readDistributex(yaml, Optional.empty());
    }

    @Test
    void given_nothing_when_read_then_http_is_on_loopback_and_pools_are_mutexes() throws Exception {
        Settings settings = read("").settings();

        assertEquals(new Endpoint("127.0.0.1", 9889), settings.http().listen());
        assertFalse(settings.http().listenSet());
        assertEquals(List.of(), settings.http().tokens());
        assertEquals(64 * 1024, settings.http().limits().bodyBytes());
        assertEquals(
                new PoolRules("", 1, 1_800_000, 100_000, Set.of()),
                settings.pools().rules().undeclared());
        assertEquals(settings.stateFolder().resolve("pools"), settings.pools().folder());
        assertTrue(settings.with(settings.http().atPort(1)).http().listenSet());
    }

    @Test
    void given_tokens_and_pools_when_read_then_they_are_as_written() throws Exception {
        Path file = Files.writeString(folder.resolve("ci.token"), TOKEN + "-ci\n");
        LoadedSettings loaded =
                read(
                        """
                        http {
                          listen = "0.0.0.0:0"
                          tokens = [
                            { name = ci, role = lock, token-file = "%s" }
                            { name = boss, role = admin, token = "%s" }
                          ]
                        }
                        pools {
                          declared = [
                            { name = build, slots = 4, lease = 10m, allow = [ci, anna] }
                            { name = "a b" }
                          ]
                          undeclared = refuse
                          lease = 1m
                        }
                        """
                                .formatted(file, TOKEN));

        Settings settings = loaded.settings();
        assertEquals(
                new HttpSettings.Token("ci", HttpSettings.Role.LOCK, new Secret(TOKEN + "-ci")),
                settings.http().tokens().getFirst());
        assertTrue(settings.http().listenSet());
        assertEquals(
                List.of(
                        new PoolRules("build", 4, 600_000, 100_000, Set.of("ci", "anna")),
                        new PoolRules("a b", 1, 60_000, 100_000, Set.of())),
                settings.pools().rules().declared());
        assertNull(settings.pools().rules().undeclared());
        assertFalse(loaded.show().contains(TOKEN), loaded.show());
        assertTrue(loaded.warnings().toString().contains("tokens can be read on the way"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http.listen = \"0.0.0.0:9889\" | is not loopback, so everybody could take",
                "http.tokens = [{ name = a, role = lock, token = short }] | 16 to 512 letters",
                "http.tokens = [{ name = a, role = lock }] | token or token-file",
                "http.tokens = [{ role = read, token = 0123456789abcdef }] | expected a name",
                "http.tokens = [{ name = a, role = root, token = 0123456789abcdef }] | admin, lock",
                "http.tls.key = config.conf | with certificate only",
                "http.tls.certificate = config.conf | expected key as well",
                "http.limits.body = 1 | a size from 1024",
                "http.limits.longest-wait = 8d | at most 7d",
                "http.event-loops = 0 | a whole number from 1",
                "http.listen = \"127.0.0.1:8999\" | expected another port",
                "pools.engine = disk | journal, memcached, memory",
                "pools.lease = 8d | at most 7d",
                "pools.declared = [{ slots = 2 }] | a name of 1 to 200 bytes",
                "pools.declared = [{ name = a }, { name = a }] | another pool of this name",
                "pools.declared = [{ name = a, slots = 0 }] | a whole number from 1",
                "pools.declared = [{ name = a, slot = 1 }] | did you mean slots?",
                "pools.undeclared = maybe | allow, refuse",
                "pools.memcached = \"a:11211,b:11211\" | one host:port",
                "pools.memcached-prefix = \"a b\" | visible ASCII",
                "pools.memcached-timeout = 1ms | at least 10ms",
                "pools.memcached-timeout = 2m | at most 1m",
                "pools.memcached-poll-every = 61s | at most 1m",
            })
    void given_a_mistake_when_read_then_the_message_says_what_was_expected(
            String mistake, String expected) {
        List<Problem> problems =
                assertThrows(SettingsException.class, () -> read(mistake)).problems();

        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().toString().contains(expected), problems.toString());
    }

    @Test
    void given_an_old_distributex_file_when_read_then_its_pools_are_there_and_no_bot()
            throws Exception {
        Settings settings =
                distributex(
                                """
                                backend: inmemory
                                pools:
                                  - name: puppet
                                    expire: 1800
                                    maxlocks: 1
                                    servers: host1, host2
                                  - name: backup
                                    maxlocks: 3
                                    expire: 0
                                  - name: plain
                                """)
                        .settings();

        assertFalse(settings.bot());
        assertNull(settings.pools().rules().undeclared());
        assertEquals(
                List.of(
                        new PoolRules("puppet", 1, 1_800_000, 100_000, Set.of("host1", "host2")),
                        new PoolRules("backup", 3, 0, 100_000, Set.of()),
                        new PoolRules("plain", 1, 1_800_000, 100_000, Set.of())),
                settings.pools().rules().declared());
        assertEquals(Duration.ofSeconds(10), settings.stopLimit());
    }

    @Test
    void given_a_memcache_backend_when_read_then_its_address_is_taken() throws Exception {
        PoolSettings pools =
                distributex(
                                """
                                backend: memcache
                                memcachehost: cache.example.net
                                memcacheport: 11212
                                pools: []
                                """)
                        .settings()
                        .pools();

        assertEquals(PoolSettings.Engine.MEMCACHED, pools.engine());
        assertEquals(new Endpoint("cache.example.net", 11212), pools.memcached().at());
        assertEquals("svcshare", pools.memcached().prefix());
    }

    @Test
    void
            given_memcached_settings_when_read_then_they_are_as_written_and_the_address_alone_is_enough()
                    throws Exception {
        PoolSettings.Memcached alone =
                read("pools.memcached = \"cache:11212\"").settings().pools().memcached();
        PoolSettings.Memcached all =
                read("""
                pools {
                  memcached = "[::1]:11211"
                  memcached-prefix = "build-farm"
                  memcached-timeout = 300ms
                  memcached-poll-every = 1s
                }
                """)
                        .settings()
                        .pools()
                        .memcached();

        assertEquals(
                new PoolSettings.Memcached(
                        new Endpoint("cache", 11212),
                        "svcshare",
                        Duration.ofSeconds(1),
                        Duration.ofMillis(200)),
                alone);
        assertEquals(
                new PoolSettings.Memcached(
                        new Endpoint("::1", 11211),
                        "build-farm",
                        Duration.ofMillis(300),
                        Duration.ofSeconds(1)),
                all);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pools: [ | not YAML",
                "just a text | expected `backend` and `pools`",
                "backend: inmemory | pools: expected a list",
                "pools: [7] | pools[0]: expected a pool",
                "pools: [{expire: 1}] | pools[0].name: expected a name",
                "pools: [{name: a}, {name: a}] | there is another pool",
                "pools: [{name: a, maxlocks: 0}] | maxlocks: expected at least 1",
                "pools: [{name: a, expire: soon}] | expected a whole number",
                "pools: [{name: a, expire: -1}] | expected a whole number",
                "{backend: redis, pools: []} | expected inmemory or memcache",
                "pools: &a [*a, *a, *a] | pools[0]: expected a pool",
                "pools: !!java.net.URL [x] | not YAML",
            })
    void given_a_wrong_distributex_file_when_read_then_the_message_says_what_was_expected(
            String text, String expected) {
        String problems =
                assertThrows(SettingsException.class, () -> distributex(text))
                        .problems()
                        .toString();

        assertTrue(problems.contains("distributex.yaml"), problems);
        assertTrue(problems.contains(expected), problems);
    }

    @Test
    void given_no_distributex_file_when_read_then_that_is_said() {
        var problems =
                assertThrows(
                        SettingsException.class,
                        () ->
                                reader().readDistributex(
                                                folder.resolve("none.yaml"), Optional.empty()));
        assertTrue(String.valueOf(problems.getMessage()).contains("no such file"));
    }
}
