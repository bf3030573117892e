package org.svcshare.store;

import java.util.List;
import java.util.Optional;

/// The store as readers see it: what is removed or expired is not there.
public interface StoreView {
    Optional<Entry> get(String key);

    /// In the order of keys.
    ///
    /// @param after only keys behind this one; empty for all
    /// @param limit at most so many
    List<Entry> list(String prefix, String after, int limit);

    /// Live keys.
    int size();

    /// Bytes of keys and values that are kept, tombstones included.
    long sizeBytes();

    /// How many removed keys are remembered, so that they do not come back.
    int tombstones();
}
