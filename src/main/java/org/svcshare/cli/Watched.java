package org.svcshare.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which of the things that a server tells about keys are news, when the stream broke off and
/// another server, or the same, tells from the beginning what is there.
///
/// Versions are texts of one length that compare as the writes do.
final class Watched {
    private final boolean initial;
    private final Map<String, String> known = new HashMap<>();

    /// Keys that were there before the stream broke off, and were not seen since.
    private final TreeSet<String> missing = new TreeSet<>();

    private boolean first = true;

    /// A key that went while nobody listened.
    record Gone(String key, String version) {}

    /// @param initial whether what is there in the beginning is news
    Watched(boolean initial) {
        this.initial = initial;
    }

    /// A stream begins.
    void begins() {
        missing.clear();
        missing.addAll(known.keySet());
    }

    /// @param there whether it was so before the stream began
    boolean put(String key, String version, boolean there) {
        missing.remove(key);
        String before = known.get(key);
        if (before != null && before.compareTo(version) >= 0) {
            return false;
        }
        known.put(key, version);
        return !there || !first || initial;
    }

    /// @param version that it had
    boolean removed(String key, String version) {
        missing.remove(key);
        @Nullable String before = known.get(key);
        if (before != null && before.compareTo(version) > 0) {
            return false;
        }
        known.remove(key);
        return before != null || first;
    }

    /// All that was there has been told.
    List<Gone> ready() {
        first = false;
        var gone = new ArrayList<Gone>();
        for (String key : missing) {
            String version = known.remove(key);
            gone.add(new Gone(key, version == null ? "" : version));
        }
        missing.clear();
        return gone;
    }
}
