package org.svcshare.spawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
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
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.NodeView;
import tools.jackson.databind.JsonNode;

/// `/nodes` as spawn had it, without what was wrong with it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class NodeCallsTest {
    private static final NodeAddress A = new NodeAddress("a", 80);
    private static final NodeAddress B = new NodeAddress("b", 80);
    private SpawnSite site;

    @BeforeEach
    void start() throws Exception {
        site = SpawnSite.open();
    }

    @AfterEach
    void stop() {
        site.close();
    }

    private void twoNodes() {
        site.replicas
                .with(new Node(A, 1, true, false, false, 1))
                .with(new Node(B, 2, true, true, false, 1));
    }

    private Node node(NodeAddress address) {
        return site.replicas.node(address).orElseThrow().node();
    }

    private List<NodeAddress> addresses() {
        return site.replicas.nodes().stream().map(NodeView::node).map(Node::address).toList();
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String message) {
        JsonNode data = SpawnSite.data(answer);
        assertEquals(status, answer.statusCode(), answer.body());
        assertEquals(
                List.of("success", "error", "message", "info"), List.copyOf(data.propertyNames()));
        assertEquals(false, data.path("success").asBoolean());
        assertEquals(status, data.path("error").asInt());
        assertEquals(message, data.path("message").asString());
    }

    // Looking.

    @Test
    void given_nodes_when_asked_for_then_all_of_a_host_and_one_are_shown() throws Exception {
        twoNodes();
        site.replicas.with(Node.at(new NodeAddress("a", 81)));
        var all = site.get("/nodes");
        assertEquals(200, all.statusCode());
        assertEquals(
                "{\"success\":true,\"total\":3,\"results\":["
                        + "{\"host\":\"a\",\"port\":80,\"priority\":1,\"active\":true,\"maintenance\":false},"
                        + "{\"host\":\"b\",\"port\":80,\"priority\":2,\"active\":true,\"maintenance\":true},"
                        + "{\"host\":\"a\",\"port\":81,\"priority\":0,\"active\":false,\"maintenance\":false}"
                        + "]}",
                SpawnSite.data(all).toString());
        assertEquals(2, SpawnSite.data(site.get("/nodes/a")).path("total").asInt());
        JsonNode one = SpawnSite.data(site.get("/nodes/b/80"));
        assertEquals(1, one.path("total").asInt());
        assertEquals("b", one.at("/results/0/host").asString());
    }

    @Test
    void given_settings_of_ours_that_are_not_as_usual_when_asked_for_then_they_are_shown()
            throws Exception {
        site.replicas.with(new Node(A, 0, true, false, true, 7));
        assertEquals(
                "{\"host\":\"a\",\"port\":80,\"priority\":0,\"active\":true,\"maintenance\":false,\"tls\":true,\"weight\":7}",
                SpawnSite.data(site.get("/nodes/a/80")).at("/results/0").toString());
    }

    @ParameterizedTest
    @CsvSource({
        "/nodes, 404, Record(s) not found",
        "/nodes/x, 404, Record(s) not found",
        "/nodes/x/80, 404, Record(s) not found",
        "/nodes/x%20y, 400, Could not recognize host parameter",
        "/nodes/%ff/80, 400, Could not recognize host parameter",
        "/nodes/x/abc, 400, Could not recognize port parameter",
        "/nodes/x/-1, 400, Could not recognize port parameter",
        "/nodes/x/65536, 400, Could not recognize port parameter",
        "/nodes/x/99999999999999999999, 400, Could not recognize port parameter",
        "/nodes/x/0, 400, The parameter 'port' could not be zero value"
    })
    void given_nothing_there_when_asked_for_then_it_is_said_in_spawns_words(
            String path, int status, String message) throws Exception {
        assertRefused(site.get(path), status, message);
        if (path.length() > "/nodes".length()) {
            assertRefused(site.delete(path), status, message);
        }
    }

    @Test
    void given_the_wish_when_asked_for_then_the_answer_is_indented_or_compressed()
            throws Exception {
        twoNodes();
        String pretty = site.get("/nodes?pretty=true").body();
        assertTrue(pretty.startsWith("{\n  \"duration\": "), pretty);
        assertTrue(
                pretty.contains("\n    \"results\": [\n      {\n        \"host\": \"a\",\n"),
                pretty);
        assertTrue(!site.get("/nodes?pretty=false").body().contains("\n"));

        var packed = site.sendForBytes(site.request("/nodes").header("Accept-Encoding", "gzip"));
        assertEquals("gzip", packed.headers().firstValue("content-encoding").orElse(""));
        try (var in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
            assertTrue(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("\"total\":2"));
        }
    }

    // Changing.

    @Test
    void given_a_new_node_when_put_then_its_place_is_that_of_the_path() throws Exception {
        var answer =
                site.put(
                        "/nodes/n/90", "{\"host\":\"other\",\"port\":1,\"active\":true,\"x\":[1]}");
        assertEquals(201, answer.statusCode());
        assertEquals(1, SpawnSite.data(answer).path("total").asInt());
        assertEquals("n", SpawnSite.data(answer).at("/results/0/host").asString());
        assertTrue(node(new NodeAddress("n", 90)).active());
        assertEquals(1, site.replicas.nodes().size());
    }

    @Test
    void given_a_node_when_put_then_what_is_not_said_stays() throws Exception {
        twoNodes();
        var answer = site.put("/nodes/b/80", "{\"priority\":-4,\"active\":null,\"weight\":3}");
        assertEquals(202, answer.statusCode());
        assertEquals(new Node(B, -4, true, true, false, 3), node(B));
        assertEquals(-4, SpawnSite.data(answer).at("/results/0/priority").asInt());
    }

    @Test
    void given_another_place_in_the_body_when_put_then_the_node_moves_there() throws Exception {
        twoNodes();
        var answer = site.put("/nodes/b/80", "{\"host\":\"c\",\"port\":81}");
        assertEquals(202, answer.statusCode());
        assertEquals("c", SpawnSite.data(answer).at("/results/0/host").asString());
        assertEquals(List.of(A, new NodeAddress("c", 81)), addresses());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"host\":\"c d\"} | Could not recognize host parameter",
                "{\"host\":\"\"} | The parameter 'host' could not be empty",
                "{\"port\":0} | The parameter 'port' could not be zero value",
                "{\"port\":70000} | Could not recognize port parameter",
                "{\"host\":\"c\",\"priority\":\"x\"} | Could not recognize parameters",
                "{\"host\":\"a\"} | Could not change the node(s)"
            })
    void given_a_move_that_is_refused_when_something_else_is_changed_then_the_node_is_still_there(
            String body, String message) throws Exception {
        twoNodes();
        assertRefused(site.put("/nodes/b/80", body), 400, message);
        assertEquals(202, site.put("/nodes/a/80", "{\"priority\":1}").statusCode());
        assertEquals(List.of(A, B), addresses());
        assertEquals(new Node(B, 2, true, true, false, 1), node(B));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nothing",
                "[]",
                "7",
                "{\"port\":\"80\"}",
                "{\"port\":-1.5}",
                "{\"active\":\"yes\"}",
                "{\"priority\":3000000000}",
                "{\"weight\":0}",
                "{\"weight\":101}",
                "{} {}",
                "{\"active\":true"
            })
    void given_a_body_that_is_none_when_put_then_it_is_refused(String body) throws Exception {
        twoNodes();
        assertRefused(site.put("/nodes/b/80", body), 400, "Could not recognize parameters");
    }

    @Test
    void given_several_nodes_when_put_then_each_keeps_its_own_settings_whatever_its_place()
            throws Exception {
        twoNodes();
        var answer =
                site.put(
                        "/nodes",
                        "[{\"host\":\"n\",\"port\":1},{\"host\":\"b\",\"port\":80,\"priority\":5},"
                                + "{\"host\":\"m\",\"port\":1,\"maintenance\":true}]");
        assertEquals(202, answer.statusCode());
        JsonNode data = SpawnSite.data(answer);
        assertEquals(3, data.path("total").asInt());
        assertEquals("n", data.at("/results/0/host").asString());
        assertEquals("b", data.at("/results/1/host").asString());
        assertEquals("m", data.at("/results/2/host").asString());
        assertEquals(Node.at(new NodeAddress("n", 1)), node(new NodeAddress("n", 1)));
        assertEquals(new Node(B, 5, true, true, false, 1), node(B));
        assertEquals(new Node(A, 1, true, false, false, 1), node(A));
    }

    @Test
    void given_an_empty_array_when_put_then_nothing_is_stored() throws Exception {
        var answer = site.put("/nodes", "[]");
        assertEquals(202, answer.statusCode());
        assertEquals(
                "{\"success\":true,\"total\":0,\"results\":null}",
                SpawnSite.data(answer).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{\"host\":\"n\",\"port\":1},{\"host\":\"m\"}] | The parameter 'host/port' could not be empty",
                "[{\"host\":\"n\",\"port\":1},{\"port\":1}] | The parameter 'host/port' could not be empty",
                "[{\"host\":\"n\",\"port\":1},{\"host\":\"n m\",\"port\":1}] | Could not recognize host parameter",
                "[{\"host\":\"n\",\"port\":1},7] | Could not recognize parameters",
                "{\"host\":\"n\",\"port\":1} | Could not recognize parameters",
                "[ | Could not recognize parameters"
            })
    void given_several_nodes_of_which_one_is_wrong_when_put_then_none_is_stored(
            String body, String message) throws Exception {
        assertRefused(site.put("/nodes", body), 400, message);
        assertEquals(List.of(), addresses());
    }

    @Test
    void given_nodes_when_removed_then_they_are_gone() throws Exception {
        twoNodes();
        site.replicas.with(Node.at(new NodeAddress("b", 81)));
        var one = site.delete("/nodes/a/80");
        assertEquals(200, one.statusCode());
        assertEquals("{\"success\":true}", SpawnSite.data(one).toString());
        assertEquals(200, site.delete("/nodes/b").statusCode());
        assertEquals(List.of(), addresses());
        twoNodes();
        assertEquals(200, site.delete("/nodes").statusCode());
        assertEquals(List.of(), addresses());
        assertEquals(200, site.delete("/nodes").statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"%5B%3A%3A1%5D", "%3A%3A1", "::1", "%5b::1%5d"})
    void given_an_address_of_ipv6_when_it_is_in_the_path_then_it_is_understood(String host)
            throws Exception {
        assertEquals(201, site.put("/nodes/" + host + "/80", "{}").statusCode());
        assertEquals(List.of(new NodeAddress("::1", 80)), addresses());
        assertEquals(
                "::1", SpawnSite.data(site.get("/nodes/" + host)).at("/results/0/host").asString());
    }

    @Test
    void given_brackets_as_they_are_when_sent_then_they_are_understood() throws Exception {
        site.replicas.with(Node.at(new NodeAddress("::1", 80)));
        String answer =
                site.raw(
                        "GET /nodes/[::1]/80 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    }

    @Test
    void given_capitals_in_a_host_when_asked_for_then_it_is_the_same_node() throws Exception {
        twoNodes();
        assertEquals(202, site.put("/nodes/B/80", "{\"priority\":9}").statusCode());
        assertEquals(1, SpawnSite.data(site.get("/nodes/B")).path("total").asInt());
    }

    @Test
    void given_a_change_that_cannot_be_written_down_when_put_then_that_is_said() throws Exception {
        site.replicas.insteadOfChanges(new NodeChange.Result.Failed("the disk is full"));
        var answer = site.put("/nodes/n/1", "{}");
        assertRefused(answer, 503, "Could not write the change down");
        assertEquals("the disk is full", SpawnSite.data(answer).path("info").asString());
    }
}
