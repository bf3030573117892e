package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.RequestKind;
import org.svcshare.replica.SampleReplicas;
import org.svcshare.replica.WriteView;
import tools.jackson.databind.JsonNode;

/// The copies of a replicated service, and the writes on their way to them.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class NodesApiTest {
    private static final String NODES = "/api/v1/nodes";
    private static final NodeAddress A = new NodeAddress("a", 1);
    private static final NodeAddress B = new NodeAddress("b", 2);
    private static final Instant LONG_AGO = Instant.parse("2026-01-02T03:04:05.678Z");

    private final SampleReplicas replicas =
            new SampleReplicas()
                    .with(new Node(A, 1, true, false, false, 1))
                    .with(new Node(B, 2, true, false, true, 5));
    private TestSite site;

    @BeforeEach
    void start() throws Exception {
        site = TestSite.with().replicas(replicas).start();
    }

    @AfterEach
    void stop() {
        site.close();
        replicas.close();
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return site.send(site.request(path).POST(BodyPublishers.ofString(body)));
    }

    private static String tag(HttpResponse<String> response) {
        return response.headers().firstValue("etag").orElseThrow();
    }

    private void behind(NodeAddress address) {
        replicas.seen(
                address,
                view ->
                        new NodeView(
                                view.node(),
                                NodeState.BEHIND,
                                false,
                                false,
                                "it does not answer \"at all\"",
                                7,
                                700,
                                Optional.of(LONG_AGO),
                                2,
                                41,
                                3,
                                new NodeCounts(
                                        Map.of(
                                                RequestKind.GET,
                                                new NodeCounts.Count(10, 1, 0),
                                                RequestKind.POST,
                                                new NodeCounts.Count(0, 4, 7))),
                                Optional.of(new NodeView.Fault("refused", LONG_AGO))));
    }

    private static Set<String> fields(JsonNode object) {
        return new TreeSet<>(object.propertyNames());
    }

    @Test
    void given_nodes_when_listed_then_they_are_told_as_described() throws Exception {
        behind(B);
        var response = site.get(NODES);
        JsonNode seen = TestSite.json(response);

        assertEquals(200, response.statusCode());
        assertEquals(Set.of("nodes"), fields(seen));
        JsonNode a = seen.at("/nodes/0");
        assertEquals("in-step", a.path("state").asString());
        assertFalse(a.has("why") || a.has("lastError") || a.path("queue").has("oldest"));
        JsonNode b = seen.at("/nodes/1");
        assertEquals("b", b.path("host").asString());
        assertEquals(2, b.path("port").asInt());
        assertEquals(5, b.path("weight").asInt());
        assertTrue(b.path("tls").asBoolean());
        assertEquals("behind", b.path("state").asString());
        assertFalse(b.path("up").asBoolean());
        assertTrue(a.path("readable").asBoolean());
        assertFalse(b.path("readable").asBoolean(true));
        assertEquals("it does not answer \"at all\"", b.path("why").asString());
        assertEquals(7, b.at("/queue/writes").asInt());
        assertEquals(700, b.at("/queue/bytes").asInt());
        assertEquals("2026-01-02T03:04:05.678Z", b.at("/queue/oldest").asString());
        assertTrue(b.at("/queue/ageSeconds").asDouble() > 1_000_000);
        assertEquals(2, b.at("/queue/parked").asInt());
        assertEquals(41, b.path("position").asInt());
        assertEquals(3, b.path("underWay").asInt());
        assertEquals("refused", b.at("/lastError/what").asString());
        assertEquals(10, b.at("/counts/get/success").asInt());
        assertEquals(7, b.at("/counts/post/queued").asInt());
        assertEquals(0, b.at("/counts/patch/failure").asInt());

        JsonNode schema =
                TestSite.json(site.get("/openapi.json")).at("/components/schemas/Node/properties");
        assertEquals(fields(schema), fields(b));
        assertEquals(fields(schema.at("/queue/properties")), fields(b.path("queue")));
        assertEquals(fields(schema.at("/counts/properties")), fields(b.path("counts")));
    }

    @Test
    void given_counters_that_move_when_asked_again_then_the_tags_stay_and_settings_move_them()
            throws Exception {
        String all = tag(site.get(NODES));
        String one = tag(site.get(NODES + "/b:2"));
        behind(B);
        assertEquals(all, tag(site.get(NODES)));
        assertEquals(one, tag(site.get(NODES + "/b:2")));

        site.put(NODES + "/b:2", "{\"weight\":6}");
        assertNotEquals(all, tag(site.get(NODES)));
        assertNotEquals(one, tag(site.get(NODES + "/b:2")));
    }

    @Test
    void given_trouble_when_asked_then_it_is_told() throws Exception {
        replicas.trouble("the disk is full");
        assertEquals("the disk is full", TestSite.json(site.get(NODES)).path("trouble").asString());
        JsonNode status = TestSite.json(site.get("/api/v1/status"));
        assertEquals("the disk is full", status.at("/replicas/trouble").asString());
        assertEquals(2, status.at("/replicas/nodes").asInt());
        assertEquals(2, status.at("/replicas/readable").asInt());
    }

    @Test
    void given_a_node_that_can_be_read_from_when_readiness_is_asked_then_it_is_given()
            throws Exception {
        behind(B);
        var ready = site.get("/readyz?verbose");
        assertEquals(200, ready.statusCode());
        assertEquals("[+] pools ok\n[+] replicas ok\nok\n", ready.body());
    }

    @Test
    void given_no_node_for_reads_or_no_writes_when_readiness_is_asked_then_it_says_why()
            throws Exception {
        behind(A);
        behind(B);
        assertEquals("[-] replicas: no node can be read from\nnot ready\n", unready());

        replicas.trouble("the disk is full");
        assertEquals(
                """
                [-] replicas: no writes are taken: the disk is full; no node can be read from
                not ready
                """,
                unready());

        site.put(NODES + "/a:1", "{\"weight\":2}");
        assertEquals("[-] replicas: no writes are taken: the disk is full\nnot ready\n", unready());
        assertEquals(200, site.get("/livez").statusCode());
    }

    @Test
    void given_no_nodes_when_readiness_is_asked_then_it_says_so() throws Exception {
        site.delete(NODES + "/a:1");
        site.delete(NODES + "/b:2");
        assertEquals("[-] replicas: there are no nodes\nnot ready\n", unready());
    }

    private String unready() throws Exception {
        var answer = site.get("/readyz");
        assertEquals(503, answer.statusCode());
        return answer.body();
    }

    @Test
    void given_a_new_node_and_one_that_is_there_when_put_then_only_what_is_said_changes()
            throws Exception {
        var created = site.put(NODES + "/%5B::1%5D:8080", "{\"active\":true,\"priority\":-3}");
        assertEquals(201, created.statusCode());
        JsonNode node = TestSite.json(created);
        assertEquals("::1", node.path("host").asString());
        assertEquals(-3, node.path("priority").asInt());
        assertEquals(1, node.path("weight").asInt());
        assertEquals(
                200,
                site.get(NODES + "/[::1]:8080".replace("[", "%5B").replace("]", "%5D"))
                        .statusCode());

        var changed = site.put(NODES + "/b:2", "{\"maintenance\":true}");
        assertEquals(200, changed.statusCode());
        assertEquals(new Node(B, 2, true, true, true, 5), replicas.node(B).orElseThrow().node());
        assertEquals(tag(changed), tag(site.get(NODES + "/b:2")));
    }

    @Test
    void given_another_address_in_the_body_when_put_then_the_node_moves_or_nothing_changes()
            throws Exception {
        var moved = site.put(NODES + "/b:2", "{\"host\":\"c\",\"port\":3}");
        assertEquals(200, moved.statusCode());
        assertEquals("c", TestSite.json(moved).path("host").asString());
        assertEquals(404, site.get(NODES + "/b:2").statusCode());
        assertEquals("c:4", moveTo("c:3", "{\"port\":4}"));

        var taken = site.put(NODES + "/c:4", "{\"host\":\"a\",\"port\":1}");
        assertEquals("node_refused", TestSite.code(taken));
        assertEquals(200, site.get(NODES + "/c:4").statusCode());
        assertEquals("unknown_node", TestSite.code(site.put(NODES + "/x:9", "{\"host\":\"y\"}")));
    }

    private String moveTo(String node, String body) throws Exception {
        JsonNode now = TestSite.json(site.put(NODES + "/" + node, body));
        return now.path("host").asString() + ":" + now.path("port").asInt();
    }

    @Test
    void given_a_condition_when_the_node_is_another_by_now_then_nothing_is_changed()
            throws Exception {
        String tag = tag(site.get(NODES + "/b:2"));
        var put = site.request(NODES + "/b:2").header("If-Match", tag);
        assertEquals(
                200,
                site.send(put.copy().PUT(BodyPublishers.ofString("{\"weight\":9}"))).statusCode());
        var late = site.send(put.copy().PUT(BodyPublishers.ofString("{\"weight\":10}")));
        assertEquals(412, late.statusCode());
        assertEquals("node_changed", TestSite.code(late));
        assertEquals(tag(site.get(NODES + "/b:2")), tag(late));
        assertEquals(412, site.send(put.copy().DELETE()).statusCode());
        assertEquals(9, replicas.node(B).orElseThrow().node().weight());

        var any = site.request(NODES + "/x:9").header("If-Match", "*");
        assertEquals(412, site.send(any.copy().PUT(BodyPublishers.ofString("{}"))).statusCode());
        var weak = site.request(NODES + "/b:2").header("If-Match", "W/" + tag(late)).DELETE();
        assertEquals(412, site.send(weak).statusCode());
        var listed = site.request(NODES + "/b:2").header("If-Match", "\"x\", " + tag(late));
        assertEquals(204, site.send(listed.DELETE()).statusCode());
    }

    @Test
    void given_many_with_the_same_condition_when_they_put_at_once_then_one_of_them_does()
            throws Exception {
        String tag = tag(site.get(NODES + "/b:2"));
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 40; i++) {
            answers.add(
                    site.sendLater(
                            site.request(NODES + "/b:2")
                                    .header("If-Match", tag)
                                    .PUT(
                                            BodyPublishers.ofString(
                                                    "{\"weight\":%d}".formatted(10 + i)))));
        }
        int done = 0;
        for (var answer : answers) {
            int status = answer.get().statusCode();
            assertTrue(status == 200 || status == 412, "" + status);
            done += status == 200 ? 1 : 0;
        }
        assertEquals(1, done);
    }

    @Test
    void given_a_node_when_removed_then_it_is_gone() throws Exception {
        assertEquals(204, site.delete(NODES + "/b:2").statusCode());
        assertEquals("unknown_node", TestSite.code(site.delete(NODES + "/b:2")));
        assertEquals("unknown_node", TestSite.code(site.get(NODES + "/b:2")));
        assertEquals(List.of(A), replicas.nodes().stream().map(v -> v.node().address()).toList());
    }

    @Test
    void given_a_source_when_copied_from_then_both_are_in_maintenance() throws Exception {
        var copy = post(NODES + "/n:9/copy-from", "{\"source\":\"a:1\",\"weight\":3}");
        assertEquals(200, copy.statusCode());
        assertEquals("n", TestSite.json(copy).path("host").asString());
        assertEquals(3, TestSite.json(copy).path("weight").asInt());
        assertTrue(TestSite.json(copy).path("maintenance").asBoolean());
        assertTrue(replicas.node(A).orElseThrow().node().maintenance());

        assertEquals("invalid", TestSite.code(post(NODES + "/n:9/copy-from", "{}")));
        assertEquals(
                "unknown_node",
                TestSite.code(post(NODES + "/n:9/copy-from", "{\"source\":\"z:1\"}")));
    }

    @Test
    void given_a_node_out_of_step_when_it_is_said_to_be_in_step_then_it_is() throws Exception {
        behind(B);
        JsonNode now = TestSite.json(post(NODES + "/b:2/in-step", ""));
        assertEquals("in-step", now.path("state").asString());
        assertEquals("unknown_node", TestSite.code(post(NODES + "/z:2/in-step", "")));
    }

    @Test
    void given_a_queue_when_looked_at_and_changed_then_its_writes_are_as_told() throws Exception {
        for (int i = 1; i <= 5; i++) {
            replicas.queued(B, SampleReplicas.waiting(i, "/<b>?n=" + i, LONG_AGO));
        }
        JsonNode page = TestSite.json(site.get(NODES + "/b:2/queue?after=1&limit=2"));
        assertEquals(2, page.path("writes").size());
        JsonNode first = page.at("/writes/0");
        assertEquals(2, first.path("position").asInt());
        assertEquals("POST", first.path("method").asString());
        assertEquals("/<b>?n=2", first.path("target").asString());
        assertEquals(3, first.path("bodyBytes").asInt());
        assertEquals(LONG_AGO.toString(), first.path("at").asString());
        assertFalse(first.path("parked").asBoolean() || first.has("why"));

        assertEquals(204, post(NODES + "/b:2/queue/2/park", "").statusCode());
        assertEquals(204, site.delete(NODES + "/b:2/queue/3").statusCode());
        JsonNode then = TestSite.json(site.get(NODES + "/b:2/queue"));
        assertEquals(4, then.path("writes").size());
        assertEquals("by an operator", then.at("/writes/1/why").asString());
        assertEquals(204, post(NODES + "/b:2/queue/2/release", "").statusCode());
        assertEquals("unknown_write", TestSite.code(post(NODES + "/b:2/queue/3/release", "")));
        assertEquals("unknown_node", TestSite.code(site.delete(NODES + "/z:2/queue/3")));
        assertEquals("unknown_node", TestSite.code(site.get(NODES + "/z:2/queue")));
        assertEquals("invalid", TestSite.code(site.delete(NODES + "/b:2/queue/x")));
        for (String wrong : List.of("after=-1", "limit=0", "limit=1001", "limit=x", "after=%ff")) {
            assertEquals("invalid", TestSite.code(site.get(NODES + "/b:2/queue?" + wrong)), wrong);
        }
    }

    @Test
    void given_a_write_when_asked_for_then_it_is_told_how_far_it_has_come() throws Exception {
        replicas.write(
                "w-1", new WriteView(8, "PUT", "/x", LONG_AGO, 201, false, Map.of(B, 0, A, 201)));
        JsonNode write = TestSite.json(site.get("/api/v1/writes/w-1"));
        assertEquals(8, write.path("position").asInt());
        assertEquals(201, write.path("outcome").asInt());
        assertFalse(write.path("everywhere").asBoolean());
        assertEquals(201, write.at("/nodes/a:1").asInt());
        assertEquals(0, write.at("/nodes/b:2").asInt());
        assertEquals("unknown_write", TestSite.code(site.get("/api/v1/writes/w-2")));
        assertEquals("invalid", TestSite.code(site.get("/api/v1/writes/%00")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "nothing",
                "{\"priority\":\"1\"}",
                "{\"priority\":3000000000}",
                "{\"priority\":1.5}",
                "{\"active\":1}",
                "{\"weight\":0}",
                "{\"weight\":101}",
                "{\"port\":65536}",
                "{\"host\":\"a b\"}",
                "{\"host\":7}",
                "{\"source\":\"a:1\"}",
                "{\"colour\":1}",
                "{} {}"
            })
    void given_a_body_that_is_none_when_put_then_it_is_refused(String body) throws Exception {
        var answer = site.put(NODES + "/b:2", body);
        assertEquals(400, answer.statusCode(), answer.body());
        assertEquals("invalid", TestSite.code(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a:0", "a:65536", "a:x", ":1", "a%20b:1", "::1:80", "a:1%2F2"})
    void given_an_address_that_is_none_when_asked_then_it_is_refused(String node) throws Exception {
        assertEquals("invalid", TestSite.code(site.get(NODES + "/" + node)), node);
    }

    @Test
    void given_a_change_that_cannot_be_kept_when_put_then_that_is_told() throws Exception {
        replicas.insteadOfChanges(new NodeChange.Result.Failed("the disk is full"));
        var answer = site.put(NODES + "/b:2", "{}");
        assertEquals(503, answer.statusCode());
        assertEquals("not_written", TestSite.code(answer));
        assertEquals("the disk is full", TestSite.json(answer).path("detail").asString());
        assertTrue(answer.headers().firstValue("retry-after").isPresent());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/nodes",
        "GET, /api/v1/nodes/a:1",
        "PUT, /api/v1/nodes/a:1",
        "DELETE, /api/v1/nodes/a:1",
        "POST, /api/v1/nodes/a:1/copy-from",
        "POST, /api/v1/nodes/a:1/in-step",
        "GET, /api/v1/nodes/a:1/queue",
        "DELETE, /api/v1/nodes/a:1/queue/1",
        "POST, /api/v1/nodes/a:1/queue/1/park",
        "POST, /api/v1/nodes/a:1/queue/1/release",
        "GET, /api/v1/writes/x"
    })
    void given_no_replicas_when_asked_then_that_is_told(String method, String path)
            throws Exception {
        try (TestSite alone = TestSite.plain()) {
            var answer = alone.send(alone.request(path).method(method, BodyPublishers.noBody()));
            assertEquals(503, answer.statusCode());
            assertEquals("no_replicas", TestSite.code(answer));
            assertTrue(TestSite.json(alone.get("/api/v1/status")).path("replicas").isNull());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/nodes, '', 401",
        "GET, /api/v1/nodes, eye-eye-eye-eye, 200",
        "PUT, /api/v1/nodes/a:1, ci-ci-ci-ci-ci, 403",
        "PUT, /api/v1/nodes/a:1, boss-boss-boss, 200",
        "DELETE, /api/v1/nodes/a:1, eye-eye-eye-eye, 403",
        "POST, /api/v1/nodes/a:1/queue/1/park, eye-eye-eye-eye, 403",
        "GET, /api/v1/writes/x, '', 401"
    })
    void given_tokens_when_asked_then_looking_needs_read_and_changing_admin(
            String method, String path, String token, int status) throws Exception {
        try (TestSite guarded =
                TestSite.with()
                        .replicas(replicas)
                        .token("eye", Role.READ, "eye-eye-eye-eye")
                        .token("ci", Role.LOCK, "ci-ci-ci-ci-ci")
                        .token("boss", Role.ADMIN, "boss-boss-boss")
                        .start()) {
            var request = guarded.request(path).method(method, BodyPublishers.noBody());
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            assertEquals(status, guarded.send(request).statusCode());
        }
    }

    @Test
    void given_nodes_when_measured_then_their_numbers_are_there_and_go_with_them()
            throws Exception {
        behind(B);
        String text = site.get("/metrics").body();
        for (String line :
                List.of(
                        "svcshare_replica_requests_total{method=\"get\",node=\"b:2\",result=\"success\"} 10.0",
                        "svcshare_replica_requests_total{method=\"post\",node=\"b:2\",result=\"failure\"} 4.0",
                        "svcshare_replica_queue_writes{node=\"b:2\"} 7.0",
                        "svcshare_replica_queue_writes{node=\"a:1\"} 0.0",
                        "svcshare_replica_queue_bytes{node=\"b:2\"} 700.0",
                        "svcshare_replica_queue_age_seconds{node=\"a:1\"} 0.0",
                        "svcshare_replica_parked{node=\"b:2\"} 2.0",
                        "svcshare_replica_up{node=\"b:2\"} 0.0",
                        "svcshare_replica_readable{node=\"a:1\"} 1.0",
                        "svcshare_replica_readable{node=\"b:2\"} 0.0",
                        "svcshare_replica_position{node=\"b:2\"} 41.0",
                        "svcshare_replica_under_way{node=\"b:2\"} 3.0",
                        "svcshare_replica_state{node=\"b:2\",state=\"behind\"} 1.0",
                        "svcshare_replica_state{node=\"b:2\",state=\"in-step\"} 0.0",
                        "svcshare_replica_trouble 0.0")) {
            assertTrue(text.contains("\n" + line + "\n"), line + "\n" + replicaLines(text));
        }
        assertTrue(text.contains("svcshare_replica_queue_age_seconds{node=\"b:2\"} "), text);

        site.delete(NODES + "/b:2");
        assertFalse(replicaLines(site.get("/metrics").body()).contains("b:2"));
    }

    private static String replicaLines(String text) {
        return text.lines()
                .filter(line -> line.startsWith("svcshare_replica"))
                .collect(java.util.stream.Collectors.joining("\n"));
    }

    @Test
    void given_no_replicas_when_measured_then_nothing_is_said_of_them() throws Exception {
        try (TestSite alone = TestSite.plain()) {
            assertEquals("", replicaLines(alone.get("/metrics").body()));
        }
    }
}
