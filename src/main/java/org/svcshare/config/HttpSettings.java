package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The HTTP server; see `http` in `reference.conf`.
///
/// @param listen port 0 takes a free one
/// @param listenSet whether somebody asked for this address, so that it must be had
/// @param tls empty for plain HTTP
/// @param tokens empty: everything is allowed, on loopback only
/// @param hosts more names that the `Host` header may have; `*` for any
/// @param legacy whether the paths of distributex are served beyond loopback
/// @param eventLoops threads that serve connections, at least 1
public record HttpSettings(
        boolean enabled,
        Endpoint listen,
        boolean listenSet,
        Optional<Tls> tls,
        List<Token> tokens,
        List<String> hosts,
        boolean legacy,
        int eventLoops,
        Limits limits) {

    /// What a token may do; each role may do what those before it may.
    public enum Role {
        READ,
        LOCK,
        ADMIN
    }

    /// @param name who holds it, for people
    public record Token(String name, Role role, Secret secret) {}

    /// Certificate and key in PEM, or both in a PKCS#12 file.
    ///
    /// @param key PEM, PKCS#8; empty where `certificate` is a PKCS#12 file
    public record Tls(Path certificate, Optional<Path> key, Optional<Secret> password) {}

    /// @param bodyBytes largest body of a request
    /// @param headerBytes largest header, and largest first line, of a request
    /// @param connections further ones are closed at once
    /// @param idleTimeout how long a connection may be without a request, or a request without its
    ///   end
    /// @param longestWait longest wait of an acquire
    public record Limits(
            int bodyBytes,
            int headerBytes,
            int connections,
            Duration idleTimeout,
            Duration longestWait) {}

    /// The same on another port that somebody asked for.
    public HttpSettings atPort(int port) {
        return new HttpSettings(
                true,
                new Endpoint(listen.host(), port),
                true,
                tls,
                tokens,
                hosts,
                legacy,
                eventLoops,
                limits);
    }
}
