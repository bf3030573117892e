package org.svcshare.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The controlled client program; see `client` in `reference.conf`.
///
/// @param type nzbget, sabnzbd, aria2, transmission, qbittorrent, hellanzb, exec or proxy
/// @param url where its control interface is; unused by exec and proxy
/// @param key API key or token, where the program has one
/// @param pollEvery how often the queue is asked for
/// @param timeout for one call
public record ClientSettings(
        String type,
        Optional<URI> url,
        Optional<String> user,
        Optional<Secret> password,
        Optional<Secret> key,
        Optional<String> category,
        TlsSettings tls,
        Duration pollEvery,
        Duration timeout,
        ExecSettings exec) {

    /// Commands of the user's own as argument lists; empty for none.
    ///
    /// @param queue prints the queue: a number of MB, or a JSON object
    /// @param enqueue gets the ids as further arguments
    public record ExecSettings(
            List<String> queue, List<String> pause, List<String> resume, List<String> enqueue) {
        public static final ExecSettings NONE =
                new ExecSettings(List.of(), List.of(), List.of(), List.of());
    }
}
