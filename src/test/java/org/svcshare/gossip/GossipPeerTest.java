package org.svcshare.gossip;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.GossipSettings;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.MemoryGroup;

/// The members of Java programs, in a group of memory.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
final class GossipPeerTest {
    private static final Duration LONG = Duration.ofSeconds(40);

    @TempDir private Path folder;

    @AutoClose private final MemoryGroup village = new MemoryGroup(3);

    /// Hears as the group would tell it.
    private volatile Consumer<GroupEvent> ear = _ -> {};

    private final List<String> told = new CopyOnWriteArrayList<>();
    private GossipPeer peer;

    GossipPeerTest() throws IOException {
        peer = GossipPeer.named("unused").build(this::start);
    }

    private MemberGroup start(GossipSettings settings, Consumer<GroupEvent> listener) {
        ear = listener;
        MemberGroup group = village.join(settings.name());
        var _ = group.listen(listener);
        listener.accept(new GroupEvent.Started(settings.name()));
        return group;
    }

    @BeforeEach
    void build() throws IOException {
        peer.stop();
        peer = GossipPeer.named("anna").folder(folder).build(this::start);
    }

    @AfterEach
    void stop() {
        peer.stop();
    }

    @Test
    void given_a_peer_when_keys_are_stored_then_they_are_there_and_gone_again() throws Exception {
        peer.start().get();

        peer.store("colour", "blue").get();
        peer.store("logo", new byte[] {(byte) 0xff, 1}).get();

        assertEquals(Optional.of("blue"), peer.get("colour"));
        assertEquals(2, peer.getBytes("logo").orElseThrow().length);
        assertEquals(Optional.empty(), peer.get("size"));
        assertTrue(peer.remove("colour").get());
        assertFalse(peer.remove("colour").get());
        assertEquals(Optional.empty(), peer.get("colour"));
    }

    @Test
    void given_handlers_when_something_happens_then_they_hear_it_in_order() throws Exception {
        peer.on("start", () -> told.add("start"))
                .on("new_key", (key, value) -> told.add("new " + key + "=" + value))
                .on("key-changed", (key, value) -> told.add("changed " + key + "=" + value))
                .on("key_removed", (key, value) -> told.add("removed " + key + "=" + value))
                .on(
                        "event",
                        event ->
                                told.add(
                                        event instanceof GroupEvent.Called called
                                                ? called.name() + " " + called.payload().text()
                                                : "?"))
                .on("shutdown", () -> told.add("shutdown"));
        peer.start().get();
        peer.store("a", "1").get();
        peer.store("a", "2").get();
        peer.remove("a").get();
        peer.call("deploy", "v2");

        peer.stop();

        assertEquals(
                List.of("start", "new a=1", "changed a=2", "removed a=2", "deploy v2", "shutdown"),
                told);
        assertThrows(IllegalStateException.class, () -> peer.get("a"));
    }

    @Test
    void given_members_and_rounds_when_they_come_then_their_handlers_run() throws Exception {
        var ben =
                new Member(
                        "ben",
                        "00000000000000aa",
                        1,
                        "127.0.0.1:5555",
                        Member.State.ALIVE,
                        Instant.EPOCH,
                        "1.0",
                        false);
        peer.on("member_joined", () -> told.add("joined"))
                .on("member_left", () -> told.add("left"))
                .on("member_failed", () -> told.add("failed"))
                .before("gossip", () -> told.add("before gossip"))
                .after("gossip", () -> told.add("after gossip"))
                .before("sync", () -> told.add("before sync"))
                .after("sync", () -> told.add("after sync"));
        peer.start().get();

        ear.accept(new GroupEvent.MemberJoined(ben));
        ear.accept(new GroupEvent.BeforeSync("ben"));
        ear.accept(new GroupEvent.AfterSync("ben", 3));
        ear.accept(new GroupEvent.BeforeGossip("ben"));
        ear.accept(new GroupEvent.AfterGossip("ben", 0));
        ear.accept(new GroupEvent.MemberFailed(ben));
        ear.accept(new GroupEvent.MemberLeft(ben));
        peer.stop();

        assertEquals(
                List.of(
                        "joined",
                        "before sync",
                        "after sync",
                        "before gossip",
                        "after gossip",
                        "failed",
                        "left"),
                told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"new_kye", "", "before_gossip", "gossip", "NEW_KEY"})
    void given_a_name_that_is_no_event_then_it_is_refused(String event) {
        var refused =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> peer.on(event, () -> told.add("never")));

