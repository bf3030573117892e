package org.svcshare.store;

import java.util.List;
import java.util.Map;

/// What the stores of two members say to each other. Bounded: whoever makes one sees to it, and the
/// codec of the `gossip` room refuses what is not.
public sealed interface StoreMessage {
    /// How many ranges the keys fall into, by their hash.
    int RANGES = 256;

    int MAX_MARKS = 2_000;
    int MAX_ENTRIES = 1_000;

    /// Of how many writers a member remembers how much of theirs it has seen.
    int MAX_KNOWN = 1_000;

    /// Entries of one message have at most so many bytes, keys and values together; one entry alone
    /// may have more.
    int MAX_ENTRY_BYTES = 256 * 1024;

    /// What a member has of one key, without the value.
    record Mark(String key, Version version) {}

    /// Whole entries: a write just made, news that were asked for, or ones that the other lacks.
    record Entries(List<Entry> entries) implements StoreMessage {}

    /// Opens a round: "this is what I have".
    ///
    /// @param round drawn by the sender; whatever is said because of this digest has it
    /// @param hashes one per range, [#RANGES] of them
    /// @param known by writer the stamp up to which the sender has, or had and knows to be over,
    ///   all that was written by it; at most [#MAX_KNOWN]
    record Digest(long round, List<Long> hashes, Map<String, Long> known) implements StoreMessage {}

    /// What the sender has in some ranges, or in a part of one. Without ranges: "that was all".
    ///
    /// @param round of the digest
    /// @param ranges which, each below [#RANGES]
    /// @param from first key, inclusive; empty: from the first on
    /// @param to last key, inclusive; empty: to the last. Only with a single range are there bounds
    /// @param marks in the order of ranges, then keys. In a question all that the sender has there,
    ///   in an answer what the asker lacks or has older
    /// @param answer whether the receiver is to answer with the same ranges, or the first of them
    record Marks(
            long round,
            List<Integer> ranges,
            String from,
            String to,
            List<Mark> marks,
            boolean answer)
            implements StoreMessage {}

    /// "Send me these." At most [#MAX_ENTRIES]; one message of [Entries] comes back, with the first
    /// of them.
    record Wanted(List<String> keys) implements StoreMessage {}

    /// "Have you heard?" A write that not everybody may have got.
    record Rumour(List<Mark> marks) implements StoreMessage {}
}
