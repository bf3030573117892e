package org.svcshare.store;

/// What a history looks at while it is played.
interface SimChecks {
    SimChecks NONE =
            new SimChecks() {
                @Override
                public void shown(SimMember member, Entry entry) {}

                @Override
                public void lost(Entry entry) {}
            };

    /// Readers of a member see that from now on.
    void shown(SimMember member, Entry entry);

    /// A power cut took a write from its writer.
    void lost(Entry entry);

    /// Not the program's own count, but the numbers of [StoreMessage].
    static void small(StoreMessage message) {
        boolean small =
                switch (message) {
                    case StoreMessage.Entries(var entries) ->
                            !entries.isEmpty()
                                    && entries.size() <= StoreMessage.MAX_ENTRIES
                                    && (entries.size() == 1
                                            || entries.stream()
                                                            .mapToInt(entry ->
                                                                    entry.key().length()
                                                                            + size(entry))
                                                            .sum()
                                                    <= StoreMessage.MAX_ENTRY_BYTES);
                    case StoreMessage.Digest digest ->
                            digest.hashes().size() == StoreMessage.RANGES
                                    && digest.known().size() <= StoreMessage.MAX_KNOWN;
                    case StoreMessage.Marks marks ->
                            marks.marks().size() <= StoreMessage.MAX_MARKS
                                    && marks.ranges().size() <= StoreMessage.RANGES
                                    && marks.ranges().stream()
                                            .allMatch(r -> r >= 0 && r < StoreMessage.RANGES);
                    case StoreMessage.Wanted(var keys) ->
                            !keys.isEmpty() && keys.size() <= StoreMessage.MAX_ENTRIES;
                    case StoreMessage.Rumour(var marks) ->
                            !marks.isEmpty() && marks.size() <= StoreMessage.MAX_MARKS;
                };
        if (!small) {
            throw new AssertionError("too large or empty: " + message);
        }
    }

    private static int size(Entry entry) {
        Value value = entry.value();
        return value == null ? 0 : value.sizeBytes();
    }
}
