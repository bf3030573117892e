package org.svcshare.lock;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Reads server-sent events, as our servers write them: a name and one line of data.
final class ServerEvents {
    /// A value is up to 64 KiB, and some more when it is written down.
    private static final int MOST_LINE_BYTES = 4 << 20;

    private ServerEvents() {}

    /// Returns at the end, or when the listener has enough.
    static void read(InputStream in, ApiClient.Events to) throws IOException {
        String name = "";
        String data = "";
        var line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                if (line.size() >= MOST_LINE_BYTES) {
                    throw new IOException("an event that is too long");
                }
                line.write(c);
                continue;
            }
            String text = line.toString(StandardCharsets.UTF_8);
            line.reset();
            if (text.startsWith("event: ")) {
                name = text.substring("event: ".length());
            } else if (text.startsWith("data: ")) {
                data = text.substring("data: ".length());
            } else if (text.isEmpty() && !name.isEmpty()) {
                if (!to.on(name, data)) {
                    return;
                }
                name = "";
                data = "";
            }
        }
    }
}
