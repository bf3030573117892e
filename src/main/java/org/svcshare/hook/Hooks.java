package org.svcshare.hook;

import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.svcshare.config.GroupEventNames;
import org.svcshare.config.HookSettings;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;
import org.svcshare.turn.Happening;

/// Tells the programs and URLs of the settings what happened, and lets programs answer questions of
/// the group.
///
/// What is said to it may come from any thread, and it never blocks. Each hook gets its events in
/// order; a slow one delays only itself, and when 100 events wait for it, or 10,000 where it hears
/// of keys, further ones are dropped and counted.
public final class Hooks implements AutoCloseable {
    private static final int PROGRAMS_AT_ONCE = 4;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final List<Hook> hooks;

    /// One when there are webhooks: without them nothing of an HTTP client is loaded.
    private final List<HttpClient> http;

    public Hooks(List<HookSettings> settings) {
        this(
                settings,
                FIRST_PAUSE,
                hook -> hook.hearsKeys() ? Outbox.CAPACITY_OF_KEYS : Outbox.CAPACITY);
    }

    Hooks(List<HookSettings> settings, Duration firstPause, int capacity) {
        this(settings, firstPause, _ -> capacity);
    }

    private Hooks(
            List<HookSettings> settings,
            Duration firstPause,
            ToIntFunction<HookSettings> capacity) {
        var running = new Semaphore(PROGRAMS_AT_ONCE);
        var made = new ArrayList<Hook>();
        boolean anyUrl = settings.stream().anyMatch(hook -> hook.url().isPresent());
        this.http = anyUrl ? List.of(client()) : List.of();
        for (HookSettings hook : settings) {
            made.add(Hook.of(hook, running, http, firstPause, capacity.applyAsInt(hook)));
        }
        this.hooks = List.copyOf(made);
    }

    /// Redirects are not followed: they would carry the event to where nobody meant it to go.
    private static HttpClient client() {
        return HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /// @param nick the bot's own
    public void accept(Happening happening, Instant time, String nick) {
        if (hooks.isEmpty()) {
            return;
        }
        Notice notice = Notice.of(happening, time, nick);
        for (Hook hook : hooks) {
            hook.accept(notice);
        }
    }

    /// @param member the name of this member of the group
    public void accept(GroupEvent event, Instant time, String member) {
        String name = GroupEventNames.of(event);
        for (Hook hook : hooks) {
            hook.accept(event, name, time, member);
        }
    }

    /// Lets the programs of `query:NAME` answer; a question that no hook names gets no answer.
    ///
    /// @param member tells the name of this member of the group
    public MemberGroup.Answerer answerer(InstantSource clock, Supplier<String> member) {
        return (name, payload, from, answer) -> {
            for (Hook hook : hooks) {
                if (hook.on().contains(GroupEventNames.QUERY + name)) {
                    Instant time = clock.instant();
                    hook.asked(
                            () -> GroupNotice.query(name, payload, from, time, member.get()),
                            payload.sizeBytes(),
                            answer);
                    return;
                }
            }
        };
    }

    /// Over all hooks.
    public HookCounts counts() {
        return hooks.stream()
                .map(hook -> hook.outbox().counts())
                .reduce(HookCounts.NONE, HookCounts::plus);
    }

    /// Takes nothing more and lets what waits be delivered until the limit.
    public void finish(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (Hook hook : hooks) {
            hook.outbox().finish(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }

    /// Ends at once; running programs are ended too.
    @Override
    public void close() {
        hooks.forEach(hook -> hook.outbox().close());
        http.forEach(HttpClient::shutdownNow);
    }

    /// One hook of the settings.
    private record Hook(
            Set<String> on, String prefix, Teller teller, Replier replier, Outbox outbox) {

        interface Teller {
            boolean tell(Notice notice) throws InterruptedException;
        }

        interface Replier {
            boolean reply(Notice notice, Consumer<Value> answer) throws InterruptedException;
        }

        static Hook of(
                HookSettings settings,
                Semaphore running,
                List<HttpClient> http,
                Duration firstPause,
                int capacity) {
            var on = new HashSet<>(settings.on());
            if (settings.url().isPresent()) {
                var webhook =
                        new Webhook(
                                http.getFirst(),
                                settings.url().get(),
                                settings.secret(),
                                settings.timeout(),
                                firstPause,
                                InstantSource.system());
                String host = settings.url().get().getHost();
                return new Hook(
                        on,
                        settings.prefix(),
                        webhook::post,
                        (_, _) -> false,
                        new Outbox(host, capacity));
            }
            var program = new Program(settings.run(), settings.timeout(), running);
            return new Hook(
                    on,
                    settings.prefix(),
                    program::run,
                    program::answer,
                    new Outbox(settings.run().getFirst(), capacity));
        }

        void accept(Notice notice) {
            if (on.contains("*") || on.contains(notice.event())) {
                outbox.put(() -> teller.tell(notice));
            }
        }

        /// The notice is made when it is told: what waits is not copied.
        void accept(GroupEvent event, String name, Instant time, String member) {
            if (hears(event, name)) {
                outbox.put(
                        () -> teller.tell(GroupNotice.of(event, time, member)), sizeBytes(event));
            }
        }

        void asked(Supplier<Notice> notice, int sizeBytes, Consumer<Value> answer) {
            outbox.put(() -> replier.reply(notice.get(), answer), sizeBytes);
        }

        private boolean hears(GroupEvent event, String name) {
            boolean wanted =
                    on.contains(name)
                            || (on.contains("*") && !GroupEventNames.ofRound(name))
                            || (event instanceof GroupEvent.Called called
                                    && on.contains(GroupEventNames.EVENT + called.name()));
            return wanted
                    && (!(event instanceof GroupEvent.OfKey key) || key.key().startsWith(prefix));
        }

        private static int sizeBytes(GroupEvent event) {
            return switch (event) {
                case GroupEvent.NewKey(Entry entry) -> sizeBytes(entry);
                case GroupEvent.KeyChanged(Entry entry, Entry before) ->
                        sizeBytes(entry) + sizeBytes(before);
                case GroupEvent.KeyRemoved(Entry before, _) -> sizeBytes(before);
                case GroupEvent.Called(_, Value payload, _) -> payload.sizeBytes();
                default -> 0;
            };
        }

        private static int sizeBytes(Entry entry) {
            Value value = entry.value();
            return value == null ? 0 : value.sizeBytes();
        }
    }
}
