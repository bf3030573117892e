package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Amounts;
import org.svcshare.store.Change;
import org.svcshare.store.Change.Outcome;
import org.svcshare.store.Entry;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.StoreView;
import org.svcshare.store.Value;
import org.svcshare.web.KeyConditions.Wrong;

/// The shared store: looking at keys and changing them.
///
/// The version of an entry is its entity tag, so that what HTTP has for tags (RFC 9110 section 13)
/// is how a writer sees to it that it changes what it saw.
final class KeyAnswers {
    static final String NO_GROUP =
            "gossip is not on here: set gossip.enabled = true, or begin with svcshare run --seed"
                    + " HOST:PORT";

    private static final CharSequence BYTES =
            HttpHeaders.createOptimized("application/octet-stream");

    /// `Expires` is for caches, and has seconds only.
    private static final CharSequence EXPIRES = HttpHeaders.createOptimized("svcshare-expires");

    static final String UNAVAILABLE = "this member is stopping, or has too much to do";

    private static final int KEY = 3;
    private static final int SHOWN = 1000;
    private static final int MOST_SHOWN = 10_000;

    /// Values in one list; then the next one has to be asked for.
    private static final int MOST_LIST_BYTES = 1 << 20;

    private final Loop loop;

    KeyAnswers(Loop loop) {
        this.loop = loop;
    }

    /// @return null when it was answered
    static @Nullable MemberGroup group(Call call) {
        Optional<MemberGroup> group = call.loop.site.members();
        if (group.isEmpty()) {
            call.problem(Problem.NO_MEMBERS, NO_GROUP);
        }
        return group.orElse(null);
    }

    /// Looks at the store, and goes on with what was found on the call's loop; answers the call
    /// when it cannot look.
    static <T> void read(
            Call call, MemberGroup group, Function<StoreView, T> question, Consumer<T> then) {
        Loop loop = call.loop;
        if (!group.read(question, found -> loop.mailbox.post(() -> then.accept(found)))) {
            call.problem(Problem.STORE_UNAVAILABLE, UNAVAILABLE);
        }
    }

    /// @return null when it was answered
    private static @Nullable String key(Call call) {
        Optional<String> key = call.segment(KEY);
        String wrong = key.map(Entry::problem).orElse("a key is percent-encoded UTF-8");
        if (!wrong.isEmpty()) {
            call.problem(Problem.INVALID, wrong);
            return null;
        }
        return key.orElseThrow();
    }

    private record Page(List<Entry> entries, boolean more, int keys) {}

    /// GET /api/v1/kv
    void list(Call call) {
        MemberGroup group = group(call);
        if (group == null) {
            return;
        }
        Percent.Parameter prefix = call.parameter("prefix");
        Percent.Parameter after = call.parameter("after");
        Percent.Flag bare = Percent.flag(call.request.query(), "bare");
        int limit = limit(call.parameter("limit"));
        if (prefix.garbled() || after.garbled() || limit < 1 || bare == Percent.Flag.GARBLED) {
            call.problem(
                    Problem.INVALID,
                    "expected ?prefix=TEXT&after=KEY&limit=N&bare with N from 1 to " + MOST_SHOWN);
            return;
        }
        String begin = prefix.text().orElse("");
        String behind = after.text().orElse("");
        boolean values = bare == Percent.Flag.OFF;
        read(
                call,
                group,
                view -> {
                    List<Entry> found = view.list(begin, behind, limit + 1);
                    int shown = Math.min(limit, values ? fitting(found) : found.size());
                    return new Page(
                            List.copyOf(found.subList(0, shown)),
                            found.size() > shown,
                            view.size());
                },
                page -> answer(call, group.members(), page, values));
    }

