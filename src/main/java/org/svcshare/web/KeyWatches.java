package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.GroupEvent.OfKey;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;

/// `/api/v1/watch`: what becomes of keys, with their values, to whoever watches on this loop.
final class KeyWatches {
    /// Unread bytes; a value is up to 64 KiB.
    private static final int QUEUE_BYTES = 1 << 20;

    private final Loop loop;
    private final Set<KeyWatch> watches = new LinkedHashSet<>();
    private final AtomicInteger watching = new AtomicInteger();

    KeyWatches(Loop loop) {
        this.loop = loop;
    }

    /// GET /api/v1/watch
    void listen(Call call) {
        MemberGroup group = KeyAnswers.group(call);
        if (group == null) {
            return;
        }
        Percent.Parameter key = call.parameter("key");
        Percent.Parameter prefix = call.parameter("prefix");
        Percent.Flag initial = Percent.flag(call.request.query(), "initial");
        boolean both = key.given() && prefix.given();
        if (both || key.garbled() || prefix.garbled() || initial == Percent.Flag.GARBLED) {
            call.problem(
                    Problem.INVALID,
                    "expected ?key=KEY or ?prefix=TEXT, and initial=true or false");
            return;
        }
        String wrong = key.text().map(Entry::problem).orElse("");
        if (!wrong.isEmpty()) {
            call.problem(Problem.INVALID, wrong);
            return;
        }
        call.stream(QUEUE_BYTES)
                .ifPresent(stream -> {
                    String begin = key.text().or(prefix::text).orElse("");
                    var watch = new KeyWatch(loop, group, stream, begin, key.given());
                    // Before the first look, so that nothing falls between.
                    watches.add(watch);
                    watching.set(watches.size());
                    call.whenGone(() -> {
                        stream.lost();
                        watches.remove(watch);
                        watching.set(watches.size());
                    });
                    watch.begin(initial == Percent.Flag.ON);
                });
    }

    /// On the group's thread.
    void on(OfKey event) {
        if (watching.get() > 0) {
            loop.mailbox.post(() -> tell(event));
        }
    }

    private void tell(OfKey event) {
        @Nullable Buffer written = null;
        for (KeyWatch watch : List.copyOf(watches)) {
            if (watch.wants(event)) {
                written = written == null ? write(event) : written;
                watch.send(written);
            }
        }
    }

    private Buffer write(OfKey event) {
        List<Member> members = loop.site.members().map(MemberGroup::members).orElse(List.of());
        return switch (event) {
            case GroupEvent.NewKey(Entry entry) ->
                    put(loop.json.begin(), entry, members, false).done();
            case GroupEvent.KeyChanged(Entry entry, _) ->
                    put(loop.json.begin(), entry, members, false).done();
            case GroupEvent.KeyRemoved(Entry before, boolean expired) -> {
                Json json =
                        loop.json.begin().raw("event: removed\ndata: {\"key\":").text(before.key());
                yield KeyJson.version(json, before.version())
                        .raw(",\"expired\":")
                        .flag(expired)
                        .raw("}\n\n")
                        .done();
            }
        };
    }

    /// @param initial whether it was so before anybody watched
    static Json put(Json json, Entry entry, List<Member> members, boolean initial) {
        json.raw("event: put\ndata: {");
        KeyJson.entry(json, entry, members);
        Optional<Value> value = Optional.ofNullable(entry.value());
        return KeyJson.value(json, "value", value.orElse(Value.EMPTY))
                .raw(",\"initial\":")
                .flag(initial)
                .raw("}\n\n");
    }
}
