package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.GroupEvent.OfKey;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.StoreView;
import org.svcshare.store.Value;
import org.svcshare.store.Version;

/// One who watches keys. Only on its event loop.
///
/// What is there already is read piece by piece, the next one when the last is on its way, while
/// changes are told as they come. What was read may be newer than a change that is told later, and
/// older than one that was told before: so the versions that were told are kept while that can be.
final class KeyWatch {
    private static final int PAGE_KEYS = 200;
    private static final int PAGE_BYTES = 64 * 1024;

    /// How long after the last piece an event may still be older than what was read.
    private static final long LATE_MS = 30_000;

    private static final Buffer READY = Buffer.buffer("event: ready\ndata: {}\n\n");

    private final Loop loop;
    private final MemberGroup group;
    private final EventStream stream;
    private final String begin;
    private final boolean exactly;

    /// By key; empty unless it reads what is there, or did a moment ago.
    private final Map<String, Version> told = new HashMap<>();

    private boolean careful;

    /// @param begin what its keys begin with
    /// @param exactly whether that is the whole key
    KeyWatch(Loop loop, MemberGroup group, EventStream stream, String begin, boolean exactly) {
        this.loop = loop;
        this.group = group;
        this.stream = stream;
        this.begin = begin;
        this.exactly = exactly;
    }

    /// @param initial whether to tell first what is there
    void begin(boolean initial) {
        if (initial) {
            careful = true;
            read("");
        } else {
            stream.send(READY);
        }
    }

    private void read(String after) {
        if (!group.read(
                view -> look(view, after), entries -> loop.mailbox.post(() -> show(entries)))) {
            stream.end();
        }
    }

    private List<Entry> look(StoreView view, String after) {
        if (exactly) {
            return after.isEmpty() ? view.get(begin).stream().toList() : List.of();
        }
        List<Entry> found = view.list(begin, after, PAGE_KEYS);
        int bytes = 0;
        for (int i = 0; i < found.size(); i++) {
            Value value = found.get(i).value();
            bytes += value == null ? 0 : value.sizeBytes();
            if (bytes > PAGE_BYTES) {
                return List.copyOf(found.subList(0, Math.max(1, i)));
            }
        }
        return found;
    }

    private void show(List<Entry> entries) {
        if (entries.isEmpty()) {
            stream.send(READY);
            loop.vertx()
                    .setTimer(
                            LATE_MS,
                            _ -> {
                                careful = false;
                                told.clear();
                            });
            return;
        }
        List<Member> members = group.members();
        Json json = new Json().begin();
        for (Entry entry : entries) {
            if (isNews(entry)) {
                KeyWatches.put(json, entry, members, true);
            }
        }
        String last = entries.getLast().key();
        Buffer page = json.done();
        if (page.length() == 0) {
            read(last);
        } else {
            stream.send(page, () -> read(last));
        }
    }

    /// Whether an event is about its keys, and not older than what it was told.
    boolean wants(OfKey event) {
        if (exactly ? !event.key().equals(begin) : !event.key().startsWith(begin)) {
            return false;
        }
        if (!careful) {
            return true;
        }
        return switch (event) {
            case GroupEvent.NewKey(Entry entry) -> isNews(entry);
            case GroupEvent.KeyChanged(Entry entry, _) -> isNews(entry);
            case GroupEvent.KeyRemoved(Entry before, _) -> {
                Version known = told.get(before.key());
                if (known != null && before.version().compareTo(known) < 0) {
                    yield false;
                }
                told.put(before.key(), before.version());
                yield true;
            }
        };
    }

    private boolean isNews(Entry entry) {
        Version known = told.get(entry.key());
        if (known != null && entry.version().compareTo(known) <= 0) {
            return false;
        }
        told.put(entry.key(), entry.version());
        return true;
    }

    void send(Buffer event) {
        stream.send(event);
    }
}
