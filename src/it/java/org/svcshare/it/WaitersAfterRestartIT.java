package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The server is killed while three want a lock: who died as well does not hold up who did not.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class WaitersAfterRestartIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration CLAIM = Duration.ofSeconds(1);

    /// For what takes its time on a busy machine; far less than a lease.
    private static final Duration SLACK = Duration.ofSeconds(20);

    private static final Duration LEASE = Duration.ofMinutes(5);

    @TempDir private Path folder;

    private final int port = RealPart.freePort();
    private final List<Svcshare> started = new ArrayList<>();

    private Svcshare start(String name, String... arguments) throws IOException {
        Path own = Files.createDirectories(folder.resolve(name));
        var svcshare = Svcshare.start(own, Map.of("SVCSHARE_ADDR", "127.0.0.1:" + port), arguments);
        started.add(svcshare);
        return svcshare;
    }

    private Svcshare serve(String name) throws IOException {
        Path pools =
                Files.writeString(
                        folder.resolve("distributex.yaml"), "pools: [{name: build, expire: 60}]");
        Path config =
                Files.writeString(
                        folder.resolve("daemon.conf"),
                        """
                        state-folder = "%s/state"
                        http.listen = "127.0.0.1:%d"
                        pools { grace = %ds, claim = %ds }
                        """
                                .formatted(folder, port, GRACE.toSeconds(), CLAIM.toSeconds()));
        Svcshare server =
                start(name, "run", "-c", config.toString(), "--distributex", pools.toString());
        server.logs("HTTP server runs");
        return server;
    }

    /// Holds until a file of its name is there.
    private Svcshare wants(String name) throws IOException {
        return start(
                name,
                "lock",
                "--ttl",
                LEASE.toSeconds() + "s",
                "--reason",
                name,
                "build",
                "--",
                "sh",
                "-c",
                "until [ -e " + folder.resolve(name + ".done") + " ]; do sleep 0.05; done");
    }

    @AfterEach
    void stop() {
        started.reversed().forEach(Svcshare::close);
    }

    private List<String> tickets(String state) throws Exception {
        var found = new ArrayList<String>();
        for (JsonNode ticket : Pools.get(port, "/api/v1/tickets").path("tickets")) {
            if (ticket.path("state").asString("").equals(state)) {
                found.add(ticket.path("reason").asString(""));
            }
        }
        return found;
    }

    private void until(String state, List<String> wanted) {
        await(state + ": " + wanted)
                .atMost(LIMIT)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> tickets(state).equals(wanted));
    }

    @Test
    void given_a_waiter_killed_with_the_server_when_it_is_back_then_the_next_one_gets_the_lock()
            throws Exception {
        Svcshare server = serve("server");
        Svcshare holder = wants("holder");
        until("held", List.of("holder"));
        Svcshare dead = wants("dead");
        until("waiting", List.of("dead"));
        Svcshare alive = wants("alive");
        until("waiting", List.of("dead", "alive"));

        server.kill();
        dead.kill();
        serve("again");
        until("waiting", List.of("dead", "alive"));
        long released = System.nanoTime();
        Files.writeString(folder.resolve("holder.done"), "");

        assertEquals(0, holder.exit(LIMIT), holder::printed);
        until("held", List.of("alive"));
        Duration took = Duration.ofNanos(System.nanoTime() - released);
        assertTrue(
                took.compareTo(GRACE.plus(CLAIM).plus(SLACK)) < 0,
                "the dead one held it up for " + took);
        Files.writeString(folder.resolve("alive.done"), "");
        assertEquals(0, alive.exit(LIMIT), alive::printed);
        assertEquals(List.of(), tickets("held"));
    }
}
