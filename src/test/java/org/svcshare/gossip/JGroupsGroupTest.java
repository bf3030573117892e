package org.svcshare.gossip;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Endpoint;
import org.svcshare.config.Secret;
import org.svcshare.gossip.Village.Inhabitant;
import org.svcshare.store.Change;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup.Answers;
import org.svcshare.store.MemberGroup.Forgotten;
import org.svcshare.store.Value;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class JGroupsGroupTest {
    private static final Duration LIMIT = Village.LIMIT;

    @TempDir private Path folder;
    private Village village;

    @BeforeEach
    void found() {
        village = new Village(folder);
    }

    @AfterEach
    void end() {
        village.close();
    }

    @Test
    void given_a_seed_when_others_join_then_all_see_all_and_what_one_puts() throws Exception {
        Inhabitant anna = village.start("anna");
        Inhabitant ben = village.start("ben", anna);
        Inhabitant cleo = village.start("cleo", anna);

        Village.together(anna, ben, cleo);
        ben.put("colour", "blue");
        cleo.put("shape", "round");

        for (Inhabitant one : List.of(anna, ben, cleo)) {
            await().atMost(LIMIT).until(() -> one.value("colour").equals("blue"));
            await().atMost(LIMIT).until(() -> one.value("shape").equals("round"));
        }
        anna.put("colour", "green");
        for (Inhabitant one : List.of(ben, cleo)) {
            await().atMost(LIMIT).until(() -> one.value("colour").equals("green"));
        }
        anna.remove("colour");
        for (Inhabitant one : List.of(ben, cleo)) {
            await().atMost(LIMIT).until(() -> one.value("colour").isEmpty());
            assertEquals(1, count(one, GroupEvent.NewKey.class, "colour"));
            assertEquals(1, count(one, GroupEvent.KeyChanged.class, "colour"));
            assertEquals(1, count(one, GroupEvent.KeyRemoved.class, "colour"));
        }
    }

    private static <E extends GroupEvent.OfKey> long count(
            Inhabitant one, Class<E> kind, String key) {
        return one.events(kind).stream().filter(event -> event.key().equals(key)).count();
    }

    @Test
    void given_two_groups_with_stores_when_one_learns_of_the_other_then_both_have_all()
            throws Exception {
        Inhabitant anna = village.start("anna");
        anna.put("from", "anna");
        anna.put("a", "1");
        Inhabitant ben = village.start("ben", "ben", settings -> settings, anna);
        ben.put("b", "2");

        Village.together(anna, ben);

        await().atMost(LIMIT).until(() -> anna.value("b").equals("2"));
        await().atMost(LIMIT).until(() -> ben.value("a").equals("1"));
        assertTrue(
                !ben.events(GroupEvent.AfterSync.class).isEmpty()
                        || !anna.events(GroupEvent.AfterSync.class).isEmpty());
    }

    @Test
    void given_a_member_that_is_stopped_and_started_when_it_is_back_then_it_has_its_store_and_id()
            throws Exception {
        Inhabitant anna = village.start("anna");
        await().atMost(LIMIT).until(() -> anna.group().status().joined());
        anna.put("kept", "yes");
        anna.remove("never");
        String id = anna.group().members().getFirst().id();
        village.stop(anna);

        Inhabitant again = village.start("anna");
        await().atMost(LIMIT).until(() -> again.group().status().joined());

        assertEquals("yes", again.value("kept"));
        assertEquals(id, again.group().members().getFirst().id());
    }

    @Test
    void given_a_member_when_it_stops_then_the_others_say_that_it_left_until_it_is_forgotten()
            throws Exception {
        Inhabitant anna = village.start("anna");
        Inhabitant ben = village.start("ben", anna);
        Inhabitant cleo = village.start("cleo", anna);
        Village.together(anna, ben, cleo);

        village.stop(ben);

        for (Inhabitant one : List.of(anna, cleo)) {
            await().atMost(LIMIT).until(() -> one.names(Member.State.LEFT).equals(List.of("ben")));
            assertEquals(List.of(), one.events(GroupEvent.MemberFailed.class));
        }
        assertEquals(Forgotten.ALIVE, forget(anna, "cleo"));
        assertEquals(Forgotten.UNKNOWN, forget(anna, "nobody"));
        assertEquals(Forgotten.DONE, forget(anna, "ben"));
        for (Inhabitant one : List.of(anna, cleo)) {
            await().atMost(LIMIT).until(() -> one.names(Member.State.LEFT).isEmpty());
        }
    }

    private static Forgotten forget(Inhabitant at, String name) {
        var outcome = new CopyOnWriteArrayList<Forgotten>();
        at.group().forget(name, outcome::add);
        await().atMost(LIMIT).until(() -> !outcome.isEmpty());
        return outcome.getFirst();
    }

    @Test
    void given_a_name_that_is_taken_when_another_joins_with_it_then_it_goes_by_the_next()
            throws Exception {
        Inhabitant one = village.start("anna");
        await().atMost(LIMIT).until(() -> one.group().status().joined());
        Inhabitant two = village.start("anna", "second", settings -> settings, one);
        Inhabitant three = village.start("anna", "third", settings -> settings, one);

        Village.together(one, two, three);

        await().atMost(LIMIT)
                .until(() ->
                        one.names(Member.State.ALIVE).equals(List.of("anna", "anna-2", "anna-3")));
        assertEquals("anna", one.group().status().name());
    }

    @Test
    void given_a_copy_of_a_members_folder_when_it_is_started_too_then_both_have_ids_of_their_own()
            throws Exception {
        Inhabitant anna = village.start("anna");
        await().atMost(LIMIT).until(() -> anna.group().status().joined());
        Path copy = Files.createDirectories(folder.resolve("copy"));
        Files.copy(folder.resolve("anna").resolve("id"), copy.resolve("id"));

        Inhabitant twin = village.start("ben", "copy", settings -> settings, anna);

        Village.together(anna, twin);
        assertNotEquals(
                anna.group().members().getFirst().id(), twin.group().members().getFirst().id());
    }

    @Test
    void given_seeds_that_do_not_answer_when_started_then_it_says_so_and_joins_once_one_does()
            throws Exception {
        int port = freePort();
        Inhabitant ben =
                village.start(
                        "ben", "ben", settings -> settings.seed(new Endpoint("127.0.0.1", port)));
        await().atMost(LIMIT)
                .until(() ->
                        ben.group().status().trouble().contains("none of the seeds answers")
                                && ben.group().status().trouble().contains(":" + port));
        assertTrue(ben.group().status().joined(), "alone, and working");

        Inhabitant anna = village.start("anna", "anna", settings -> settings.port(port));

        Village.together(anna, ben);
        assertEquals("", ben.group().status().trouble());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void given_a_port_that_is_taken_when_started_then_it_says_which() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();

            var refused =
                    assertThrows(
                            IOException.class,
                            () -> village.start("anna", "anna", settings -> settings.port(port)));

            assertTrue(
                    String.valueOf(refused.getMessage())
                            .startsWith("gossip.listen: 127.0.0.1:" + port + " cannot be"),
                    refused.getMessage());
        }
    }

    @Test
    void given_a_secret_when_strangers_come_then_they_neither_see_nor_change_anything()
            throws Exception {
        var ours = Optional.of(new Secret("0123456789abcdef".repeat(4)));
        Inhabitant anna = village.start("anna", "anna", settings -> settings.secret(ours));
        Inhabitant ben = village.start("ben", "ben", settings -> settings.secret(ours), anna);
        Village.together(anna, ben);
        anna.put("colour", "blue");

        Inhabitant plain = village.start("eve", "eve", settings -> settings, anna, ben);
        Inhabitant other =
                village.start(
                        "mallory",
                        "mallory",
                        settings -> settings.secret(Optional.of(new Secret("f".repeat(64)))),
                        anna,
                        ben);
        plain.put("colour", "red");
        other.put("colour", "black");
        try (var rude =
                new Socket(InetAddress.getLoopbackAddress(), anna.group().listening().port())) {
            rude.getOutputStream().write(new byte[1000]);
        }

        await().atMost(LIMIT)
                .until(() -> anna.group().status().rejected().getOrDefault("stranger", 0L) >= 3);
        await().atMost(LIMIT).until(() -> ben.value("colour").equals("blue"));
        assertEquals("blue", anna.value("colour"));
        assertEquals("red", plain.value("colour"));
        for (Inhabitant one : List.of(anna, ben)) {
            assertEquals(List.of("anna", "ben"), one.names(Member.State.ALIVE));
        }
    }

    @Test
    void given_members_of_another_group_when_they_ask_here_then_they_stay_apart() throws Exception {
        Inhabitant anna = village.start("anna");
        Inhabitant other = village.start("ben", "ben", settings -> settings.group("others"), anna);
        await().atMost(LIMIT).until(() -> !other.group().status().trouble().isEmpty());

        assertEquals(List.of("anna"), anna.names(Member.State.ALIVE));
        assertEquals(List.of("ben"), other.names(Member.State.ALIVE));
    }

    @Test
    void given_a_group_when_something_is_called_out_then_all_hear_it_once() throws Exception {
        Inhabitant anna = village.start("anna");
        Inhabitant ben = village.start("ben", anna);
        Village.together(anna, ben);

        assertEquals("", anna.group().call("deploy", Value.text("v2")));

        for (Inhabitant one : List.of(anna, ben)) {
            await().atMost(LIMIT).until(() -> !one.events(GroupEvent.Called.class).isEmpty());
            assertEquals(
                    List.of(new GroupEvent.Called("deploy", Value.text("v2"), "anna")),
                    one.events(GroupEvent.Called.class));
        }
        assertTrue(anna.group().call("two words", Value.EMPTY).contains("a name of 1 to 100"));
    }

    @Test
    void given_a_question_when_asked_then_answers_come_in_and_the_silent_are_named()
            throws Exception {
        Inhabitant anna = village.start("anna");
        Inhabitant ben = village.start("ben", anna);
        Village.together(anna, ben);
        ben.group()
                .answerWith((name, payload, from, answer) -> {
                    if (name.equals("add")) {
                        answer.accept(Value.text(payload.text() + " for " + from));
                    }
                });

        assertEquals(Map.of("anna", "pong", "ben", "pong"), ask(anna, "ping", "").answers);
        Heard added = ask(anna, "add", "1+1");
        assertEquals(Map.of("ben", "1+1 for anna"), added.answers);
        assertEquals(List.of("anna"), added.silent.getFirst());
    }

    /// What came back.
    private record Heard(Map<String, String> answers, List<List<String>> silent) {}

    private static Heard ask(Inhabitant asker, String name, String payload) {
        var heard = new Heard(new ConcurrentHashMap<>(), new CopyOnWriteArrayList<>());
        asker.group()
                .ask(
                        name,
                        Value.text(payload),
                        Duration.ofSeconds(1),
                        new Answers() {
                            @Override
                            public void answer(String member, Value value) {
                                heard.answers.put(member, value.text());
                            }

                            @Override
                            public void ended(List<String> silent) {
                                heard.silent.add(silent);
                            }
                        });
        await().atMost(LIMIT).until(() -> !heard.silent.isEmpty());
        return heard;
    }

    @Test
    void given_who_take_turns_when_one_says_something_then_it_gets_to_whom_it_was_for()
            throws Exception {
        Inhabitant anna = village.start("anna");
        Inhabitant ben = village.start("ben", anna);
        Inhabitant cleo = village.start("cleo", anna);
        Village.together(anna, ben, cleo);
        var said = new ConcurrentHashMap<String, List<String>>();
        for (Inhabitant one : List.of(anna, ben, cleo)) {
            String name = one.group().status().name();
            said.put(name, new CopyOnWriteArrayList<>());
            one.group()
                    .hear((from, direct, text) ->
                            said.get(name).add(from + (direct ? " privately " : " ") + text));
        }

        anna.group().say(null, "hello all");
        anna.group().say("ben", "hello ben");
        anna.group().say("nobody", "hello?");
        cleo.group().say(null, "x".repeat(Talk.MAX_BYTES + 1));
        cleo.group().say("anna", "bye");

        await().atMost(LIMIT)
                .until(() ->
                        said.getOrDefault("ben", List.of()).size() == 2
                                && said.getOrDefault("anna", List.of()).size() == 1);
        assertEquals(List.of("anna hello all", "anna privately hello ben"), said.get("ben"));
        assertEquals(List.of("anna hello all"), said.get("cleo"));
        assertEquals(List.of("cleo privately bye"), said.get("anna"));
    }

    @Test
    void given_a_member_that_is_closed_when_asked_then_it_says_so() throws Exception {
        Inhabitant anna = village.start("anna");
        village.stop(anna);

        assertInstanceOf(
                Change.Outcome.Refused.class,
                anna.change(
                        new Change.Put(
                                "k", Value.EMPTY, Optional.empty(), new Change.Condition.Any())));
        assertFalse(anna.group().read(view -> view.get("k"), _ -> fail("it was read")));
        var forgotten = new AtomicReference<Forgotten>();
        anna.group().forget("ben", forgotten::set);
        assertEquals(Forgotten.UNAVAILABLE, forgotten.get());
    }

    @Test
    void given_many_who_ask_while_it_stops_then_each_has_an_answer_or_is_told_that_there_is_none()
            throws Exception {
        Inhabitant anna = village.start("anna");
        var asked = new AtomicInteger();
        var answered = new AtomicInteger();
        var refused = new AtomicInteger();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 4; i++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                while (refused.get() < 1_000) {
                                    asked.incrementAndGet();
                                    if (!anna.group()
                                            .read(
                                                    view -> view.size(),
                                                    _ -> answered.incrementAndGet())) {
                                        refused.incrementAndGet();
                                    }
                                }
                            }));
        }
        await().atMost(LIMIT).until(() -> answered.get() > 1_000);

        village.stop(anna);
        for (Thread thread : threads) {
            thread.join();
        }

        await().atMost(LIMIT).until(() -> answered.get() + refused.get() == asked.get());
    }
}
