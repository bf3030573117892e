package org.svcshare.lock;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;
import org.svcshare.web.StatusSource;
import org.svcshare.web.WebServer;

/// Several real servers of one lock table, as the nodes of a group are, each behind a proxy that
/// can fail. The pool `theirs` is for somebody else, and in `crowded` one may wait.
public final class GroupSite implements AutoCloseable {
    public final PoolEngine engine;
    private final List<WebServer> servers = new ArrayList<>();
    private final List<CutProxy> doors = new ArrayList<>();
    private final Set<Integer> stopped = new HashSet<>();

    private GroupSite(int count, List<Token> tokens, Duration longestWait) throws IOException {
        var undeclared = new PoolRules("", 1, 60_000, 100, Set.of());
        var rules =
                new TableRules(
                        List.of(
                                new PoolRules("theirs", 1, 60_000, 100, Set.of("somebody")),
                                new PoolRules("crowded", 1, 60_000, 1, Set.of())),
                        undeclared,
                        1000,
                        600_000,
                        1000);
        engine = Engines.memory(rules);
        HttpSettings http = ServerSettings.http(tokens, longestWait);
        PoolSettings pools = ServerSettings.pools(rules, Duration.ofSeconds(2));
        for (int i = 0; i < count; i++) {
            var server = WebServer.start(http, pools, engine, StatusSource.poolsAlone("1.2.3"));
            servers.add(server);
            doors.add(new CutProxy(server.listening().port()));
        }
    }

    public static GroupSite of(int count) throws IOException {
        return new GroupSite(count, List.of(), Duration.ofDays(7));
    }

    /// One that keeps no place in line for longer.
    public static GroupSite impatient(Duration longestWait) throws IOException {
        return new GroupSite(1, List.of(), longestWait);
    }

    /// With a token `SECRET-lock` that may lock, and one `SECRET-read` that may not.
    public static GroupSite withTokens() throws IOException {
        return new GroupSite(
                2,
                List.of(
                        new Token("ci", Role.LOCK, new Secret("SECRET-lock")),
                        new Token("eyes", Role.READ, new Secret("SECRET-read"))),
                Duration.ofDays(7));
    }

    /// Where the servers are, for clients.
    public String[] addresses() {
        return doors.stream().map(door -> "127.0.0.1:" + door.port()).toArray(String[]::new);
    }

    public List<Integer> ports() {
        return doors.stream().map(CutProxy::port).toList();
    }

    public CutProxy door(int number) {
        return doors.get(number);
    }

    /// How many connections a server has.
    public int openAt(int number) {
        return doors.get(number).connections();
    }

    /// Stops a server as its process does when it is told to.
    public void stop(int number) {
        servers.get(number).drain();
        servers.get(number).close();
        stopped.add(number);
    }

    public <T> T see(Function<TableView, T> question) {
        var seen = new CompletableFuture<T>();
        engine.read(question, seen::complete);
        return got(seen);
    }

    /// The tickets of a pool, holders first.
    public List<TicketView> tickets(String pool) {
        return see(table -> List.copyOf(table.tickets(Optional.of(pool), 100)));
    }

    public long held(String pool) {
        return tickets(pool).stream().filter(t -> t.state() != TicketView.State.WAITING).count();
    }

    public long waiting(String pool) {
        return tickets(pool).size() - held(pool);
    }

    /// How long the holder of a pool has it.
    public Duration left(String pool) {
        TicketView ticket = tickets(pool).getFirst();
        return Duration.ofMillis(see(table -> ticket.untilMs() - table.nowMs()));
    }

    /// Somebody else takes a pool, or waits for it.
    public RequestId take(String pool, int number) {
        var id = new RequestId(99, number);
        propose(
                new Operation.Acquire(
                        id, pool, "somebody", "", Mode.EXCLUSIVE, 600_000, 600_000, 0, false));
        return id;
    }

    public void giveBack(RequestId id, String pool) {
        propose(new Operation.Release(id, pool));
    }

    /// An operator ends the first ticket of a pool.
    public void force(String pool) {
        propose(new Operation.Force(tickets(pool).getFirst().ticket(), "operator"));
    }

    public Outcome propose(Operation operation) {
        return new EngineKit(engine).ask(operation);
    }

    private static <T> T got(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() throws IOException {
        for (CutProxy door : doors) {
            door.close();
        }
        for (int i = 0; i < servers.size(); i++) {
            if (!stopped.contains(i)) {
                servers.get(i).close();
            }
        }
        engine.close();
    }
}
