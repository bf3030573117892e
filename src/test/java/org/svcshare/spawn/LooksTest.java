package org.svcshare.spawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeCounts;
import org.svcshare.replica.NodeCounts.Count;
import org.svcshare.replica.NodeView;
import org.svcshare.replica.RequestKind;
import tools.jackson.databind.JsonNode;

/// What spawn's API tells of itself and of its requests, and what it says to what it does not know.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LooksTest {
    private SpawnSite site;

    @BeforeEach
    void start() throws Exception {
        site = SpawnSite.open();
    }

    @AfterEach
    void stop() {
        site.close();
    }

    @Test
    void given_nodes_when_measured_then_there_is_a_table_for_each_by_address() throws Exception {
        var b = new NodeAddress("b", 80);
        var first = new NodeAddress("a", 90);
        site.replicas.with(Node.at(b)).with(new Node(first, -1, true, false, false, 1));
        site.replicas.seen(
                b,
                view ->
                        new NodeView(
                                view.node(),
                                view.state(),
                                view.up(),
                                view.readable(),
                                "",
                                0,
                                0,
                                view.oldest(),
                                0,
                                0,
                                0,
                                new NodeCounts(
                                        Map.of(
                                                RequestKind.GET, new Count(12, 1, 0),
                                                RequestKind.HEAD, new Count(99, 99, 99),
                                                RequestKind.PUT, new Count(3, 0, 2),
                                                RequestKind.POST, new Count(4, 1, 5),
                                                RequestKind.DELETE, new Count(6, 0, 0))),
                                view.lastError()));
        var answer = site.get("/metrics");
        assertTrue(answer.headers().firstValue("content-type").orElse("").startsWith("text/plain"));
        assertEquals(
                """
                a:90
                                         GET                 SET              DELETE
                SUCCESS                    0                   0                   0
                FAILURE                    0                   0                   0
                QUEUED                     0                   0                   0

                b:80
                                         GET                 SET              DELETE
                SUCCESS                   12                   7                   6
                FAILURE                    1                   1                   0
                QUEUED                     0                   7                   0
                """,
                answer.body());
    }

    @Test
    void given_the_server_when_asked_what_it_is_then_it_says_so() throws Exception {
        JsonNode info = SpawnSite.json(site.get("/info")).path("Spawn Sync Service");
        assertEquals("127.0.0.1", info.path("Host").asString());
        assertTrue(info.at("/Runtime/Compiler").asString().startsWith("Java "));
        assertTrue(info.at("/Runtime/CPU").asInt() > 0);
        assertTrue(info.at("/Runtime/Memory").asString().matches("[0-9]+\\.[0-9]{2}MB"));
        assertTrue(info.at("/Runtime/Threads").asInt() > 0);
        assertEquals("1.2.3", info.at("/Release/Number").asString());
        assertTrue(info.at("/Release/Date").isString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/list",
                "/list/nodes",
                "/list/nodes/get",
                "/list/nodes/set",
                "/list/nodes/delete"
            })
    void given_somebody_who_knows_nothing_when_help_is_asked_for_then_there_is_some(String path)
            throws Exception {
        var answer = site.get(path);
        assertEquals(200, answer.statusCode());
        assertTrue(answer.headers().firstValue("content-type").orElse("").startsWith("text/plain"));
        assertTrue(answer.body().contains("nodes"));
        assertTrue(site.get("/list").body().contains("/list"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/node", "/nodes/a/1/b", "/nodes/", "/login/a/b", "/%22%3Cb%3E"})
    void given_a_path_that_nobody_knows_when_asked_then_it_is_said_in_spawns_words(String path)
            throws Exception {
        var answer = site.get(path);
        assertEquals(404, answer.statusCode());
        assertTrue(answer.body().startsWith("{\n  \"Message\": {\n    \"Error\": "), answer.body());
        JsonNode message = SpawnSite.json(answer).path("Message");
        assertEquals("Method not found for " + path, message.path("Error").asString());
        assertTrue(!message.path("Information").asString().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /nodes, 'DELETE, GET, OPTIONS, PUT'",
        "PATCH, /nodes/a/1, 'DELETE, GET, OPTIONS, PUT'",
        "PUT, /nodes/a, 'DELETE, GET, OPTIONS'",
        "DELETE, /metrics, GET",
        "OPTIONS, /info, GET",
        "GET, /login, 'OPTIONS, POST'",
        "GET, /logout/x, 'DELETE, OPTIONS'"
    })
    void given_another_method_when_asked_then_the_right_ones_are_told(
            String method, String path, String allowed) throws Exception {
        var answer = site.send(site.request(path).method(method, BodyPublishers.noBody()));
        assertEquals(405, answer.statusCode());
        assertEquals(allowed, answer.headers().firstValue("allow").orElse(""));
        assertTrue(answer.headers().firstValue("content-type").orElse("").startsWith("text/plain"));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1ns",
        "850, 850ns",
        "12500, 12.5µs",
        "1234567, 1.234567ms",
        "1000000, 1ms",
        "2500000000, 2.5s",
        "999999, 999.999µs",
        "100000, 100µs"
    })
    void given_a_time_when_told_then_it_is_as_go_writes_it(long nanos, String text) {
        assertEquals(text, Took.text(nanos));
    }
}