    /// How many of them a list may have; one at least, so that the next list goes on.
    private static int fitting(List<Entry> entries) {
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            Value value = entries.get(i).value();
            bytes += value == null ? 0 : value.sizeBytes();
            if (bytes > MOST_LIST_BYTES) {
                return Math.max(1, i);
            }
        }
        return entries.size();
    }

    private void answer(Call call, List<Member> members, Page page, boolean values) {
        // Not the loop's, which would stay as large as the largest list.
        Json json = new Json().begin().raw("{\"now\":").time(loop.site.nowMs());
        json.raw(",\"keys\":").number(page.keys).raw(",\"more\":").flag(page.more);
        json.raw(",\"entries\":[");
        for (int i = 0; i < page.entries.size(); i++) {
            Entry entry = page.entries.get(i);
            Value value = entry.value() == null ? Value.EMPTY : entry.value();
            KeyJson.entry(json.raw(i == 0 ? "{" : ",{"), entry, members);
            json.raw(",\"sizeBytes\":").number(value.sizeBytes());
            json = (values ? KeyJson.value(json, "value", value) : json).raw("}");
        }
        call.answer(200, json.raw("]}"));
    }

    /// @return -1 for what is no number in range
    private static int limit(Percent.Parameter asked) {
        if (!asked.given()) {
            return SHOWN;
        }
        String text = asked.text().orElse("");
        boolean number = text.matches("[0-9]{1,6}");
        int limit = number ? Integer.parseInt(text) : -1;
        return limit <= MOST_SHOWN ? limit : -1;
    }

    /// GET /api/v1/kv/{key}
    void get(Call call) {
        MemberGroup group = group(call);
        String key = group == null ? null : key(call);
        if (group == null || key == null) {
            return;
        }
        Percent.Flag json = Percent.flag(call.request.query(), "json");
        if (json == Percent.Flag.GARBLED) {
            call.problem(Problem.INVALID, "expected ?json, or json=true or false");
            return;
        }
        boolean whole = json == Percent.Flag.ON || call.accepts(Call.JSON);
        read(
                call,
                group,
                view -> view.get(key),
                found -> {
                    Value value = found.map(Entry::value).orElse(null);
                    if (value == null) {
                        call.problem(Problem.UNKNOWN_KEY, "nobody has set it, or it is gone");
                    } else {
                        show(call, found.orElseThrow(), value, whole, group.members());
                    }
                });
    }

    private static void show(
            Call call, Entry entry, Value value, boolean whole, List<Member> members) {
        heading(call, entry);
        String tags = call.request.getHeader(HttpHeaders.IF_NONE_MATCH);
        if (tags != null && KeyConditions.matches(tags, entry.version())) {
            call.answerNothing(304);
        } else if (whole) {
            Json json = KeyJson.entry(call.json().raw("{"), entry, members);
            json.raw(",\"sizeBytes\":").number(value.sizeBytes());
            call.answer(200, KeyJson.value(json, "value", value).raw("}"));
        } else {
            call.answer(200, BYTES, Buffer.buffer(value.bytes()));
        }
    }

    private static void heading(Call call, Entry entry) {
        call.header(HttpHeaders.ETAG, "\"" + entry.version() + "\"");
        if (entry.expiresMs() > 0) {
            call.header(EXPIRES, Instant.ofEpochMilli(entry.expiresMs()).toString());
        }
    }

    /// PUT /api/v1/kv/{key}
    void put(Call call) {
        MemberGroup group = group(call);
        String key = group == null ? null : key(call);
        if (group == null || key == null) {
            return;
        }
        if (call.body().length() > Entry.MAX_VALUE_BYTES) {
            call.problem(
                    Problem.TOO_LARGE, "a value has at most " + Entry.MAX_VALUE_BYTES + " bytes");
            return;
        }
        try {
            Value value = Value.of(call.body().getBytes());
            Optional<Duration> ttl = ttl(call.parameter("ttl"));
            change(call, group, new Change.Put(key, value, ttl, KeyConditions.of(call)));
        } catch (Wrong e) {
            e.answer(call);
        }
    }

    private static Optional<Duration> ttl(Percent.Parameter asked) throws Wrong {
        if (!asked.given()) {
            return Optional.empty();
        }
        Optional<Duration> ttl = asked.text().flatMap(Amounts::duration);
        if (ttl.isEmpty() || !ttl.get().isPositive()) {
            throw new Wrong(
                    "ttl: expected a duration with its unit, for instance 30s or 1h30m, and not 0");
        }
        return ttl;
    }

    /// DELETE /api/v1/kv/{key}
    void remove(Call call) {
        MemberGroup group = group(call);
        String key = group == null ? null : key(call);
        if (group == null || key == null) {
            return;
        }
        try {
            change(call, group, new Change.Remove(key, KeyConditions.of(call)));
        } catch (Wrong e) {
            e.answer(call);
        }
    }

    private void change(Call call, MemberGroup group, Change change) {
        group.change(
                change,
                outcome -> loop.mailbox.post(() -> answer(call, group.members(), change, outcome)));
    }

    private static void answer(Call call, List<Member> members, Change change, Outcome outcome) {
        switch (outcome) {
            case Outcome.Done(Entry entry, Optional<Entry> before) -> {
                switch (change) {
                    case Change.Put _ -> {
                        heading(call, entry);
                        Json json = KeyJson.entry(call.json().raw("{"), entry, members);
                        call.answer(before.isPresent() ? 200 : 201, json.raw("}"));
                    }
                    case Change.Remove _ -> call.answerNothing();
                }
            }
            case Outcome.Conflict(Optional<Entry> current) -> {
                current.ifPresent(entry -> heading(call, entry));
                call.problem(
                        Problem.CHANGED,
                        current.isPresent()
                                ? "it is at version " + current.get().version()
                                : "it is not there");
            }
            case Outcome.Missing _ ->
                    call.problem(Problem.UNKNOWN_KEY, "nobody has set it, or it is gone");
            case Outcome.Refused(Change.Refusal reason, String why) ->
                    call.problem(Problem.of(reason), why);
        }
    }
}
