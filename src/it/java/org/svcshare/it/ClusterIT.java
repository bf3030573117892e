package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.cluster.TestAuthority;
import org.svcshare.config.GroupSettings;

/// Three nodes of a group as processes on loopback, which believe each other by certificates.
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClusterIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String POOL = "build";

    @TempDir private static Path certificates;
    @TempDir private Path folder;

    private static TestAuthority authority;
    private static GroupSettings.Tls good;

    private final List<Integer> ports =
            IntStream.range(0, 3).mapToObj(_ -> RealPart.twoFreePorts()).toList();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<GroupNode> nodes = new ArrayList<>();

    @BeforeAll
    static void make() throws Exception {
        authority = new TestAuthority(certificates, "authority");
        good = authority.sign("node", "ip:127.0.0.1");
    }

    private void group() throws IOException {
        for (int i = 0; i < 3; i++) {
            nodes.add(node("n" + (i + 1), good));
        }
    }

    private GroupNode node(String name, GroupSettings.Tls tls) throws IOException {
        String peers =
                IntStream.range(0, 3)
                        .mapToObj(i -> "\"n" + (i + 1) + "=127.0.0.1:" + ports.get(i) + "\"")
                        .collect(Collectors.joining(", "));
        return new GroupNode(
                client,
                folder,
                name,
                """
                cluster.peers = [%s]
                cluster.tls { certificate = "%s", key = "%s", ca = "%s" }
                """
                        .formatted(
                                peers,
                                tls.own().certificate(),
                                tls.own().key().orElseThrow(),
                                tls.ca()));
    }

    private void startAll() throws Exception {
        for (GroupNode node : nodes) {
            node.start();
        }
        nodes.forEach(GroupNode::awaitReady);
    }

    @AfterEach
    void stop() {
        nodes.forEach(GroupNode::close);
        client.close();
    }

    private GroupNode leader() {
        await("one node leads; " + printed())
                .atMost(LIMIT)
                .until(() ->
                        nodes.stream().filter(GroupNode::alive).filter(GroupNode::leads).count()
                                == 1);
        return nodes.stream()
                .filter(GroupNode::alive)
                .filter(GroupNode::leads)
                .findFirst()
                .orElseThrow();
    }

    private List<GroupNode> besides(GroupNode one) {
        return nodes.stream().filter(node -> node != one).toList();
    }

    private String printed() {
        return nodes.stream()
                .filter(GroupNode::alive)
                .map(node -> node.name + ": " + node.process().err())
                .collect(Collectors.joining("\n"));
    }

    private void assertHeld(long fence) {
        for (GroupNode node : nodes) {
            if (node.alive()) {
                await(node.name + " knows who has it")
                        .atMost(LIMIT)
                        .until(() -> fence(node) == fence);
            }
        }
    }

    private static long fence(GroupNode node) {
        return node.pool(POOL).path("tickets").path(0).path("fence").asLong(-1);
    }

    private static void assertStatus(int wanted, HttpResponse<String> answer) {
        assertEquals(wanted, answer.statusCode(), answer.body());
    }

    @Test
    void given_a_lock_and_a_waiter_when_the_leader_is_killed_then_both_live_on() throws Exception {
        group();
        nodes.getFirst().start();
        nodes.getFirst().process().logs("HTTP server runs");
        // Nobody leads yet: who waits, waits for that as well.
        var early = nodes.getFirst().lockLater(POOL, "{\"wait\":\"60s\",\"ttl\":\"60s\"}");
        assertStatus(408, nodes.getFirst().lock(POOL, "{\"wait\":\"1s\"}"));
        nodes.get(1).start();
        nodes.get(2).start();
        nodes.forEach(GroupNode::awaitReady);
        HttpResponse<String> first = early.get(60, TimeUnit.SECONDS);
        assertStatus(201, first);
        String token = GroupNode.json(first.body()).path("token").asString();
        long fence = GroupNode.json(first.body()).path("fence").asLong();
        assertHeld(fence);

        GroupNode leader = leader();
        List<GroupNode> left = besides(leader);
        var waiting = left.getFirst().lockLater(POOL, "{\"wait\":\"60s\",\"ttl\":\"60s\"}");
        await("it waits")
                .atMost(LIMIT)
                .until(() -> left.getLast().pool(POOL).path("waiting").asInt() == 1);
        leader.process().kill();

        HttpResponse<String> renewed = left.getLast().renew(POOL, token);
        assertStatus(200, renewed);
        assertEquals(fence, GroupNode.json(renewed.body()).path("fence").asLong());
        long ttlMs = GroupNode.json(renewed.body()).path("ttlMs").asLong();
        assertTrue(ttlMs > 50_000 && ttlMs <= 60_000, renewed.body());
        assertHeld(fence);
        assertFalse(waiting.isDone());
        assertEquals(204, left.getLast().release(POOL, token));
        HttpResponse<String> granted = waiting.get(60, TimeUnit.SECONDS);
        assertStatus(201, granted);
        long next = GroupNode.json(granted.body()).path("fence").asLong();
        assertTrue(next > fence, granted.body());

        leader.start();
        leader.awaitReady();
        assertHeld(next);
    }

    @Test
    void given_a_lock_when_all_nodes_are_restarted_one_by_one_then_it_is_held_throughout()
            throws Exception {
        group();
        startAll();
        HttpResponse<String> lock = nodes.getFirst().lock(POOL, "{\"ttl\":\"5m\"}");
        assertStatus(201, lock);
        long fence = GroupNode.json(lock.body()).path("fence").asLong();

        for (GroupNode node : nodes) {
            node.process().terminate();
            assertEquals(0, node.process().exit(LIMIT), node.process().printed());
            assertHeld(fence);
            node.start();
            node.awaitReady();
        }

        assertHeld(fence);
        for (GroupNode node : nodes) {
            assertStatus(409, node.lock(POOL, "{}"));
        }
        String token = GroupNode.json(lock.body()).path("token").asString();
        assertEquals(204, nodes.getLast().release(POOL, token));
    }

    @Test
    void given_a_node_with_a_certificate_of_others_when_it_comes_then_it_is_not_let_in()
            throws Exception {
        group();
        startAll();
        GroupNode before = nodes.removeLast();
        before.process().terminate();
        assertEquals(0, before.process().exit(LIMIT), before.process().printed());
        GroupSettings.Tls strange =
                new TestAuthority(certificates, "others").sign("stranger", "ip:127.0.0.1");
        // It believes everybody, so that it is not its own choice to stay away.
        Path both =
                Files.writeString(
                        certificates.resolve("both.pem"),
                        Files.readString(authority.pem()) + Files.readString(strange.ca()));

        GroupNode stranger = node("n3", new GroupSettings.Tls(strange.own(), both)).start();
        List<GroupNode> others = List.copyOf(nodes);
        nodes.add(stranger);

        await("somebody says so")
                .atMost(LIMIT)
                .until(() ->
                        others.stream()
                                .anyMatch(node ->
                                        node.process()
                                                .err()
                                                .contains("CN=stranger: it is from no authority")));
        assertStatus(201, others.getFirst().lock(POOL, "{\"ttl\":\"5m\"}"));
        await("it says that it is not ready")
                .atMost(LIMIT)
                .until(() -> stranger.get("/readyz").startsWith("[-] pools: "));
        assertStatus(503, stranger.lock(POOL, "{}"));
        assertEquals(0, stranger.pool(POOL).path("held").asInt(0));
    }
}
