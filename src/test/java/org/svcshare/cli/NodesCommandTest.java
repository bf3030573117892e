package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// `svcshare nodes …`, against a server that answers as ours does.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class NodesCommandTest {
    private static final String NODES =
            """
            {"nodes":[\
            {"host":"a","port":8080,"priority":1,"active":true,"maintenance":false,"tls":false,\
            "weight":1,"state":"in-step","up":true,"queue":{"writes":0,"bytes":0,"ageSeconds":0.0,\
            "parked":0},"position":412,"underWay":2,"counts":{}},\
            {"host":"fd00::2","port":8080,"priority":0,"active":true,"maintenance":true,"tls":true,\
            "weight":1,"state":"behind","up":false,"why":"in maintenance\\u001b[2J","queue":{\
            "writes":312,"bytes":5000,"oldest":"2026-11-22T12:00:00Z","ageSeconds":125.5,\
            "parked":3},"position":100,"underWay":0,"lastError":{"what":"refused","at":\
            "2026-11-22T12:00:00Z"},"counts":{}}]%s}\
            """;

    private static final String QUEUE =
            """
            {"writes":[{"position":7,"method":"POST","target":"/x","bodyBytes":3,\
            "at":"2026-11-22T12:00:00Z","parked":true,"why":"422, where the others said 201",\
            "status":422},{"position":9,"method":"PUT","target":"/y?z\\u0007","bodyBytes":0,\
            "at":"2026-11-22T12:00:01Z","parked":false,"status":0}]}\
            """;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Map<String, Said> answers = new ConcurrentHashMap<>();
    private HttpServer server;

    /// What the server says to one request.
    private record Said(int status, String body, Optional<String> etag) {
        static Said of(int status, String body) {
            return new Said(status, body, Optional.empty());
        }
    }

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
        String what = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        String match = exchange.getRequestHeaders().getFirst("If-Match");
        asked.add((what + " " + (match == null ? "" : match + " ") + body).strip());
        if (!body.isEmpty()) {
            assertEquals("application/json", exchange.getRequestHeaders().getFirst("Content-Type"));
        }
        Said said = answers.getOrDefault(what, Said.of(404, problem(404, "unknown_node")));
        byte[] bytes = said.body().getBytes(StandardCharsets.UTF_8);
        said.etag().ifPresent(tag -> exchange.getResponseHeaders().add("ETag", tag));
        exchange.sendResponseHeaders(said.status(), bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private static String problem(int status, String code) {
        return """
        {"title":"No","status":%d,"detail":"because of that","code":"%s"}\
        """
                .formatted(status, code);
    }

    private int run(String words) {
        return Main.execute(
                words.split(" ", -1),
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

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void given_nodes_when_listed_then_a_table_and_a_summary_come_out() {
        answers.put("GET /api/v1/nodes", Said.of(200, NODES.formatted("")));

        assertEquals(ExitCode.OK, run("nodes"), this::err);
        assertEquals(
                """
                NODE            STATE                   QUEUE  OLDEST  PARKED  UP   PRIORITY  WHY
                a:8080          in step                 0              0       yes  1
                [fd00::2]:8080  behind, in maintenance  312    2m5s    3       no   0         in maintenance?[2J

                1 of 2 nodes is in step.
                """,
                out());
        assertEquals(List.of("GET /api/v1/nodes"), asked);
        out.reset();
        assertEquals(ExitCode.OK, run("nodes --json"));
        assertEquals(NODES.formatted("").replace("\\u001b", "\\u001B"), out().strip());
    }

    @Test
    void given_trouble_when_listed_then_it_is_said_and_the_answer_is_no() {
        answers.put(
                "GET /api/v1/nodes",
                Said.of(200, "{\"nodes\":[],\"trouble\":\"no space left on the disk\"}"));

        assertEquals(ExitCode.FAILED, run("nodes"));
        assertTrue(out().contains("No nodes yet: svcshare nodes add HOST:PORT"), out());
        assertEquals("svcshare: no writes are taken: no space left on the disk\n", err());
        assertEquals(ExitCode.FAILED, run("nodes --json"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    add a:80                                      | 201 | PUT /api/v1/nodes/a%3A80 {"active":true} | a:80 is added
                    add A:80 --priority -2 --weight 3             | 201 | PUT /api/v1/nodes/a%3A80 {"priority":-2,"weight":3,"active":true} | a:80 is added
                    add [::1]:80 --tls --inactive --maintenance   | 201 | PUT /api/v1/nodes/%5B%3A%3A1%5D%3A80 {"active":false,"tls":true,"maintenance":true} | [::1]:80 is added
                    add a:80                                      | 200 | PUT /api/v1/nodes/a%3A80 {"active":true} | a:80 was there, and is changed
                    remove a:80                                   | 204 | DELETE /api/v1/nodes/a%3A80 | a:80 is removed
                    set a:80 --in-step                            | 200 | POST /api/v1/nodes/a%3A80/in-step | a:80 is in step
                    queue a:80 release 7                          | 204 | POST /api/v1/nodes/a%3A80/queue/7/release | write 7 is sent to a:80 again
                    queue a:80 park 7                             | 204 | POST /api/v1/nodes/a%3A80/queue/7/park | write 7 is put aside; a:80 does not get it for now
                    queue a:80 drop 7                             | 204 | DELETE /api/v1/nodes/a%3A80/queue/7 | write 7 is dropped: a:80 never gets it
                    """)
    void given_a_change_when_asked_for_then_the_server_hears_it(
            String words, int status, String request, String done) {
        String[] parts = request.split(" ", 3);
        answers.put(parts[0] + " " + parts[1], Said.of(status, status == 204 ? "" : "{}"));

        assertEquals(ExitCode.OK, run("nodes " + words.strip()), this::err);
        assertEquals(List.of(request), asked);
        assertEquals(done + "\n", out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    maintenance a:80 on                       | {"maintenance":true} | a:80 is in maintenance
                    maintenance a:80 off                      | {"maintenance":false} | a:80 is not in maintenance any longer
                    set a:80 --priority 0 --active --no-tls   | {"priority":0,"active":true,"tls":false} | a:80 is changed
                    set a:80 --inactive --tls --weight 2      | {"weight":2,"active":false,"tls":true} | a:80 is changed
                    set a:80 --move [fe80::1%eth0]:81         | {"host":"fe80::1%eth0","port":81} | a:80, now [fe80::1%eth0]:81, is changed
                    """)
    void given_a_node_that_is_there_when_changed_then_only_as_it_was_seen(
            String words, String body, String done) {
        answers.put("GET /api/v1/nodes/a%3A80", new Said(200, "{}", Optional.of("\"v1\"")));
        answers.put("PUT /api/v1/nodes/a%3A80", Said.of(200, "{}"));

        assertEquals(ExitCode.OK, run("nodes " + words.strip()), this::err);
        assertEquals(
                List.of("GET /api/v1/nodes/a%3A80", "PUT /api/v1/nodes/a%3A80 \"v1\" " + body),
                asked);
        assertEquals(done + "\n", out());
    }

    @Test
    void given_a_slip_of_the_pen_when_a_node_is_changed_then_none_is_made() {
        assertEquals(ExitCode.FAILED, run("nodes maintenance b:80 on"));
        assertEquals(List.of("GET /api/v1/nodes/b%3A80"), asked);
        assertTrue(err().contains("because of that"), this::err);
        assertEquals("", out());
    }

    @Test
    void given_a_move_that_is_known_to_be_in_step_when_set_then_both_are_said_of_it() {
        answers.put("GET /api/v1/nodes/a%3A80", new Said(200, "{}", Optional.of("\"v1\"")));
        answers.put("PUT /api/v1/nodes/a%3A80", Said.of(200, "{}"));
        answers.put("POST /api/v1/nodes/b%3A81/in-step", Said.of(200, "{}"));

        assertEquals(ExitCode.OK, run("nodes set a:80 --move b:81 --in-step"), this::err);
        assertEquals("POST /api/v1/nodes/b%3A81/in-step", asked.getLast());
        assertEquals("b:81 is in step\n", out());
    }

    @Test
    void given_a_copy_when_a_node_is_added_then_what_is_next_is_told() {
        answers.put("POST /api/v1/nodes/b%3A80/copy-from", Said.of(200, "{}"));

        assertEquals(ExitCode.OK, run("nodes add b:80 --from a:80 --priority 2"), this::err);
        assertEquals(
                List.of(
                        "POST /api/v1/nodes/b%3A80/copy-from"
                                + " {\"priority\":2,\"active\":true,\"source\":\"a:80\"}"),
                asked);
        assertEquals(
                """
                b:80 and a:80 are in maintenance now: their writes are kept, reads go elsewhere.
                Next:
                  1. copy the data of a:80 to b:80
                  2. svcshare nodes maintenance b:80 off
                  3. svcshare nodes maintenance a:80 off
                Both then get what came meanwhile; svcshare nodes --watch shows how far they are.
                """,
                out());
    }

    @Test
    void given_a_queue_when_shown_then_what_is_parked_and_what_waits_is_told_apart() {
        answers.put("GET /api/v1/nodes/a%3A80/queue?after=0&limit=101", Said.of(200, QUEUE));

        assertEquals(ExitCode.OK, run("nodes queue a:80"), this::err);
        assertTrue(
                out().matches(
                                "(?s)POSITION  STATE   METHOD  TARGET  BYTES  FOR +STATUS  WHY\n"
                                        + "7         parked  POST    /x      3      \\w+ +422 "
                                        + "    422, where the others said 201\n"
                                        + "9         waits   PUT     /y\\?z\\?   0      \\w+\n"),
                out());
        out.reset();
        assertEquals(ExitCode.OK, run("nodes queue a:80 show --json"));
        assertTrue(out().startsWith("{\"writes\":[{\"position\":7,"), out());
    }

    @Test
    void given_more_than_was_asked_for_when_shown_then_that_is_said() {
        answers.put("GET /api/v1/nodes/a%3A80/queue?after=5&limit=2", Said.of(200, QUEUE));

        assertEquals(ExitCode.OK, run("nodes queue a:80 --after 5 --limit 1"), this::err);
        assertTrue(
                out().endsWith("\n\nThere are more: --after 7, or all with --limit 0.\n"), out());
        assertFalse(out().contains("/y"), out());
        out.reset();
        assertEquals(ExitCode.OK, run("nodes queue a:80 --after 5 --limit 1 --json"));
        assertTrue(out().endsWith("\"status\":422}],\"more\":true}\n"), out());
    }

    @Test
    void given_a_queue_of_many_pages_when_all_of_it_is_asked_for_then_they_are_followed() {
        page(0, 1000, 1, 1000);
        page(1000, 1000, 1001, 2000);
        page(2000, 1000, 2001, 2500);

        assertEquals(ExitCode.OK, run("nodes queue a:80 --limit 0"), this::err);
        List<String> lines = out().lines().toList();
        assertEquals(2501, lines.size());
        assertTrue(lines.getFirst().startsWith("POSITION "), lines.getFirst());
        for (int i = 1; i <= 2500; i++) {
            assertTrue(lines.get(i).startsWith(i + " "), lines.get(i));
        }
        out.reset();
        assertEquals(ExitCode.OK, run("nodes queue a:80 --limit 0 --json"));
        var all = JsonMapper.shared().readTree(out());
        assertEquals(2500, all.path("writes").size());
        assertFalse(all.path("more").asBoolean(true));

        page(2000, 201, 2001, 2201);
        out.reset();
        assertEquals(ExitCode.OK, run("nodes queue a:80 --limit 2200"), this::err);
        assertEquals("There are more: --after 2200, or all with --limit 0.", lastLine());
    }

    private void page(long after, int limit, int first, int last) {
        String writes =
                IntStream.rangeClosed(first, last)
                        .mapToObj("{\"position\":%d,\"method\":\"PUT\"}"::formatted)
                        .collect(Collectors.joining(",", "{\"writes\":[", "]}"));
        answers.put(
                "GET /api/v1/nodes/a%3A80/queue?after=" + after + "&limit=" + limit,
                Said.of(200, writes));
    }

    private String lastLine() {
        return out().lines().toList().getLast();
    }

    @Test
    void given_a_page_that_cannot_be_had_when_all_is_asked_for_then_what_there_is_is_told() {
        page(0, 1000, 1, 1000);
        answers.put(
                "GET /api/v1/nodes/a%3A80/queue?after=1000&limit=1000",
                Said.of(403, problem(403, "forbidden")));

        assertEquals(ExitCode.NOT_ALLOWED, run("nodes queue a:80 --limit 0 --json"));
        var told = JsonMapper.shared().readTree(out());
        assertEquals(1000, told.path("writes").size());
        assertTrue(told.path("more").asBoolean(false));
        assertTrue(err().contains("because of that"), this::err);

        page(1000, 1000, 1, 1000);
        assertEquals(ExitCode.UNAVAILABLE, run("nodes queue a:80 --limit 0"));
        assertTrue(err().contains("does not speak as ours do"), this::err);
    }

    @Test
    void given_nothing_that_waits_when_shown_then_that_is_said() {
        answers.put(
                "GET /api/v1/nodes/a%3A80/queue?after=0&limit=101",
                Said.of(200, "{\"writes\":[]}"));
        assertEquals(ExitCode.OK, run("nodes queue a:80"));
        assertEquals("Nothing waits for a:80.\n", out());
        answers.put(
                "GET /api/v1/nodes/a%3A80/queue?after=7&limit=1000",
                Said.of(200, "{\"writes\":[]}"));
        out.reset();
        assertEquals(ExitCode.OK, run("nodes queue a:80 --after 7 --limit 0"));
        assertEquals("Nothing waits for a:80 behind 7.\n", out());
        out.reset();
        assertEquals(ExitCode.OK, run("nodes queue a:80 --json"));
        assertEquals("{\"writes\":[],\"more\":false}\n", out());
    }

    @ParameterizedTest
    @CsvSource({
        "404, unknown_node, 1",
        "404, not_found, 69",
        "503, no_replicas, 78",
        "412, changed, 1",
        "409, refused, 1",
        "400, invalid, 64",
        "401, unauthorized, 77",
        "403, forbidden, 77",
        "500, failed, 69"
    })
    void given_a_no_when_told_then_the_reason_goes_to_err_and_the_code_says_which(
            int refused, String code, int expected) {
        answers.put("DELETE /api/v1/nodes/a%3A80", Said.of(refused, problem(refused, code)));

        assertEquals(expected, run("nodes remove a:80"));
        assertFalse(err().isEmpty());
        assertEquals("", out());
    }

    @Test
    void given_no_replicas_when_listed_then_it_is_not_asked_for_ever() {
        answers.put("GET /api/v1/nodes", Said.of(503, problem(503, "no_replicas")));

        assertEquals(ExitCode.CONFIGURATION, run("nodes"));
        assertEquals(List.of("GET /api/v1/nodes"), asked);
        assertTrue(err().contains("because of that"), this::err);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nodes --json --watch",
                "nodes sort",
                "nodes add",
                "nodes add a",
                "nodes add a:0",
                "nodes add a:65536",
                "nodes add a:80 --from a:80",
                "nodes add a:80 --from b",
                "nodes add a:80 --from b:80 --inactive",
                "nodes add a:80 --weight many",
                "nodes set a:80",
                "nodes set a:80 --active --inactive",
                "nodes set a:80 --tls --no-tls",
                "nodes set a:80 --move b",
                "nodes maintenance a:80",
                "nodes maintenance a:80 perhaps",
                "nodes queue",
                "nodes queue a:80 drop",
                "nodes queue a:80 drop 0",
                "nodes queue a:80 drop x",
                "nodes queue a:80 show 7",
                "nodes queue a:80 forget 7",
                "nodes queue a:80 --limit -1",
                "nodes queue a:80 drop 7 --json",
            })
    void given_a_command_line_that_makes_no_sense_then_nobody_is_asked(String words) {
        assertEquals(ExitCode.USAGE, run(words), this::err);
        assertEquals(List.of(), asked);
        assertEquals("", out());
        assertFalse(err().isEmpty());
    }

    @Test
    void given_help_when_asked_for_then_the_commands_are_in_it() {
        assertEquals(ExitCode.OK, run("nodes --help"));
        for (String command : List.of("add", "remove", "set", "maintenance", "queue")) {
            assertTrue(out().matches("(?s).*\n  " + command + " .*"), out());
        }
    }
}
