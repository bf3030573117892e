package org.svcshare.lock;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.lock.LockEffect.Callbacks;

/// The callbacks of one lock. Thread-safe.
final class CallbackLists {
    private static final Logger LOG = LoggerFactory.getLogger(CallbackLists.class);

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /// Each is another one, even if it calls the same.
    private static final class Entry {
        final Callbacks list;
        final int priority;
        final Consumer<NamedLock> callback;

        Entry(Callbacks list, int priority, Consumer<NamedLock> callback) {
            this.list = list;
            this.priority = priority;
            this.callback = callback;
        }
    }

    /// @return removes it
    Runnable add(Callbacks list, int priority, Consumer<NamedLock> callback) {
        var entry = new Entry(list, priority, callback);
        entries.add(entry);
        return () -> entries.remove(entry);
    }

    boolean none(Callbacks list) {
        return entries.stream().noneMatch(entry -> entry.list == list);
    }

    /// Calls one after the other: those of higher priority first, else in the order of adding. One
    /// that throws keeps the others from nothing.
    void call(Callbacks list, NamedLock lock) {
        var due = new ArrayList<>(entries);
        due.removeIf(entry -> entry.list != list);
        due.sort(Comparator.comparingInt(entry -> -entry.priority));
        for (Entry entry : due) {
            if (entries.contains(entry)) {
                try {
                    entry.callback.accept(lock);
                } catch (RuntimeException | Error e) {
                    LOG.warn("a callback of the lock {} failed", lock.name(), e);
                }
            }
        }
    }
}
