package org.svcshare.daemon;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.bot.Lock;
import org.svcshare.config.GuardSettings;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.PoolSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.ServerSettings;
import org.svcshare.engine.EngineKit;
import org.svcshare.engine.Engines;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import org.svcshare.web.StatusSource;
import org.svcshare.web.WebServer;

/// Another svcshare's pools on a free port, as a guard sees them: `uplink` and `wide` (two slots)
/// are declared, `theirs` is for `bots` and `ss-cleo` alone.
final class LockSite implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    final PoolEngine engine;
    private final WebServer server;

    private LockSite(PoolEngine engine, WebServer server) {
        this.engine = engine;
        this.server = server;
    }

    static LockSite open() throws IOException {
        return start(List.of(), true, Duration.ofDays(7));
    }

    /// A token for each role, all with the secret `SECRET-role`.
    static LockSite withTokens() throws IOException {
        var tokens = new ArrayList<Token>();
        tokens.add(new Token("looker", Role.READ, new Secret("SECRET-read")));
        tokens.add(new Token("bots", Role.LOCK, new Secret("SECRET-lock")));
        tokens.add(new Token("others", Role.LOCK, new Secret("SECRET-others")));
        return start(tokens, true, Duration.ofDays(7));
    }

    static LockSite declaredOnly() throws IOException {
        return start(List.of(), false, Duration.ofDays(7));
    }

    static LockSite impatient(Duration longestWait) throws IOException {
        return start(List.of(), true, longestWait);
    }

    private static LockSite start(List<Token> tokens, boolean undeclared, Duration longestWait)
            throws IOException {
        var rules =
                new TableRules(
                        List.of(
                                new PoolRules("uplink", 1, 60_000, 100, Set.of()),
                                new PoolRules("wide", 2, 60_000, 100, Set.of()),
                                new PoolRules("theirs", 1, 60_000, 100, Set.of("bots", "ss-cleo"))),
                        undeclared ? new PoolRules("", 1, 60_000, 100, Set.of()) : null,
                        1000,
                        600_000,
                        1000);
        PoolEngine engine = Engines.memory(rules);
        HttpSettings http = ServerSettings.http(tokens, longestWait);
        PoolSettings pools = ServerSettings.pools(rules, Duration.ofSeconds(10));
        return new LockSite(
                engine, WebServer.start(http, pools, engine, StatusSource.poolsAlone("1.2.3")));
    }

    int port() {
        return server.listening().port();
    }

    GuardServer pool(String name) {
        return at(port(), name, null);
    }

    GuardServer pool(String name, String token) {
        return at(port(), name, token);
    }

    static GuardServer at(int port, String pool, @Nullable String token) {
        return at(List.of(port), pool, token);
    }

    /// The same at several servers.
    static GuardServer at(List<Integer> ports, String pool, @Nullable String token) {
        return GuardServer.of(
                new GuardSettings(
                        pool,
                        ports.stream()
                                .map(port -> "http://127.0.0.1:" + port + "/api/v1/pools/" + pool)
                                .map(URI::create)
                                .toList(),
                        Optional.ofNullable(token).map(Secret::new),
                        Optional.empty(),
                        Duration.ofSeconds(15)));
    }

    /// Somebody on the other machine takes a pool.
    void take(RequestId id, String pool, Duration lease) throws Exception {
        propose(
                new Operation.Acquire(
                        id,
                        pool,
                        "ss-ben",
                        "turn 3",
                        Mode.EXCLUSIVE,
                        0,
                        lease.toMillis(),
                        0,
                        false));
    }

    void giveBack(RequestId id, String pool) throws Exception {
        propose(new Operation.Release(id, pool));
    }

    private void propose(Operation operation) {
        new EngineKit(engine).ask(operation);
    }

    <T> T see(Function<TableView, T> question) throws Exception {
        var seen = new CompletableFuture<T>();
        engine.read(question, seen::complete);
        return seen.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    int waiting(String pool) throws Exception {
        return see(table -> table.pool(pool).orElseThrow().waiting());
    }

    int held(String pool) throws Exception {
        return see(table -> table.pool(pool).orElseThrow().held());
    }

    /// The answer to one question.
    static Lock.Answer answer(Consumer<Consumer<Lock.Answer>> question) throws Exception {
        var answer = new CompletableFuture<Lock.Answer>();
        question.accept(answer::complete);
        return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        server.close();
        engine.close();
    }
}
