package org.svcshare.replica;

import java.util.EnumMap;
import java.util.Map;

/// What became of a node's requests, by kind.
public record NodeCounts(Map<RequestKind, Count> byKind) {
    /// @param success exchanges that ended with an answer below 500
    /// @param failure attempts that ended without an answer, or with 500 and above
    /// @param queued those that it was given and has not answered yet
    public record Count(long success, long failure, long queued) {
        public static final Count NONE = new Count(0, 0, 0);
    }

    public NodeCounts {
        var copy = new EnumMap<RequestKind, Count>(RequestKind.class);
        copy.putAll(byKind);
        byKind = java.util.Collections.unmodifiableMap(copy);
    }

    public Count of(RequestKind kind) {
        return byKind.getOrDefault(kind, Count.NONE);
    }
}
