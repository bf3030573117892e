package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.engine.Engines;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Group;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupChange.NewNode;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.GroupView;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.TableRules;
import org.svcshare.pool.TableView;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GroupApiTest {
    private static final String CLUSTER = "/api/v1/cluster";

    /// A group that only remembers what was asked of it.
    private static final class FakeGroup implements Group {
        final List<GroupChange> asked = new ArrayList<>();
        Optional<GroupRefusal> refusal = Optional.empty();

        @Override
        public void look(Consumer<GroupView> then) {
            var first =
                    new GroupView.Node(
                            "n1",
                            "10.0.0.1:7440",
                            "10.0.0.1:7441",
                            1,
                            GroupView.Role.LEADER,
                            true,
                            OptionalLong.of(0),
                            OptionalLong.of(100),
                            OptionalLong.of(99),
                            OptionalLong.of(98),
                            OptionalLong.of(0));
            var second =
                    new GroupView.Node(
                            "n2",
                            "10.0.0.2:7440",
                            "10.0.0.2:7441",
                            GroupChange.OFF,
                            GroupView.Role.JOINING,
                            false,
                            OptionalLong.empty(),
                            OptionalLong.of(40),
                            OptionalLong.empty(),
                            OptionalLong.empty(),
                            OptionalLong.of(60));
            then.accept(
                    new GroupView(
                            "farm",
                            "an id",
                            "n2",
                            Optional.of("n1"),
                            7,
                            false,
                            "it gets what the others have",
                            true,
                            3,
                            "add n2",
                            List.of(first, second)));
        }

        @Override
        public void change(GroupChange change, Group.Answer answer) {
            asked.add(change);
            if (refusal.isPresent()) {
                answer.refused(refusal.get(), "the reason");
            } else {
                answer.done();
            }
        }
    }

    private record Grouped(PoolEngine engine, FakeGroup fake) implements PoolEngine {
        @Override
        public void propose(Operation operation, PoolEngine.Answer answer) {
            engine.propose(operation, answer);
        }

        @Override
        public <T> void read(Function<TableView, T> question, Consumer<@Nullable T> then) {
            engine.read(question, then);
        }

        @Override
        public void listen(Consumer<Effect> listener) {
            engine.listen(listener);
        }

        @Override
        public Status status() {
            return engine.status();
        }

        @Override
        public long nowMs() {
            return engine.nowMs();
        }

        @Override
        public Optional<Group> group() {
            return Optional.of(fake);
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    private final FakeGroup group = new FakeGroup();

    private TestSite.Building grouped() {
        var rules = new TableRules(List.of(), TestSite.UNDECLARED, 1000, 1000, 10);
        return TestSite.with().engine(new Grouped(Engines.memory(rules), group));
    }

    private static HttpResponse<String> ask(TestSite site, String method, String path, String body)
            throws Exception {
        return site.send(
                site.request(CLUSTER + path).method(method, BodyPublishers.ofString(body)));
    }

    @Test
    void given_a_group_when_looked_at_then_it_is_told_as_described() throws Exception {
        try (TestSite site = grouped().start()) {
            JsonNode seen = TestSite.json(site.get(CLUSTER));
            assertEquals("n1", seen.path("leader").asString());
            assertEquals(1, seen.path("reachable").asInt());
            assertEquals(1, seen.path("majority").asInt());
            assertEquals(3, seen.path("waiting").asInt());
            JsonNode second = seen.path("nodes").path(1);
            assertEquals("off", second.path("priority").asString());
            assertEquals("joining", second.path("role").asString());
            assertEquals(60, second.path("lag").asInt());
            assertTrue(second.path("heardMs").isNull());

            JsonNode schema =
                    TestSite.json(site.get("/openapi.json"))
                            .at("/components/schemas/Cluster/properties");
            assertEquals(fields(schema), fields(seen));
            assertEquals(fields(schema.at("/nodes/items/properties")), fields(second));
        }
    }

    private static Set<String> fields(JsonNode object) {
        return new TreeSet<>(object.propertyNames());
    }

    @Test
    void given_wishes_when_sent_then_they_reach_the_group() throws Exception {
        var node = new NewNode("n4", "10.0.0.4", 7440);
        try (TestSite site = grouped().start()) {
            String new4 = "\"name\":\"n4\",\"address\":\"10.0.0.4:7440\"";
            ask(site, "POST", "/nodes", "{" + new4 + "}");
            ask(site, "POST", "/nodes", "{" + new4 + ",\"replaces\":\"n2\"}");
            ask(site, "DELETE", "/nodes/n2", "");
            ask(site, "PATCH", "/nodes/n2", "{\"priority\":3}");
            ask(site, "PATCH", "/nodes/n2", "{\"priority\":\"off\"}");
            assertEquals(204, ask(site, "POST", "/leader", "{\"node\":\"n2\"}").statusCode());
        }
        assertEquals(
                List.of(
                        new GroupChange.Add(node),
                        new GroupChange.Replace("n2", node),
                        new GroupChange.Remove("n2"),
                        new GroupChange.Prefer("n2", 3),
                        new GroupChange.Prefer("n2", GroupChange.OFF),
                        new GroupChange.Transfer("n2")),
                group.asked);
    }

    @Test
    void given_wishes_that_make_no_sense_when_sent_then_the_group_hears_nothing() throws Exception {
        try (TestSite site = grouped().start()) {
            for (String body :
                    List.of(
                            "",
                            "{}",
                            "[]",
                            "{\"name\":\"n4\"}",
                            "{\"name\":\"n4\",\"address\":\"10.0.0.4\"}",
                            "{\"name\":\"n 4\",\"address\":\"10.0.0.4:1\"}",
                            "{\"name\":\"n4\",\"address\":\"10.0.0.4:65535\"}",
                            "{\"name\":\"n4\",\"address\":\"10.0.0.4:1\",\"x\":1}",
                            "{\"name\":\"n4\",\"address\":[]}")) {
                assertEquals("invalid", TestSite.code(ask(site, "POST", "/nodes", body)), body);
            }
            for (String priority : List.of("0", "15", "\"on\"", "1.5", "null")) {
                String body = "{\"priority\":" + priority + "}";
                assertEquals("invalid", TestSite.code(ask(site, "PATCH", "/nodes/n2", body)), body);
            }
        }
        assertEquals(List.of(), group.asked);
    }

    @Test
    void given_every_refusal_when_told_then_it_has_its_code_and_its_reason() throws Exception {
        try (TestSite site = grouped().start()) {
            for (GroupRefusal refusal : GroupRefusal.values()) {
                group.refusal = Optional.of(refusal);
                var answer = ask(site, "DELETE", "/nodes/n2", "");
                assertEquals(refusal.name().toLowerCase(Locale.ROOT), TestSite.code(answer));
                assertEquals("the reason", TestSite.json(answer).path("detail").asString());
                boolean later =
                        refusal == GroupRefusal.NO_LEADER || refusal == GroupRefusal.PERHAPS_DONE;
                assertEquals(later, answer.statusCode() == 503);
                assertEquals(later, answer.headers().firstValue("retry-after").isPresent());
            }
        }
    }

    @Test
    void given_tokens_when_asked_then_looking_needs_read_and_changing_admin() throws Exception {
        try (TestSite site =
                grouped().token("eye", Role.READ, "r").token("locker", Role.LOCK, "l").start()) {
            assertEquals(401, site.get(CLUSTER).statusCode());
            var look = site.request(CLUSTER).header("authorization", "Bearer r");
            assertEquals(200, site.send(look).statusCode());
            var change =
                    site.request(CLUSTER + "/nodes/n2")
                            .header("authorization", "Bearer l")
                            .DELETE();
            assertEquals("forbidden", TestSite.code(site.send(change)));
        }
        assertEquals(List.of(), group.asked);
    }

    @Test
    void given_no_group_when_asked_then_that_is_said() throws Exception {
        try (TestSite site = TestSite.plain()) {
            assertEquals("no_group", TestSite.code(site.get(CLUSTER)));
            assertEquals("no_group", TestSite.code(ask(site, "DELETE", "/nodes/n2", "")));
        }
    }
}
