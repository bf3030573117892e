package org.svcshare.store;

import java.time.Duration;
import java.util.Optional;

/// What somebody wants to do to a key.
public sealed interface Change {
    String key();

    Condition condition();

    /// @param ttl after which the key counts as removed; at least a millisecond
    record Put(String key, Value value, Optional<Duration> ttl, Condition condition)
            implements Change {}

    record Remove(String key, Condition condition) implements Change {}

    /// What the key must be, as this member knows it, for the change to be done.
    ///
    /// This protects against a write that the asker has not seen, and not against one that another
    /// member makes at the same moment: then the later of both stands, on all members.
    sealed interface Condition {
        record Any() implements Condition {}

        record Absent() implements Condition {}

        record Present() implements Condition {}

        record At(Version version) implements Condition {}
    }

    /// What became of it.
    sealed interface Outcome {
        /// @param entry as it is now
        /// @param before as it was; empty if it was not there
        record Done(Entry entry, Optional<Entry> before) implements Outcome {}

        /// The condition does not hold, and nothing was done.
        record Conflict(Optional<Entry> current) implements Outcome {}

        /// There was nothing to remove.
        record Missing() implements Outcome {}

        record Refused(Refusal reason, String why) implements Outcome {}
    }

    /// Why a change was not done.
    enum Refusal {
        /// The key, the value or the time to live is none.
        INVALID,
        /// The store has as many keys or bytes as it may.
        FULL,
        /// The group's clocks differ too much, the store cannot be written, or this member stops or
        /// has too much to do.
        UNAVAILABLE
    }
}
