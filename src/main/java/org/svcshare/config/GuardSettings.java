package org.svcshare.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The lock that a bot's gate opens under; see `turn.guard` in `reference.conf`.
///
/// @param pool which pool it is
/// @param urls the pool at another svcshare, or at each node of a group of them; empty: it is one
///   of this node's
/// @param token what to say there to be let in
/// @param ca a PEM file of certificate authorities to believe there instead of the system's
/// @param lease how long the lock is held without renewal
public record GuardSettings(
        String pool, List<URI> urls, Optional<Secret> token, Optional<Path> ca, Duration lease) {

    public GuardSettings {
        urls = List.copyOf(urls);
    }

    /// The first of those elsewhere.
    public Optional<URI> url() {
        return urls.stream().findFirst();
    }
}
