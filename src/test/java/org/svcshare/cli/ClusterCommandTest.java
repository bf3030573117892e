package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ClusterCommandTest {
    private static final String GROUP =
            """
            {"name":"farm","id":"i","node":"n1","leader":"n2","term":7,"ready":%s,"why":"%s",\
            "fromLeader":true,"reachable":2,"majority":2,"waiting":%d,"changing":"","nodes":[\
            {"name":"n1","address":"10.0.0.1:7440","handover":"10.0.0.1:7441","role":"follower",\
            "leads":false,"priority":14,"reachable":true,"heardMs":20,"matchIndex":90,\
            "commitIndex":90,"appliedIndex":90,"lag":10},\
            {"name":"n2","address":"10.0.0.2:7440","handover":"10.0.0.2:7441","role":"leader",\
            "leads":true,"priority":1,"reachable":true,"heardMs":0,"matchIndex":100,\
            "commitIndex":100,"appliedIndex":100,"lag":0},\
            {"name":"n3","address":"10.0.0.3:7440","handover":"10.0.0.3:7441","role":"follower",\
            "leads":false,"priority":"off","reachable":false,"heardMs":65000,"matchIndex":0,\
            "commitIndex":null,"appliedIndex":null,"lag":100}]}\
            """;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int status = 204;
    private String answer = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        asked.add(
                (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body)
                        .strip());
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private int run(String... args) {
        return Main.execute(
                args,
                new Surroundings(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        () -> false,
                        Map.of("SVCSHARE_ADDR", "127.0.0.1:" + server.getAddress().getPort()),
                        "anna",
                        Path.of(""),
                        Path.of("")));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void given_a_group_when_looked_at_then_a_table_and_a_summary_come_out() {
        status = 200;
        answer = GROUP.formatted("true", "", 0);

        assertEquals(ExitCode.OK, run("cluster", "status"), err::toString);
        assertEquals(
                """
                NODE  ROLE      PRIORITY  ADDRESS        HEARD     ENTRY  BEHIND
                n1    follower  14        10.0.0.1:7440  now       90     10
                n2    leader    1         10.0.0.2:7440  now       100    0
                n3    follower  off       10.0.0.3:7440  1m5s ago  0      100

                Group farm: n2 leads, term 7. 2 of 3 nodes are there, 2 have to be.
                Node n1 is ready.
                """,
                out());
        assertEquals(List.of("GET /api/v1/cluster"), asked);
    }

    @Test
    void given_a_node_that_is_not_ready_when_looked_at_then_it_says_why_and_ends_with_1() {
        status = 200;
        answer = GROUP.formatted("false", "no connection to the leader n2", 4);

        assertEquals(ExitCode.FAILED, run("cluster", "status"));
        assertTrue(
                out().endsWith(
                                "Node n1 is not ready: no connection to the leader n2 (4 requests"
                                        + " wait)\n"),
                out());
        out.reset();
        assertEquals(ExitCode.FAILED, run("cluster", "status", "--json"));
        assertEquals(answer + System.lineSeparator(), out());
    }

    @Test
    void given_a_stale_look_then_it_is_asked_for_and_its_age_is_told_beside_the_table() {
        status = 200;
        answer =
                """
                {"mayBeStale":true,"leaderHeardMs":65000,"entriesBehind":3,\
                "now":"2026-11-21T12:00:00.000Z","tickets":[],"pools":[]}\
                """;

        assertEquals(ExitCode.OK, run("tickets", "--stale", "--pool", "p"), err::toString);
        assertEquals(ExitCode.OK, run("pools", "--stale"), err::toString);
        assertEquals(List.of("GET /api/v1/tickets?pool=p&stale", "GET /api/v1/pools?stale"), asked);
        String told =
                "svcshare: possibly out of date: this node heard from its group 1m5s ago and is 3"
                        + " entries behind\n";
        assertEquals(told + told, err.toString(StandardCharsets.UTF_8));

        out.reset();
        assertEquals(ExitCode.OK, run("pools", "--stale", "--json"));
        assertEquals(answer + System.lineSeparator(), out());
    }

    @Test
    void given_a_node_outside_of_the_group_when_looked_at_then_only_its_reason_is_there() {
        status = 200;
        answer =
                """
                {"name":"farm","node":"n4","leader":null,"term":0,"ready":false,"why":"it waits",\
                "fromLeader":false,"reachable":0,"majority":1,"waiting":0,"changing":"","nodes":[]}\
                """;

        assertEquals(ExitCode.FAILED, run("cluster", "status"));
        assertEquals(
                """
                Group farm: nobody leads, as far as n4 knows.
                Node n4 is not ready: it waits
                """,
                out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    add n4=10.0.0.4:7440        | POST /api/v1/cluster/nodes {"name":"n4","address":"10.0.0.4:7440"}
                    add n4=[::1]:7440           | POST /api/v1/cluster/nodes {"name":"n4","address":"[::1]:7440"}
                    remove n4                   | DELETE /api/v1/cluster/nodes/n4
                    replace n2 n4=10.0.0.4:7440 | POST /api/v1/cluster/nodes {"name":"n4","address":"10.0.0.4:7440","replaces":"n2"}
                    transfer n2                 | POST /api/v1/cluster/leader {"node":"n2"}
                    priority n2 off             | PATCH /api/v1/cluster/nodes/n2 {"priority":"off"}
                    """)
    void given_a_change_when_asked_for_then_the_server_hears_it(String words, String expected) {
        assertEquals(ExitCode.OK, run(("cluster " + words).split(" ", -1)), err::toString);
        assertEquals(List.of(expected), asked);
        assertEquals(1, out().lines().count(), out());
    }

    @ParameterizedTest
    @CsvSource({
        "404, no_group, 78",
        "404, unknown_node, 1",
        "409, changing, 1",
        "409, last_node, 1",
        "400, invalid, 64",
        "403, forbidden, 77",
        "503, no_leader, 69"
    })
    void given_a_no_when_told_then_the_reason_goes_to_err_and_the_code_says_which(
            int refused, String code, int expected) {
        status = refused;
        answer =
                """
                {"title":"No","status":%d,"detail":"because of that","code":"%s"}\
                """
                        .formatted(refused, code);
        assertEquals(expected, run("cluster", "remove", "n4"));
        assertTrue(err.toString(StandardCharsets.UTF_8).contains("because of that"), err::toString);
        assertEquals("", out());
    }

    @Test
    void given_no_node_when_one_is_to_be_added_then_nobody_is_asked() {
        assertEquals(ExitCode.USAGE, run("cluster", "add", "10.0.0.4:7440"));
        assertTrue(
                err.toString(StandardCharsets.UTF_8).contains("expected NAME=HOST:PORT"),
                err::toString);
        assertEquals(List.of(), asked);
    }
}
