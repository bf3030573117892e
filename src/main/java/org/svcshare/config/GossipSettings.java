package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// This svcshare as a member of a group that shares a store; see `gossip` in `reference.conf`.
///
/// @param name what the others call it: 1 to 60 letters, digits and `._-`; where another member has
///   the same, the group appends `-2`, `-3` …
/// @param group which group; members of another one are not spoken to
/// @param listen where this member listens, one TCP port; 0 for a free one
/// @param advertise where the others reach it, if that is not `listen`
/// @param seeds members to ask to be let in, itself perhaps among them; empty: founds a group
/// @param secret of the group, lower-case hexadecimal of 32 bytes or more
/// @param tls certificates, asked for on both sides; empty: connections are not TLS
/// @param interval between two rounds with a random member; 50 ms to 1 min
/// @param silentAfter how long a member may be silent until it counts as failed; 1 s to 5 min
/// @param clockAhead writes that are stamped further ahead of our clock are refused; 1 s to 1 d
/// @param tombstonesLive how long removed keys are remembered, and how long a member may be away
///   without its data being dropped; at least 1 s
/// @param limits of the store
/// @param folder where the store is kept over restarts
public record GossipSettings(
        String name,
        String group,
        Endpoint listen,
        Optional<Endpoint> advertise,
        List<Endpoint> seeds,
        Optional<Secret> secret,
        Optional<GroupSettings.Tls> tls,
        Duration interval,
        Duration silentAfter,
        Duration clockAhead,
        Duration tombstonesLive,
        Limits limits,
        Path folder) {

    /// @param keys live ones and tombstones; 1 to 1,000,000
    /// @param bytes of keys and values together; 64 KB to 1 GB
    public record Limits(int keys, long bytes) {}

    /// Where the others reach this member, as far as the settings tell: with port 0 it is found out
    /// when it listens.
    public Endpoint reachedAt() {
        return advertise.orElse(listen);
    }
}
