package org.svcshare.store;

import java.util.List;

/// What the stores of two members say to each other. Bounded: whoever makes one sees to it, and the
/// codec of the `gossip` room refuses what is not.
public sealed interface StoreMessage {
    /// How many ranges the keys fall into, by their hash.
    int RANGES = 256;

    int MAX_MARKS = 2_000;
    int MAX_ENTRIES = 1_000;

    /// Entries of one message have at most so many bytes, keys and values together; one entry alone
    /// may have more.
    int MAX_ENTRY_BYTES = 256 * 1024;

    /// What a member has of one key, without the value.
    record Mark(String key, Version version) {}

    /// Whole entries: a write just made, news that were asked for, or ones that the other lacks.
    record Entries(List<Entry> entries) implements StoreMessage {}

    /// Opens a round: "this is what I have".
    ///
    /// @param hashes one per range, [#RANGES] of them
    /// @param apartMs when sender and receiver were last in one group before they met again,
    ///   milliseconds since 1970, as far as the sender knows; 0: never, or they were not apart
    record Digest(List<Long> hashes, long apartMs) implements StoreMessage {}

    /// All that the sender has in some ranges, or a part of it.
    ///
    /// @param ranges which, each below [#RANGES]; in each, all keys between `from` and `to` are
    ///   listed, so that what is not listed is not there
    /// @param from first key, inclusive; empty: from the first on
    /// @param to last key, inclusive; empty: to the last
    /// @param answer whether the receiver is to send its own marks of the same back
    /// @param apartMs as in [Digest]
    record Marks(
            List<Integer> ranges,
            String from,
            String to,
            List<Mark> marks,
            boolean answer,
            long apartMs)
            implements StoreMessage {}

    /// "Send me these."
    record Wanted(List<String> keys) implements StoreMessage {}

    /// "Have you heard?" A write that not everybody may have got.
    record Rumour(List<Mark> marks) implements StoreMessage {}
}
