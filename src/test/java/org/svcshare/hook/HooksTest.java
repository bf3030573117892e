package org.svcshare.hook;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.HookSettings;
import org.svcshare.config.Secret;
import org.svcshare.turn.Happening;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class HooksTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.500Z");
    private static final Happening GRANTED =
            new Happening.TurnGranted(417, 12.5, Duration.ofMillis(1500), "smallest\nqueue", 42);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);

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

    private static HookSettings program(Duration timeout, Path script, String... on) {
        return new HookSettings(
                List.of(on),
                List.of(script.toString(), "an argument"),
                Optional.empty(),
                Optional.empty(),
                timeout);
    }

    private HookSettings url(Optional<Secret> secret, String... on) {
        return new HookSettings(
                List.of(on), List.of(), Optional.of(receiver.uri("/h?k=1")), secret, LONG);
    }

    private String file(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    @Test
    void given_a_program_when_its_event_happens_then_it_gets_environment_and_json()
            throws Exception {
        Path script =
                script(
                        """
                        cat > "%1$s/in"
                        env | grep ^SVCSHARE_ | sort > "%1$s/env"
                        echo "$1" > "%1$s/done"
                        """
                                .formatted(folder));
        try (var hooks = new Hooks(List.of(program(LONG, script, "turn-granted")))) {
            hooks.accept(new Happening.Knock(), NOON, "ss-anna");
            hooks.accept(GRANTED, NOON, "ss-anna");
            await().until(() -> hooks.counts().delivered() == 1);
        }

        assertEquals("an argument\n", file("done"));
        assertEquals(
                """
                SVCSHARE_BOT=ss-anna
                SVCSHARE_EVENT=turn-granted
                SVCSHARE_FENCE=42
                SVCSHARE_QUEUE_MB=12.5
                SVCSHARE_TIME=2026-11-21T12:00:00.500Z
                SVCSHARE_TURN=417
                SVCSHARE_WAITED_SECONDS=1.5
                SVCSHARE_WHY=smallest queue
                """,
                file("env"));
        assertEquals(
                "{\"event\":\"turn-granted\",\"time\":\"2026-11-21T12:00:00.500Z\","
                        + "\"bot\":\"ss-anna\",\"turn\":417,\"queue_mb\":12.5,"
                        + "\"waited_seconds\":1.5,\"why\":\"smallest queue\",\"fence\":42}",
                file("in"));
    }

    @Test
    void given_nobody_won_when_told_then_the_winner_is_null_and_empty() {
        Notice notice = Notice.of(new Happening.ElectionEnded("turn", null, "no votes"), NOON, "a");

        assertTrue(new String(notice.json(), StandardCharsets.UTF_8).contains("\"winner\":null"));
        assertEquals("", notice.environment().get("SVCSHARE_WINNER"));
    }

    @Test
    void given_a_program_that_hangs_when_the_time_is_over_then_it_and_its_children_end()
            throws Exception {
        Path script = script("sleep 600 &\necho $! > " + folder + "/child\nwait\n");
        try (var hooks = new Hooks(List.of(program(Duration.ofSeconds(1), script, "*")))) {
            hooks.accept(GRANTED, NOON, "a");
            await().atMost(LONG).until(() -> hooks.counts().failed() == 1);
        }

        long child = Long.parseLong(file("child").strip());
        await().until(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void given_a_program_that_prints_much_and_reads_nothing_when_run_then_it_ends()
            throws Exception {
        Path script = script("exec 0<&-\nhead -c 1000000 /dev/zero\nexit 0\n");
        try (var hooks = new Hooks(List.of(program(LONG, script, "*")))) {
            hooks.accept(GRANTED, NOON, "a");
            await().atMost(LONG).until(() -> hooks.counts().delivered() == 1);
        }
    }

    @Test
    void given_a_program_that_fails_or_is_not_there_when_run_then_it_is_counted() throws Exception {
        Path failing = script("exit 3\n");
        var hooks =
                new Hooks(
                        List.of(
                                program(LONG, failing, "*"),
                                program(LONG, folder.resolve("none"), "*")));
        try (hooks) {
            hooks.accept(GRANTED, NOON, "a");
            await().until(() -> hooks.counts().equals(new HookCounts(0, 2, 0)));
        }
    }

    @Test
    void given_a_slow_hook_when_too_much_happens_then_it_is_dropped_and_nobody_waits()
            throws Exception {
        Path script = script("sleep 600\n");
        try (var hooks = new Hooks(List.of(program(LONG, script, "*")), SHORT, 3)) {
            long began = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                hooks.accept(GRANTED, NOON, "a");
            }
            Duration taken = Duration.ofNanos(System.nanoTime() - began);

            assertTrue(taken.compareTo(Duration.ofSeconds(5)) < 0, taken.toString());
            assertTrue(hooks.counts().dropped() >= 6, hooks.counts().toString());
        }
    }

    @Test
    void given_secrets_in_our_environment_when_a_program_runs_then_it_sees_none_of_ours()
            throws Exception {
        var builder = new ProcessBuilder();
        builder.environment().put("SVCSHARE_IRC_SERVER_PASSWORD", "hidden");

        Program.hideOurs(builder.environment());

        assertFalse(builder.environment().containsKey("SVCSHARE_IRC_SERVER_PASSWORD"));
        assertTrue(builder.environment().containsKey("PATH"));
    }

    @Test
    void given_a_webhook_with_a_secret_when_told_then_the_signature_fits() throws Exception {
        var secret = new Secret("key");
        try (var hooks = new Hooks(List.of(url(Optional.of(secret), "*")))) {
            hooks.accept(GRANTED, NOON, "a");
            await().until(() -> hooks.counts().delivered() == 1);
        }

        Receiver.Request request = receiver.requests().getFirst();
        String[] signature = request.header("X-Svcshare-Signature").split("[=,]", -1);
        assertEquals("POST /h?k=1", request.line());
        assertEquals("application/json", request.header("Content-Type"));
        assertEquals("turn-granted", request.header("X-Svcshare-Event"));
        assertEquals(
                Webhook.hmac(
                        secret,
                        Long.parseLong(signature[1]),
                        request.text().getBytes(StandardCharsets.UTF_8)),
                signature[3]);
        assertEquals(64, signature[3].length());
    }

    @Test
    void given_a_receiver_in_trouble_when_told_then_it_is_tried_again_as_the_same_delivery()
            throws Exception {
        receiver.answer(503, "later");
        receiver.answer(429, "later");
        try (var hooks = new Hooks(List.of(url(Optional.empty(), "*")), SHORT, 3)) {
            hooks.accept(GRANTED, NOON, "a");
            await().until(() -> hooks.counts().delivered() == 1);
        }

        assertEquals(3, receiver.requests().size());
        assertEquals(
                1,
                receiver.requests().stream()
                        .map(request -> request.header("X-Svcshare-Delivery"))
                        .distinct()
                        .count());
    }

    @Test
    void given_a_receiver_that_refuses_when_told_then_it_is_not_tried_again() throws Exception {
        receiver.answer(404, "no");
        try (var hooks = new Hooks(List.of(url(Optional.empty(), "*")), SHORT, 3)) {
            hooks.accept(GRANTED, NOON, "a");
            await().until(() -> hooks.counts().failed() == 1);
        }

        assertEquals(1, receiver.requests().size());
    }

    @Test
    void given_nobody_listening_when_told_then_it_is_given_up_after_some_tries() throws Exception {
        var nowhere =
                new HookSettings(
                        List.of("*"),
                        List.of(),
                        Optional.of(URI.create("http://127.0.0.1:1/")),
                        Optional.empty(),
                        LONG);
        try (var hooks = new Hooks(List.of(nowhere), SHORT, 3)) {
            hooks.accept(GRANTED, NOON, "a");
            await().atMost(LONG).until(() -> hooks.counts().failed() == 1);
        }
    }

    @Test
    void given_events_that_wait_when_finished_then_all_are_delivered_in_order() throws Exception {
        var hooks = new Hooks(List.of(url(Optional.empty(), "*")));
        for (int turn = 1; turn <= 20; turn++) {
            hooks.accept(new Happening.TurnGranted(turn, 0, Duration.ZERO, "", 0), NOON, "a");
        }

        hooks.finish(LONG);

        assertEquals(new HookCounts(20, 0, 0), hooks.counts());
        for (int turn = 1; turn <= 20; turn++) {
            String body = receiver.requests().get(turn - 1).text();
            assertTrue(body.contains("\"turn\":" + turn + ","), body);
        }
    }
}