        assertTrue(
                String.valueOf(refused.getMessage()).contains("key_changed, key_removed"),
                refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> peer.before("new_key", () -> {}));
        assertThrows(IllegalArgumentException.class, () -> peer.after("", () -> {}));
        assertThrows(
                IllegalArgumentException.class,
                () -> peer.on("start", (key, value) -> told.add(key)));
        assertThrows(
                IllegalArgumentException.class, () -> peer.every(Duration.ofMillis(9), () -> {}));
    }

    @Test
    void given_a_handler_that_throws_when_it_runs_then_the_next_runs_and_it_is_counted()
            throws Exception {
        peer.on(
                        "new_key",
                        () -> {
                            throw new AssertionError("a mistake");
                        })
                .on("new_key", (key, value) -> told.add(key));
        peer.start().get();

        peer.store("a", "1").get();
        peer.store("b", "1").get();
        await().until(() -> told.size() == 2);

        assertEquals(List.of("a", "b"), told);
        assertEquals(2, peer.failures());
    }

    @Test
    void given_a_slow_handler_when_much_happens_then_nobody_waits_and_the_rest_is_dropped()
            throws Exception {
        var go = new CountDownLatch(1);
        var heard = new AtomicInteger();
        peer.on(
                "key_changed",
                () -> {
                    heard.incrementAndGet();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        peer.start().get();

        for (int i = 0; i <= 10_050; i++) {
            peer.store("a", "" + i).get(10, TimeUnit.SECONDS);
        }

        assertEquals(Optional.of("10050"), peer.get("a"));
        await().until(() -> heard.get() == 1);
        assertTrue(peer.dropped() >= 49 && peer.dropped() <= 50, "" + peer.dropped());
        go.countDown();
        await().until(() -> heard.get() + peer.dropped() == 10_050);
    }

    @Test
    void given_something_to_do_again_and_again_then_it_is_done_on_the_handlers_thread()
            throws Exception {
        var threads = new CopyOnWriteArrayList<Thread>();
        peer.on("start", () -> threads.add(Thread.currentThread()));
        peer.every(Duration.ofMillis(10), () -> threads.add(Thread.currentThread()));
        peer.start().get();
        peer.every(Duration.ofMillis(20), () -> told.add("later"));

        await().until(() -> threads.size() >= 4 && told.size() >= 2);
        peer.stop();

        assertEquals(1, threads.stream().distinct().count(), threads.toString());
        int then = threads.size();
        assertFalse(threads.getFirst().isAlive());
        assertEquals(then, threads.size());
    }

    @Test
    void given_what_cannot_be_stored_when_stored_then_the_reason_is_told() throws Exception {
        peer.start().get();
        for (String key : List.of("a", "b", "c")) {
            peer.store(key, "1").get();
        }

        var invalid =
                assertThrows(ExecutionException.class, () -> peer.store("new\nline", "1").get());
        var full = assertThrows(ExecutionException.class, () -> peer.store("d", "1").get());

        assertTrue(invalid.getCause() instanceof IllegalArgumentException, invalid.toString());
        assertTrue(full.getCause() instanceof IllegalStateException, full.toString());
        assertThrows(IllegalArgumentException.class, () -> peer.call(" ", ""));
    }

    @Test
    void given_a_port_that_is_taken_when_started_then_that_is_told_and_nothing_hangs()
            throws Exception {
        var taken =
                GossipPeer.named("ben")
                        .build((settings, listener) -> {
                            throw new BindException(settings.listen() + " is taken");
                        });

        var failed = assertThrows(ExecutionException.class, () -> taken.start().get());
        assertTrue(failed.toString().contains("127.0.0.1:5555 is taken"), failed.toString());
        assertThrows(CompletionException.class, () -> taken.get("a"));
        assertThrows(IllegalStateException.class, taken::start);
        taken.stop();
    }

    @Test
    void given_a_group_that_is_slow_to_start_when_started_then_the_caller_does_not_wait()
            throws Exception {
        var go = new CountDownLatch(1);
        var slow =
                GossipPeer.named("ben")
                        .build((settings, listener) -> {
                            try {
                                go.await();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                            return start(settings, listener);
                        });
        try (slow) {
            CompletableFuture<Void> started = slow.start();
            CompletableFuture<Void> stored = slow.store("early", "1");

            assertFalse(started.isDone() || stored.isDone());
            go.countDown();
            stored.get();

            assertEquals(Optional.of("1"), slow.get("early"));
        }
    }

    @Test
    void given_two_programs_and_a_seed_when_started_then_they_share_keys_and_one_sees_the_other_go()
            throws Exception {
        try (var one = GossipPeer.named("one").listen("127.0.0.1:0").build()) {
            one.on("start", () -> told.add("start"))
                    .on("new_key", (key, value) -> told.add(key + "=" + value))
                    .on("member_joined", () -> told.add("joined"))
                    .on("member_left", () -> told.add("left"));
            one.start().get();
            await().atMost(LONG).until(() -> told.contains("start"));
            one.store("before", "1").get();
            String seed = one.members().getFirst().address();
            var two = GossipPeer.named("two").listen("127.0.0.1:0").seeds(seed).build();
            try (two) {
                two.start().get();
                await().atMost(LONG).until(() -> two.get("before").isPresent());
                two.store("after", "2").get();
                await().atMost(LONG).until(() -> one.get("after").equals(Optional.of("2")));
            }

            await().atMost(LONG).until(() -> told.contains("left"));
            assertEquals(List.of("start", "before=1", "joined", "after=2", "left"), told);
        }
    }

    @Test
    void given_a_builder_when_built_then_what_was_said_counts_and_the_rest_is_usual()
            throws Exception {
        var seen = new AtomicReference<GossipSettings>();
        String secret = "ab".repeat(32);
        var built =
                GossipPeer.named("ben")
                        .listen("10.0.0.2:7000")
                        .advertise("ben.example.net")
                        .seeds("10.0.0.1", "10.0.0.2:7000")
                        .group("lab")
                        .secret(secret)
                        .interval(Duration.ofMillis(250))
                        .build((settings, listener) -> {
                            seen.set(settings);
                            return start(settings, listener);
                        });
        built.start().get();
        GossipSettings settings = seen.get();
        Path scratch = settings.folder();

        assertEquals("ben", settings.name());
        assertEquals("lab", settings.group());
        assertEquals("ben.example.net:5555", settings.reachedAt().toString());
        assertEquals("[10.0.0.1:5555, 10.0.0.2:7000]", settings.seeds().toString());
        assertEquals(secret, settings.secret().orElseThrow().reveal());
        assertEquals(Duration.ofMillis(250), built.interval());
        assertEquals(Duration.ofSeconds(8), settings.silentAfter());
        assertTrue(Files.isDirectory(scratch));
        built.stop();
        assertFalse(Files.exists(scratch));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:5555", "10.0.0.1:5555", "nowhere:99999"})
    void given_settings_that_cannot_be_when_built_then_everything_wrong_is_said(String listen) {
        var wrong =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> GossipPeer.named("not one word").listen(listen).build(this::start));

        assertTrue(String.valueOf(wrong.getMessage()).contains("gossip.name: expected"));
        assertTrue(String.valueOf(wrong.getMessage()).contains("gossip.listen: "));
    }
}
