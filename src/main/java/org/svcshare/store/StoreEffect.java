package org.svcshare.store;

import org.jspecify.annotations.Nullable;

/// What a [StoreKeeper] wants done, in the order in which it was returned.
public sealed interface StoreEffect {
    /// @param to a member's id, or null for all others
    record Send(@Nullable String to, StoreMessage message) implements StoreEffect {}

    record Tell(GroupEvent event) implements StoreEffect {}

    /// Write this down, so that a restart finds it again.
    record Keep(Kept kept) implements StoreEffect {}

    /// What outlives a restart.
    sealed interface Kept {
        record Stored(Entry entry) implements Kept {}

        /// A tombstone has lived long enough, or the entry is of no use any more.
        record Dropped(String key) implements Kept {}

        /// @param member an id
        /// @param lastMs when this member was last in one group with it, milliseconds since 1970
        record Together(String member, long lastMs) implements Kept {}

        /// Nobody waits for that member any more.
        record Forgotten(String member) implements Kept {}
    }
}
