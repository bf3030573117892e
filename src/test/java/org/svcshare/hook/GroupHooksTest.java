package org.svcshare.hook;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.GroupEventNames;
import org.svcshare.config.HookSettings;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;
import org.svcshare.store.Version;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What programs and web addresses hear of a group, and how programs answer its questions.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(120)
final class GroupHooksTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.500Z");
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String WRITER = "00000000000000ab";
    private static final Member BEN =
            new Member("ben", WRITER, 3, "10.0.0.2:5555", Member.State.ALIVE, NOON, "1.2", false);

    @TempDir private Path folder;
    private Receiver receiver = new Receiver();

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver();
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop();
    }

    private Path script(String body) throws IOException {
        Path script = folder.resolve("hook.sh");
        Files.writeString(script, "#!/bin/sh\n" + body);
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    private static HookSettings program(
            Duration timeout, String prefix, Path script, String... on) {
        return new HookSettings(
                List.of(on),
                prefix,
                List.of(script.toString()),
                Optional.empty(),
                Optional.empty(),
                timeout);
    }

    private HookSettings url(String... on) {
        return new HookSettings(
                List.of(on), List.of(), Optional.of(receiver.uri("/h")), Optional.empty(), LONG);
    }

    private static Entry entry(String key, Value value, long stamp) {
        return new Entry(key, value, new Version(stamp, WRITER), 0);
    }

    private static GroupEvent changed(String key, String value) {
        return new GroupEvent.KeyChanged(
                entry(key, Value.text(value), 2), entry(key, Value.text("before"), 1));
    }

    private static Map<String, String> env(GroupEvent event) {
        return new TreeMap<>(GroupNotice.of(event, NOON, "anna").environment());
    }

    private static JsonNode json(Notice notice) {
        return JsonMapper.shared().readTree(notice.json());
    }

    @Test
    void given_a_program_when_a_key_changes_then_it_gets_environment_and_json() throws Exception {
        Path script =
                script(
                        """
                        cat > "%1$s/in"
                        env | grep ^SVCSHARE_ | sort > "%1$s/env"
                        """
                                .formatted(folder));
        try (var hooks = new Hooks(List.of(program(LONG, "", script, "key-changed")))) {
            hooks.accept(new GroupEvent.NewKey(entry("a", Value.EMPTY, 1)), NOON, "anna");
            hooks.accept(changed("a", "two\nlines"), NOON, "anna");
            await().until(() -> hooks.counts().delivered() == 1);
        }

        assertEquals(
                """
                SVCSHARE_BEFORE=before
                SVCSHARE_BEFORE_BYTES=6
                SVCSHARE_EVENT=key-changed
                SVCSHARE_EXPIRES=
                SVCSHARE_KEY=a
                SVCSHARE_MEMBER=anna
                SVCSHARE_TIME=2026-11-21T12:00:00.500Z
                SVCSHARE_VALUE=two lines
                SVCSHARE_VALUE_BYTES=9
                SVCSHARE_VERSION=0000000000000002-00000000000000ab
                SVCSHARE_WRITER=00000000000000ab
                """,
                Files.readString(folder.resolve("env")));
        assertEquals(
                "{\"event\":\"key-changed\",\"time\":\"2026-11-21T12:00:00.500Z\","
                        + "\"member\":\"anna\",\"key\":\"a\",\"value\":\"two\\nlines\","
                        + "\"value_bytes\":9,\"version\":\"0000000000000002-00000000000000ab\","
                        + "\"writer\":\"00000000000000ab\",\"expires\":null,"
                        + "\"before\":\"before\",\"before_bytes\":6}",
                Files.readString(folder.resolve("in")));
    }

    @Test
    void given_each_event_when_told_then_its_facts_have_names() {
        assertEquals(
                "{\"event\":\"member-failed\",\"time\":\"2026-11-21T12:00:00.500Z\","
                        + "\"member\":\"anna\",\"name\":\"ben\",\"id\":\"00000000000000ab\","
                        + "\"address\":\"10.0.0.2:5555\",\"since\":\"2026-11-21T12:00:00.500Z\","
                        + "\"program_version\":\"1.2\"}",
                text(new GroupEvent.MemberFailed(BEN)));
        assertEquals(
                "{\"event\":\"after-sync\",\"time\":\"2026-11-21T12:00:00.500Z\","
                        + "\"member\":\"anna\",\"with\":\"ben\",\"received\":7}",
                text(new GroupEvent.AfterSync("ben", 7)));
        assertEquals(
                "{\"event\":\"event\",\"time\":\"2026-11-21T12:00:00.500Z\","
                        + "\"member\":\"anna\",\"name\":\"deploy\",\"from\":\"ben\","
                        + "\"payload\":\"v2\",\"payload_bytes\":2}",
                text(new GroupEvent.Called("deploy", Value.text("v2"), "ben")));
        assertEquals(
                "{\"event\":\"key-removed\",\"time\":\"2026-11-21T12:00:00.500Z\","
                        + "\"member\":\"anna\",\"key\":\"a\",\"before\":\"1\","
                        + "\"before_bytes\":1,\"expired\":true}",
                text(new GroupEvent.KeyRemoved(entry("a", Value.text("1"), 1), true)));
        assertEquals("start", GroupEventNames.of(new GroupEvent.Started("anna")));
        assertEquals("shutdown", GroupEventNames.of(new GroupEvent.Stopping("anna")));
    }

    private static String text(GroupEvent event) {
        return new String(GroupNotice.of(event, NOON, "anna").json(), StandardCharsets.UTF_8);
    }

    @Test
    void given_a_value_that_is_no_text_when_told_then_it_is_base64_under_another_name() {
        byte[] bytes = new byte[3000];
        bytes[0] = (byte) 0xff;
        var event = new GroupEvent.NewKey(entry("logo", Value.of(bytes), 1));

        JsonNode json = json(GroupNotice.of(event, NOON, "anna"));

        assertFalse(json.has("value"));
        assertEquals(4000, json.get("value_base64").asString().length());
        assertEquals(3000, json.get("value_bytes").asInt());
        assertEquals(1000, String.valueOf(env(event).get("SVCSHARE_VALUE_BASE64")).length());
        assertEquals("3000", env(event).get("SVCSHARE_VALUE_BYTES"));
    }

    @Test
    void given_a_long_value_when_told_then_json_has_all_of_it_and_the_environment_a_part() {
        String value = "\u0000\u001b" + "\uD83D\uDE00".repeat(1000);
        var event = new GroupEvent.NewKey(entry("a", Value.text(value), 1));

        assertEquals(value, json(GroupNotice.of(event, NOON, "anna")).get("value").asString());
        String shown = env(event).get("SVCSHARE_VALUE");
        assertEquals("  " + "\uD83D\uDE00".repeat(499), shown);
    }

    @Test
    void given_hooks_when_something_happens_then_each_hears_what_it_asked_for() throws Exception {
        var hooks =
                new Hooks(
                        List.of(
                                url("*"),
                                url("before-gossip", "event:deploy"),
                                new HookSettings(
                                        List.of("new-key", "member-joined"),
                                        "jobs/",
                                        List.of(),
                                        Optional.of(receiver.uri("/prefix")),
                                        Optional.empty(),
                                        LONG)));
        hooks.accept(new GroupEvent.BeforeGossip("ben"), NOON, "anna");
        hooks.accept(new GroupEvent.AfterGossip("ben", 1), NOON, "anna");
        hooks.accept(new GroupEvent.Called("deploy", Value.EMPTY, "ben"), NOON, "anna");
        hooks.accept(new GroupEvent.Called("other", Value.EMPTY, "ben"), NOON, "anna");
        hooks.accept(new GroupEvent.NewKey(entry("jobs/1", Value.EMPTY, 1)), NOON, "anna");
        hooks.accept(new GroupEvent.NewKey(entry("job", Value.EMPTY, 1)), NOON, "anna");
        hooks.accept(new GroupEvent.MemberJoined(BEN), NOON, "anna");

        hooks.finish(LONG);

        assertEquals(new HookCounts(9, 0, 0), hooks.counts());
        assertEquals(
                List.of("jobs/1", "ben"),
                receiver.requests().stream()
                        .filter(request -> request.line().endsWith("/prefix"))
                        .map(request -> JsonMapper.shared().readTree(request.text()))
                        .map(json -> json.path("key").asString(json.path("name").asString("")))
                        .toList());
        assertEquals(
                1,
                receiver.requests().stream()
                        .filter(request ->
                                request.header("X-Svcshare-Event").equals("before-gossip"))
                        .count());
    }

    @Test
    void given_a_burst_of_changes_when_told_then_none_is_lost_and_the_order_stays()
            throws Exception {
        var hooks = new Hooks(List.of(url("key-changed")));
        for (int i = 0; i < 500; i++) {
            hooks.accept(changed("k" + i % 7, "" + i), NOON, "anna");
        }

        hooks.finish(LONG);

        assertEquals(new HookCounts(500, 0, 0), hooks.counts());
        for (int i = 0; i < 500; i++) {
            String body = receiver.requests().get(i).text();
            assertTrue(body.contains("\"value\":\"" + i + "\""), i + ": " + body);
        }
    }

    @Test
    void given_a_hook_that_hangs_when_much_happens_then_it_is_bounded_and_others_hear_all()
            throws Exception {
        Path hanging = script("sleep 600\n");
        var hooks =
                new Hooks(List.of(program(LONG, "", hanging, "key-changed"), url("member-joined")));
        try (hooks) {
            String large = "x".repeat(Entry.MAX_VALUE_BYTES);
            long began = System.nanoTime();
            for (int i = 0; i < 1000; i++) {
                hooks.accept(changed("k", large), NOON, "anna");
            }
            Duration taken = Duration.ofNanos(System.nanoTime() - began);
            hooks.accept(new GroupEvent.MemberJoined(BEN), NOON, "anna");
            await().until(() -> hooks.counts().delivered() == 1);

            assertTrue(taken.compareTo(Duration.ofSeconds(10)) < 0, taken.toString());
            assertTrue(hooks.counts().dropped() > 700, hooks.counts().toString());
        }
    }

    // Questions.

    private static MemberGroup.Answerer answerer(Hooks hooks) {
        return hooks.answerer(() -> NOON, () -> "anna");
    }

    @Test
    void given_a_program_for_a_question_when_asked_then_its_output_is_the_answer()
            throws Exception {
        Path script =
                script(
                        """
                        echo "not this" >&2
                        echo "$SVCSHARE_EVENT $SVCSHARE_NAME of $SVCSHARE_FROM: $SVCSHARE_PAYLOAD"
                        cat
                        echo
                        """);
        var answers = new CopyOnWriteArrayList<String>();
        try (var hooks = new Hooks(List.of(program(LONG, "", script, "query:load")))) {
            answerer(hooks).asked("disk", Value.EMPTY, "ben", _ -> answers.add("wrong"));
            answerer(hooks)
                    .asked("load", Value.text("now"), "ben", answer -> answers.add(answer.text()));
            await().until(() -> hooks.counts().delivered() == 1);
        }

        assertEquals(
                List.of(
                        """
                        query load of ben: now
                        {"event":"query","time":"2026-11-21T12:00:00.500Z","member":"anna",\
                        "name":"load","from":"ben","payload":"now","payload_bytes":3}\
                        """),
                answers);
    }

    @Test
    void given_a_program_that_fails_hangs_or_prints_too_much_when_asked_then_there_is_no_answer()
            throws Exception {
        Path script =
                script(
                        """
                        case "$SVCSHARE_NAME" in
                        fails) echo half; exit 1 ;;
                        hangs) echo half; sleep 600 ;;
                        most) head -c %1$d /dev/zero; echo ;;
                        much) head -c %1$d /dev/zero; echo x ;;
                        esac
                        """
                                .formatted(16 * 1024));
        var answers = new CopyOnWriteArrayList<Integer>();
        var settings =
                program(
                        Duration.ofSeconds(2),
                        "",
                        script,
                        "query:fails",
                        "query:hangs",
                        "query:most",
                        "query:much");
        try (var hooks = new Hooks(List.of(settings))) {
            for (String name : List.of("fails", "hangs", "much", "most")) {
                answerer(hooks)
                        .asked(name, Value.EMPTY, "ben", answer -> answers.add(answer.sizeBytes()));
            }
            await().atMost(LONG).until(() -> hooks.counts().equals(new HookCounts(1, 3, 0)));
        }

        assertEquals(List.of(16 * 1024), answers);
    }
}
