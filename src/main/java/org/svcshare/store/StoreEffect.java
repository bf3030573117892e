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

        /// @param writer a member's id
        /// @param stamp up to which all that it wrote is here, or was here and is over
        record Known(String writer, long stamp) implements Kept {}

        /// That of a writer is not remembered any more.
        record Forgotten(String writer) implements Kept {}
    }
}
