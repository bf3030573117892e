package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.svcshare.config.HappeningNames;
import org.svcshare.pool.Effect;
import org.svcshare.store.GroupEvent;
import org.svcshare.turn.Happening;

/// `/api/v1/events`: everything that happens, to whoever wants to hear it.
///
/// Events are numbered from the server's start on, per loop; what was missed is not told again.
/// Tokens are in none of them, and no values of the shared store.
final class EventNews {
    private final Loop loop;
    private final Set<EventStream> listeners = new LinkedHashSet<>();
    private final AtomicInteger listening = new AtomicInteger();
    private long number;

    EventNews(Loop loop) {
        this.loop = loop;
    }

    /// GET /api/v1/events
    void listen(Call call) {
        call.stream(true)
                .ifPresent(stream -> {
                    listeners.add(stream);
                    listening.set(listeners.size());
                    call.whenGone(() -> {
                        stream.lost();
                        listeners.remove(stream);
                        listening.set(listeners.size());
                    });
                });
    }

    /// On the engine's thread.
    void on(Effect effect) {
        if (listening.get() > 0) {
            long atMs = loop.site.nowMs();
            loop.mailbox.post(() -> tell(lock(begin(name(effect), atMs), effect)));
        }
    }

    /// On any thread.
    void on(Happening happening, Instant when) {
        if (listening.get() > 0) {
            loop.mailbox.post(
                    () -> tell(turn(begin(name(happening), when.toEpochMilli()), happening)));
        }
    }

    /// On the group's thread.
    void on(GroupEvent event) {
        Optional<String> name = GroupNews.name(event);
        if (name.isPresent() && listening.get() > 0) {
            long atMs = loop.site.nowMs();
            loop.mailbox.post(() -> tell(GroupNews.write(begin(name.get(), atMs), event)));
        }
    }

    private void tell(Json json) {
        Buffer event = json.raw("}\n\n").done();
        List.copyOf(listeners).forEach(stream -> stream.send(event));
    }

    private Json begin(String name, long atMs) {
        return loop.json
                .begin()
                .raw("id: ")
                .number(++number)
                .raw("\nevent: ")
                .raw(name)
                .raw("\ndata: {\"at\":")
                .time(atMs);
    }

    private static String name(Effect effect) {
        return switch (effect) {
            case Effect.Queued _ -> "lock.queued";
            case Effect.Granted _ -> "lock.granted";
            case Effect.Renewed _ -> "lock.renewed";
            case Effect.Unlocking _ -> "lock.unlocking";
            case Effect.Ended _ -> "lock.ended";
        };
    }

    /// `turn-granted` is `turn.granted` here.
    private static String name(Happening happening) {
        return HappeningNames.of(happening).replaceFirst("-", ".");
    }

    private static Json lock(Json json, Effect effect) {
        json.raw(",\"pool\":").text(effect.pool()).raw(",\"ticket\":").number(effect.ticket());
        return switch (effect) {
            case Effect.Queued queued -> json.raw(",\"holder\":").text(queued.holder());
            case Effect.Granted granted ->
                    json.raw(",\"holder\":")
                            .text(granted.holder())
                            .raw(",\"fence\":")
                            .number(granted.fence())
                            .raw(",\"until\":")
                            .time(granted.untilMs())
                            .raw(",\"waitedMs\":")
                            .number(granted.waitedMs());
            case Effect.Renewed renewed -> json.raw(",\"until\":").time(renewed.untilMs());
            case Effect.Unlocking unlocking ->
                    json.raw(",\"holder\":")
                            .text(unlocking.holder())
                            .raw(",\"taken\":")
                            .time(unlocking.takenMs());
            case Effect.Ended ended ->
                    json.raw(",\"holder\":")
                            .text(ended.holder())
                            .raw(",\"cause\":")
                            .text(ended.cause().name().toLowerCase(Locale.ROOT))
                            .raw(",\"held\":")
                            .flag(ended.held())
                            .raw(",\"heldMs\":")
                            .number(ended.heldMs());
        };
    }

    private static Json turn(Json json, Happening happening) {
        for (var fact : happening.getClass().getRecordComponents()) {
            try {
                Object value = fact.getAccessor().invoke(happening);
                json.raw(",\"").raw(fact.getName());
                switch (value) {
                    case null -> json.raw("\":null");
                    case Long number -> json.raw("\":").number(number);
                    case Double number -> json.raw("\":").decimal(number);
                    case Duration time -> json.raw("Ms\":").number(time.toMillis());
                    case Instant time -> json.raw("\":").time(time.toEpochMilli());
                    default -> json.raw("\":").text(value.toString());
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(happening.toString(), e);
            }
        }
        return json;
    }
}
