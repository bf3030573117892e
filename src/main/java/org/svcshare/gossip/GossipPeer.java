package org.svcshare.gossip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.GroupEventNames;
import org.svcshare.config.SettingsException;
import org.svcshare.config.SettingsReader;
import org.svcshare.store.Change;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;

/// A member of a group that shares keys and values, for Java programs.
///
/// ```java
/// try (var peer = GossipPeer.named("anna").seeds("10.0.0.1:5555").secret(secret).build()) {
///     peer.on("new_key", (key, value) -> System.out.println(key + " = " + value));
///     peer.every(Duration.ofSeconds(10), () -> peer.store("load/anna", load()));
///     peer.start();
///     …
/// }
/// ```
///
/// Keys belong to the group: whoever writes a key last, by the members' clocks, has written it for
/// all. May be used by any thread. Handlers run one after another on a thread of the peer, in the
/// order in which things happened here; what they throw is logged and counted, and when 10,000 wait
/// further events are dropped and counted.
public final class GossipPeer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GossipPeer.class);
    private static final int MOST_WAITING = 10_000;
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SHORTEST_EVERY = Duration.ofMillis(10);
    private static final String BEFORE = "before-";
    private static final String AFTER = "after-";

    private final GossipSettings settings;
    private final Starter starter;

    /// Only there without a folder of the program's: removed in the end.
    private final Optional<Path> scratch;

    private final List<Handler> handlers = new CopyOnWriteArrayList<>();
    private final HandlerThread thread;
    private final CompletableFuture<MemberGroup> group = new CompletableFuture<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();

    /// @param event as settings have it, with dashes
    private record Handler(String event, Consumer<GroupEvent> work) {}

    GossipPeer(GossipSettings settings, Optional<Path> scratch, Starter starter) {
        this.settings = settings;
        this.scratch = scratch;
        this.starter = starter;
        this.thread = new HandlerThread("gossip handlers", MOST_WAITING);
    }

    /// @param name as the others see it: 1 to 60 letters, digits and `._-`
    public static Builder named(String name) {
        return new Builder(name);
    }

    /// What is not set is as in the `gossip` block of `reference.conf`.
    public static final class Builder {
        private final Map<String, Object> given = new TreeMap<>();
        private @Nullable Path folder;

        private Builder(String name) {
            given.put("name", name);
        }

        /// Members to ask to be let in, `host` or `host:port`; none: founds a group.
        public Builder seeds(String... seeds) {
            given.put("seeds", List.of(seeds));
            return this;
        }

        /// Where this member listens, `host:port`; port 0 takes a free one.
        public Builder listen(String hostAndPort) {
            given.put("listen", hostAndPort);
            return this;
        }

        /// Where the others reach it, if that is not where it listens.
        public Builder advertise(String hostAndPort) {
            given.put("advertise", hostAndPort);
            return this;
        }

        /// @param secret of the group, 32 bytes or more as hexadecimal or base64
        public Builder secret(String secret) {
            given.put("secret", secret);
            return this;
        }

        /// @param group which group, if one network has several
        public Builder group(String group) {
            given.put("group", group);
            return this;
        }

        /// @param interval between two rounds with a random member
        public Builder interval(Duration interval) {
            given.put("interval", interval.toMillis() + "ms");
            return this;
        }

        /// @param folder where the store outlives a restart; without one it does not
        public Builder folder(Path folder) {
            this.folder = folder;
            return this;
        }

        /// Beyond loopback without a secret: on a network where everybody is trusted.
        public Builder plain() {
            given.put("plain", "true");
            return this;
        }

        /// @throws IllegalArgumentException with everything that is wrong
        /// @throws IOException when there is no place for the store
        public GossipPeer build() throws IOException {
            return build(Starter::usual);
        }

        GossipPeer build(Starter starter) throws IOException {
            Path kept = folder;
            Path place = kept == null ? Files.createTempDirectory("svcshare-gossip") : kept;
            Optional<Path> scratch = kept == null ? Optional.of(place) : Optional.empty();
            try {
                return new GossipPeer(SettingsReader.gossip(given, place), scratch, starter);
            } catch (SettingsException e) {
                scratch.ifPresent(GossipPeer::delete);
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
    }

    // The course of it.

    /// Begins, and returns at once.
    ///
    /// @return done when this member listens, be it alone as yet; failed when it cannot, such as
    ///   when its port is taken
    /// @throws IllegalStateException when it was called before
    public CompletableFuture<Void> start() {
        if (ended.get() || !begun.compareAndSet(false, true)) {
            throw new IllegalStateException("a peer is started once");
        }
        thread.start();
        Thread.ofVirtual().name("gossip start").start(this::begin);
        return group.thenAccept(_ -> {});
    }

    private void begin() {
        try {
            MemberGroup made = starter.start(settings, this::happened);
            if (!group.complete(made)) {
                made.close();
            }
        } catch (IOException | RuntimeException e) {
            LOG.atError().addKeyValue("reason", e.getMessage()).log("gossip did not start");
            group.completeExceptionally(e);
        }
    }

    /// Says goodbye, lets the handlers of `shutdown` run, and ends; within ten seconds.
    public void stop() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        if (begun.get()) {
            try {
                group.get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS).close();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (TimeoutException _) {
                LOG.debug("it closes as soon as it is there");
            } catch (ExecutionException _) {
                LOG.debug("it never started");
            }
            thread.finish(FAREWELL);
        }
        group.completeExceptionally(new IllegalStateException("this peer has ended"));
        scratch.ifPresent(GossipPeer::delete);
    }

    @Override
    public void close() {
        stop();
    }

    // Keys and values.

    /// Sets a key for all members.
    ///
    /// @return done when the change is kept here and on its way to the others; failed with an
    ///   [IllegalArgumentException] when the key or the value is none, and with an
    ///   [IllegalStateException] when the store is full or cannot be written
    public CompletableFuture<Void> store(String key, String value) {
        return store(key, Value.text(value), Optional.empty());
    }

    /// The same for any bytes, 64 KB at most.
    public CompletableFuture<Void> store(String key, byte[] value) {
        return store(key, Value.of(value), Optional.empty());
    }

    /// The same for a time, after which the key is removed.
    public CompletableFuture<Void> store(String key, String value, Duration ttl) {
        return store(key, Value.text(value), Optional.of(ttl));
    }

    private CompletableFuture<Void> store(String key, Value value, Optional<Duration> ttl) {
        return change(new Change.Put(key, value, ttl, new Change.Condition.Any()))
                .thenAccept(_ -> {});
    }

    /// Removes a key for all members.
    ///
    /// @return whether it was there
    public CompletableFuture<Boolean> remove(String key) {
        return change(new Change.Remove(key, new Change.Condition.Any()))
                .thenApply(outcome -> outcome instanceof Change.Outcome.Done);
    }

    private CompletableFuture<Change.Outcome> change(Change change) {
        return group.thenCompose(there -> {
            var done = new CompletableFuture<Change.Outcome>();
            there.change(
                    change,
                    outcome -> {
                        if (outcome instanceof Change.Outcome.Refused refused) {
                            done.completeExceptionally(refused(refused));
                        } else {
                            done.complete(outcome);
                        }
                    });
            return done;
        });
    }

    private static RuntimeException refused(Change.Outcome.Refused refused) {
        return refused.reason() == Change.Refusal.INVALID
                ? new IllegalArgumentException(refused.why())
                : new IllegalStateException(refused.why());
    }

    /// What a key is set to, as this member knows it; waits for a moment. Bytes that are no UTF-8
    /// become replacement characters.
    public Optional<String> get(String key) {
        return value(key).map(Value::text);
    }

    /// The same as bytes.
    public Optional<byte[]> getBytes(String key) {
        return value(key).map(Value::bytes);
    }

    private Optional<Value> value(String key) {
        var answer = new CompletableFuture<Optional<Entry>>();
        if (!there().read(view -> view.get(key), answer::complete)) {
            throw new IllegalStateException("this member is stopping, or has too much to do");
        }
        return await(answer).map(Entry::value);
    }

    /// Calls something out to all members, this one included: handlers of `event` hear it.
    ///
    /// @throws IllegalArgumentException when it cannot be sent
    public void call(String name, String payload) {
        String problem = there().call(name, Value.text(payload));
        if (!problem.isEmpty()) {
            throw new IllegalArgumentException(problem);
        }
    }

    /// Who is in the group: itself first, then by name. Those that left or failed are in it for a
    /// time.
    public List<Member> members() {
        return there().members();
    }

    /// How the group is.
    public MemberGroup.Status status() {
        return there().status();
    }

    /// Between two rounds.
    public Duration interval() {
        return settings.interval();
    }

    /// Events that were dropped because handlers were slower than they came.
    public long dropped() {
        return thread.dropped();
    }

    /// Handlers that threw something.
    public long failures() {
        return thread.failed();
    }

    // Handlers.

    /// @param event `new_key`, `key_changed`, `key_removed`, `member_joined`, `member_left`,
    ///   `member_failed`, `start`, `shutdown` or `event`
    /// @throws IllegalArgumentException for another one
    public GossipPeer on(String event, Consumer<GroupEvent> handler) {
        return add(known(event), handler);
    }

    /// The same for what needs no more than that it happened.
    public GossipPeer on(String event, Runnable handler) {
        return add(known(event), _ -> handler.run());
    }

    /// The same with key and value, as text: of `new_key` and `key_changed` the new value, of
    /// `key_removed` the one that it had.
    ///
    /// @throws IllegalArgumentException for an event that is not about a key
    public GossipPeer on(String event, BiConsumer<String, String> handler) {
        String name = known(event);
        if (!GroupEventNames.ofKey(name)) {
            throw new IllegalArgumentException(event + " has no key and value");
        }
        return add(
                name,
                happened -> {
                    if (happened instanceof GroupEvent.OfKey ofKey) {
                        handler.accept(ofKey.key(), text(ofKey));
                    }
                });
    }

    /// @param what `gossip`, a round with another member, or `sync`, the comparison of stores when
    ///   members meet
    public GossipPeer before(String what, Runnable handler) {
        return add(known(BEFORE, what), _ -> handler.run());
    }

    /// @param what as of [#before]
    public GossipPeer after(String what, Runnable handler) {
        return add(known(AFTER, what), _ -> handler.run());
    }

    /// Runs something again and again while the peer runs, on the thread of the handlers.
    ///
    /// @param interval at least 10 ms
    public GossipPeer every(Duration interval, Runnable work) {
        if (interval.compareTo(SHORTEST_EVERY) < 0) {
            throw new IllegalArgumentException("every 10 ms at most, not " + interval);
        }
        thread.every(interval, work);
        return this;
    }

    private GossipPeer add(String event, Consumer<GroupEvent> work) {
        handlers.add(new Handler(event, work));
        return this;
    }

    private static String known(String event) {
        var names = new TreeSet<>(GroupEventNames.all());
        names.removeIf(name -> name.startsWith(BEFORE) || name.startsWith(AFTER));
        return known(event.replace('_', '-'), event, names);
    }

    private static String known(String prefix, String what) {
        known(what, what, Set.of("gossip", "sync"));
        return prefix + what;
    }

    private static String known(String name, String said, Set<String> names) {
        if (!names.contains(name)) {
            var shown = new ArrayList<>(names);
            shown.replaceAll(known -> known.replace('-', '_'));
            shown.sort(Comparator.naturalOrder());
            throw new IllegalArgumentException(
                    "no such event: " + said + "; there are " + String.join(", ", shown));
        }
        return name;
    }

    private static String text(GroupEvent.OfKey event) {
        Value value =
                switch (event) {
                    case GroupEvent.NewKey(Entry entry) -> entry.value();
                    case GroupEvent.KeyChanged(Entry entry, _) -> entry.value();
                    case GroupEvent.KeyRemoved(Entry before, _) -> before.value();
                };
        return value == null ? "" : value.text();
    }

    /// On the group's thread, which must not wait.
    private void happened(GroupEvent event) {
        String name = GroupEventNames.of(event);
        for (Handler handler : handlers) {
            if (handler.event().equals(name)) {
                thread.put(() -> handler.work().accept(event));
            }
        }
    }

    // Waiting.

    private MemberGroup there() {
        if (!begun.get()) {
            throw new IllegalStateException("this peer was not started");
        }
        return await(group);
    }

    private static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("the group does not answer", e);
        }
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            LOG.debug("{} could not be removed", folder, e);
        }
    }
}
