package org.svcshare.config;

import java.util.List;

/// Whom a bot believes; see `peers` in `reference.conf`.
///
/// @param secrets the first signs, all are accepted; at most two
/// @param signedOnly ignore messages without a valid code, all of generation 1 included
public record PeerSettings(List<Secret> secrets, boolean signedOnly) {
    public static final PeerSettings ANY = new PeerSettings(List.of(), false);
}
