package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The embedded IRC server; see `ircd` in `reference.conf`.
///
/// @param accounts SASL PLAIN passwords by account
/// @param tlsListen empty for no TLS; needs certificate and key
/// @param certificate PEM chain
/// @param key PEM private key, PKCS#8
/// @param maxClients further connections are refused with ERROR
/// @param floodBurst lines one client may send at once
/// @param floodInterval time for one more line
public record IrcdSettings(
        boolean enabled,
        Endpoint listen,
        String name,
        String network,
        Optional<Secret> password,
        Map<String, Secret> accounts,
        Optional<Endpoint> tlsListen,
        Optional<Path> certificate,
        Optional<Path> key,
        List<String> motd,
        int maxClients,
        int floodBurst,
        Duration floodInterval,
        Duration pingEvery,
        Duration pingTimeout,
        Duration registerTimeout) {}
