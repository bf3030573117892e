package org.svcshare.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The shelf as a reader sees it at a moment: without what has run out, be it swept or not. Reads
/// through to the shelf, so it is good until the next change.
record View(Shelf shelf, long nowMs) implements StoreView {
    @Override
    public Optional<Entry> get(String key) {
        return Optional.ofNullable(shelf.values().get(key)).filter(entry -> entry.live(nowMs));
    }

    @Override
    public List<Entry> list(String prefix, String after, int limit) {
        var found = new ArrayList<Entry>();
        boolean behind = !after.isEmpty() && after.compareTo(prefix) >= 0;
        var keys = shelf.values().tailMap(behind ? after : prefix, !behind);
        for (Entry entry : keys.values()) {
            if (found.size() >= limit || !entry.key().startsWith(prefix)) {
                break;
            }
            if (entry.live(nowMs)) {
                found.add(entry);
            }
        }
        return found;
    }

    @Override
    public int size() {
        return shelf.values().size() - shelf.unswept(nowMs);
    }

    @Override
    public long sizeBytes() {
        return shelf.sizeBytes();
    }

    @Override
    public int tombstones() {
        return shelf.size() - shelf.values().size();
    }
}
