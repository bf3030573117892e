package org.svcshare.client;

import java.util.Set;

/// Which items an adapter stopped itself, kept across restarts.
public interface PausedItems {

    Set<String> load();

    /// Replaces what was kept; on disk when it returns.
    void save(Set<String> ids);
}
