package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Records as text, for tests.
final class Records {
    private Records() {}

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    /// All records from `from` on.
    static List<String> all(Journal journal, long from) throws IOException {
        var found = new ArrayList<String>();
        journal.replay(
                from,
                (index, payload) -> {
                    if (index != from + found.size()) {
                        throw new IllegalStateException(index + " after " + found);
                    }
                    found.add(text(payload));
                });
        return found;
    }
}
