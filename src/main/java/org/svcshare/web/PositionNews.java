package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Outcome;
import org.svcshare.web.LockAnswers.Place;

/// Tells waiting streams when they have moved up, at most every [#EVERY_MS].
///
/// Looks at all of them together, and only while there are any. Only on its event loop.
final class PositionNews {
    private static final long EVERY_MS = 250;

    private final Loop loop;

    /// Who follows, and the place that it was told last.
    private final Map<TicketWait, Integer> followers = new LinkedHashMap<>();

    private boolean looking;

    PositionNews(Loop loop) {
        this.loop = loop;
    }

    void follow(TicketWait wait, Outcome.Queued queued) {
        followers.put(wait, -1);
        if (followers.size() == 1 && !looking) {
            look();
        } else {
            tell(wait, null, queued.ahead());
        }
    }

    void forget(TicketWait wait) {
        followers.remove(wait);
    }

    private void look() {
        List<TicketWait> waits = List.copyOf(followers.keySet());
        if (waits.isEmpty()) {
            looking = false;
            return;
        }
        looking = true;
        loop.site.look(
                loop,
                table -> {
                    var places = new ArrayList<Place>(waits.size());
                    waits.forEach(wait -> places.add(Place.of(table, wait.id, wait.pool)));
                    return places;
                },
                places -> {
                    for (int i = 0; places != null && i < waits.size(); i++) {
                        tell(waits.get(i), places.get(i), places.get(i).aheadOr(0));
                    }
                    loop.vertx().setTimer(EVERY_MS, _ -> look());
                });
    }

    private void tell(TicketWait wait, @Nullable Place place, int ahead) {
        Integer before = followers.get(wait);
        if (before == null || before == ahead) {
            return;
        }
        followers.put(wait, ahead);
        Json json = loop.json.begin().raw("event: queued\ndata: {");
        LockAnswers.position(json, place, ahead);
        Buffer event = json.raw("}\n\n").done();
        wait.stream().ifPresent(stream -> stream.send(event));
    }
}
