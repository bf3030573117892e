package org.svcshare.lock;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.Secret;

/// Whom a [LockClient] asks, and as whom.
///
/// @param servers tried in this order, one at least
/// @param token shown to them as a bearer token
/// @param ca a PEM file of certificate authorities to believe instead of the platform's
/// @param patience how long it goes on trying while none of them answers
public record Access(
        List<ServerAddress> servers, Optional<Secret> token, Optional<Path> ca, Duration patience) {

    public Access {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("no server to ask");
        }
        if (token.isPresent() && !token.get().reveal().matches("[!-~]+")) {
            throw new IllegalArgumentException(
                    "the token has blanks or signs that a header cannot carry, or is empty");
        }
    }
}
