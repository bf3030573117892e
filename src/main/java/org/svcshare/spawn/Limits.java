package org.svcshare.spawn;

import java.time.Duration;

/// What the server puts up with.
///
/// @param bodyBytes largest body of a request
/// @param headerBytes largest header, and largest first line, of a request
/// @param connections further ones are closed at once
/// @param idleTimeout how long a connection may be without a request, or a request without its end
record Limits(int bodyBytes, int headerBytes, int connections, Duration idleTimeout) {
    static final Limits USUAL = new Limits(1 << 20, 8 * 1024, 200, Duration.ofSeconds(60));
}
