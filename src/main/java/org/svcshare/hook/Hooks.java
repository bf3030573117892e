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
import org.svcshare.config.HookSettings;
import org.svcshare.turn.Happening;

/// Tells the programs and URLs of the settings what happened.
///
/// [#accept] may be called from any thread and never blocks. Each hook gets its events in order; a
/// slow one delays only itself, and when 100 events wait for it further ones are dropped and
/// counted.
public final class Hooks implements AutoCloseable {
    private static final int PROGRAMS_AT_ONCE = 4;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final List<Hook> hooks;

    /// One when there are webhooks: without them nothing of an HTTP client is loaded.
    private final List<HttpClient> http;

    public Hooks(List<HookSettings> settings) {
        this(settings, FIRST_PAUSE, Outbox.CAPACITY);
    }

    Hooks(List<HookSettings> settings, Duration firstPause, int capacity) {
        var running = new Semaphore(PROGRAMS_AT_ONCE);
        var made = new ArrayList<Hook>();
        boolean anyUrl = settings.stream().anyMatch(hook -> hook.url().isPresent());
        this.http = anyUrl ? List.of(client()) : List.of();
        for (HookSettings hook : settings) {
            made.add(Hook.of(hook, running, http, firstPause, capacity));
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
    private record Hook(Set<String> on, Teller teller, Outbox outbox) {

        interface Teller {
            boolean tell(Notice notice) throws InterruptedException;
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
                return new Hook(on, webhook::post, new Outbox(host, capacity));
            }
            var program = new Program(settings.run(), settings.timeout(), running);
            return new Hook(on, program::run, new Outbox(settings.run().getFirst(), capacity));
        }

        void accept(Notice notice) {
            if (on.contains("*") || on.contains(notice.event())) {
                outbox.put(() -> teller.tell(notice));
            }
        }
    }
}
